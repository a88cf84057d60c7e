"""The row without the bottom-up branch, on one packaged picture with the shipped networks."""

import cv2
import numpy as np
import pytest

from duopose.evaluation.runs import top_down_alone
from duopose.nodes.chain import Chain, load_networks
from duopose.nodes.profile import find
from duopose.training.datasets.reading.video import video
from tests.places import ROOT


@pytest.fixture(scope="module")
def still(tmp_path_factory):
    """A set of one picture: (folder, gt)."""
    folder = tmp_path_factory.mktemp("set")
    image = video(ROOT / "evaluation" / "clips" / "crossing.mp4").read(0)
    cv2.imwrite(str(folder / "0.png"), np.ascontiguousarray(image[..., ::-1]))
    lens = {"fx": 554.26, "fy": 554.26, "cx": 319.5, "cy": 179.5, "width": 640, "height": 360}
    lens["dist_k1k2p1p2k3"] = [0, 0, 0, 0, 0]
    return folder, {"frames": [{"image": "0.png", "camera": lens, "persons": []}]}


def test_fusion_gets_the_top_down_pose_and_nothing_else(still, tmp_path):
    (found,) = top_down_alone.obtain(tmp_path / "a.jsonl", *still, find("lite"))
    assert len(found.ids) == 2
    assert np.isfinite(found.poses["top_down"]).all()
    assert np.isnan(found.poses["bottom_up"]).all()
    chain = Chain.of(load_networks())
    ((pixels, frame),) = top_down_alone.pictures(*still)
    top, bottom = chain.branches(pixels, frame)
    alone, both = chain.fusion.step(top, None), chain.fusion.step(top, bottom)
    np.testing.assert_allclose(found.poses["fused"], alone.joints, atol=2e-3)
    assert np.abs(found.poses["fused"] - both.joints[:2]).max() > 0.02


def test_a_record_that_is_there_is_taken(still, tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"frame": 0, "file": "0.png", "stamp": 0, "people": []}\n')
    (found,) = top_down_alone.obtain(path, *still, None)
    assert len(found.ids) == 0
