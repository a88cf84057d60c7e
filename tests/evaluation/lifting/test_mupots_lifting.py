"""The program on a made-up sequence: two people who stand still, whom stand-ins for the networks know."""

import json
from types import SimpleNamespace

import numpy as np
import pytest

from duopose.evaluation.lifting import mupots_lifting
from duopose.networks.normalisation import VIEW, facing
from duopose.nodes.top_down.lifting import Networks

FRAMES, FOCAL = 9, 800.0
ROOTS = np.array([[0, 0, 4.0], [2.0, 0, 5.0]])
CAMERA = np.array([FOCAL, FOCAL, 511.5, 511.5])  # of the picture 1,024 pixels wide


def pose():
    """[17, 3] metres about the pelvis."""
    joints = np.random.default_rng(0).uniform([-0.4, -0.8, -0.2], [0.4, 0.8, 0.2], (17, 3))
    return joints - joints[0]


@pytest.fixture
def folder(tmp_path):
    seen, truth = (
        {},
        {
            "h36m_from_mupots": np.arange(17),
            "TS01/intrinsics_fx_fy_cx_cy_2048": 2 * CAMERA,
            "TS01/size_wh": np.array([2048, 2048]),
        },
    )
    for number, root in enumerate(ROOTS):
        joints = pose() + root
        pixels = joints[:, :2] / joints[:, 2:] * FOCAL + CAMERA[2:]
        seen[f"TS01_{number}/p2d"] = np.repeat(pixels[None], FRAMES, 0)
        truth[f"TS01_{number}/joints_mm"] = np.repeat(1000 * joints[None], FRAMES, 0)
        truth[f"TS01_{number}/valid"] = np.arange(FRAMES) != 2
    np.savez(tmp_path / "mupots2d.npz", **seen)
    np.savez(tmp_path / "mupots_gt.npz", **truth)
    return tmp_path


class Known:
    """A temporal network that answers from the view of the newest frame."""

    def __init__(self, answer):
        self.answer, self.arguments = answer, {"frames": 27, "lookaheads": [0]}

    def __call__(self, windows):
        return (self.answer(windows[:, -1, VIEW])[:, None].astype(np.float32),)


def networks(scale=1.0):
    """They say `scale` times the true pose and depth, in the camera that faces the person."""

    def turned(view):
        return scale * pose() @ np.swapaxes(facing(view[..., :2]), -1, -2)

    def depth(view):
        roots = ROOTS[(view[:, 0] > 0.2).astype(int)]
        return np.log(scale * np.einsum("nj,nj->n", facing(view[:, :2])[:, 2], roots)) + view[:, 2]

    return Networks(lambda points, _, view: (turned(view).astype(np.float32),), Known(turned), Known(depth))


def test_the_truth_scores_everything(folder):
    (figures,) = mupots_lifting.measure(networks(), folder)
    for name in ("pck", "pck_pa", "pck_abs_normalised", "pck_abs"):
        assert figures[name] == pytest.approx(100), name
    assert figures["mpjpe"] == pytest.approx(0, abs=0.5)
    assert figures["depth_pct"] == pytest.approx(0, abs=0.05)


def test_a_larger_person_farther_off_has_the_right_pose_in_the_wrong_place(folder):
    (figures,) = mupots_lifting.measure(networks(1.1), folder)
    assert figures["pck"] == pytest.approx(100)  # bones as long as the truth's
    assert figures["pck_abs"] == 0
    assert figures["depth_pct"] == pytest.approx(10, abs=0.1)
    assert figures["depth_scaled_pct"] == pytest.approx(
        0, abs=0.3
    )  # one scale per sequence, though the lens is guessed


def test_the_program_ends_with_json(folder, monkeypatch, capsys):
    monkeypatch.setattr(mupots_lifting, "find", lambda profile: SimpleNamespace(lifting_networks=networks))
    mupots_lifting.main([str(folder)])
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["pck"] == pytest.approx(100)
