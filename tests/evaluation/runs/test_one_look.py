"""One look at a picture, as a live run has that can't keep up, with the shipped networks."""

import cv2
import numpy as np
import pytest

from duopose.evaluation.runs import one_look, records
from duopose.stream.errors import UsageError
from duopose.training.datasets.reading.video import video
from tests.places import ROOT


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """A folder with one picture of two people, twice."""
    folder = tmp_path_factory.mktemp("pictures")
    image = video(ROOT / "evaluation" / "clips" / "crossing.mp4").read(0)
    for name in ("a.png", "b.png"):
        cv2.imwrite(str(folder / name), np.ascontiguousarray(image[..., ::-1]))
    return folder


def test_each_picture_is_looked_at_by_itself(pictures, tmp_path):
    one, other = one_look.obtain(tmp_path / "a.jsonl", pictures, "full")
    assert (one.file, other.file) == ("a.png", "b.png")
    assert len(one.ids) == 2
    np.testing.assert_array_equal(one.coco, other.coco)


def test_a_step_with_less_work_sees_less_clearly_and_the_bottom_up_branch_rests(pictures, tmp_path):
    full, small = (one_look.obtain(tmp_path / step, pictures, step)[0] for step in ("full", "small crops"))
    assert len(small.ids) == 2
    away = np.linalg.norm(full.coco[..., :2] - small.coco[..., :2], axis=-1)
    assert 0.5 < np.median(away) < 8
    assert np.isnan(small.poses["bottom_up"]).all()


def test_an_option_that_nothing_would_come_of_is_refused(pictures, tmp_path):
    with pytest.raises(UsageError, match="no other option of duopose, not --fov 70"):
        one_look.obtain(tmp_path / "a.jsonl", pictures, "full", "--fov", "70")


def test_a_record_that_is_there_is_taken(pictures, tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"frame": 0, "file": "0.png", "stamp": 0, "people": []}\n')
    assert [found.file for found in one_look.obtain(path, pictures, "full")] == ["0.png"]
    assert records.read(path)[0].file == "0.png"
