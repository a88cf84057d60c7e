import numpy as np
import pytest

from duopose.networks import normalisation
from duopose.networks.mirroring import mirror_joints
from duopose.stream.skeleton import BODY17
from duopose.training.mocap import observation
from duopose.training.tracks import windows
from duopose.training.tracks.reading import Tracks
from tests.evaluation.copies import standing

J = {name: joint for joint, name in enumerate(BODY17)}


def walk(frames, rate=30.0, seen=1.0, z=4.0):
    """Someone who walks to the right, 2 cm a frame."""
    joints = np.array([standing(1 + 0.02 * frame, z) for frame in range(frames)], np.float32)
    return Tracks(joints, np.array([0]), np.array([frames]), np.array([rate]), np.full((frames, 17), seen, np.float16))


def exact(rays, rng, strength=1.0):
    return rays.astype(np.float32), np.ones(rays.shape[:3], np.float32)


def test_what_a_window_asks_for_leads_back_to_the_true_pose(monkeypatch):
    monkeypatch.setattr(observation, "standard", exact)
    tracks = walk(40)
    drawn = windows.draw_standard(tracks, np.array([30, 39]), np.random.default_rng(0), 9, (0, 4))
    newest = drawn.points[:, -1], drawn.confidence[:, -1], drawn.view[:, -1]
    placed = normalisation.place(drawn.joints[:, 0], drawn.log_depth[:, 0], *newest)
    np.testing.assert_allclose(placed, tracks.joints[[30, 39]], atol=2e-3)
    np.testing.assert_allclose(drawn.camera_joints[:, 1], tracks.joints[[26, 35]], atol=1e-5)
    assert (drawn.valid == 1).all()


def test_time_runs_as_fast_as_the_clip_says():
    tracks = walk(20, rate=15.0)
    drawn = windows.draw_standard(tracks, np.array([10]), np.random.default_rng(0), 9, (0, 2, 3))
    np.testing.assert_allclose(drawn.camera_joints[0, 1], tracks.joints[9], atol=1e-5)
    np.testing.assert_allclose(drawn.camera_joints[0, 2], (tracks.joints[8] + tracks.joints[9]) / 2, atol=1e-5)


def test_nothing_is_known_of_the_time_before_a_track():
    drawn = windows.draw_standard(walk(20), np.array([3, 19]), np.random.default_rng(0), 9, (0, 4))
    assert drawn.valid.tolist() == [[0] * 5 + [1] * 4, [1] * 9]
    assert (drawn.grid[0, :5] == 0).all()


def test_who_was_seen_once_fills_the_window():
    drawn = windows.draw(walk(1), 40, np.random.default_rng(0), 9, (0, 4))
    assert (drawn.grid[..., -1] == 1).all()
    assert (drawn.valid == 1).all()
    np.testing.assert_array_equal(drawn.camera_joints[:, 0], drawn.camera_joints[:, 1])


def test_half_of_the_windows_are_mirrored_and_nothing_else_is_changed():
    tracks = walk(1)
    drawn = windows.draw(tracks, 60, np.random.default_rng(1), 9, (0,)).camera_joints[:, 0]
    far = [np.abs(drawn - pose).max((1, 2)) for pose in (tracks.joints[0], mirror_joints(tracks.joints[0]))]
    assert np.minimum(*far).max() < 1e-6
    assert 15 < (far[0] < far[1]).sum() < 45


def test_what_the_set_does_not_label_is_neither_seen_nor_asked_for():
    tracks = walk(30)
    tracks.joints[:, J["nose"]], tracks.seen[:, J["nose"]] = np.nan, 0
    drawn = windows.draw(tracks, 50, np.random.default_rng(2), 9, (0, 4))
    assert (drawn.labelled == (np.arange(17) != J["nose"])).all()
    assert (drawn.confidence[..., J["nose"]] == 0).all()
    assert all(np.isfinite(part).all() for part in drawn)


def test_joints_outside_the_picture_are_missing_and_hidden_ones_in_half_of_the_windows():
    tracks = walk(30)
    tracks.seen[:, J["left_ankle"]], tracks.seen[:, J["left_wrist"]] = 0, 0.6
    drawn = windows.draw(tracks, 600, np.random.default_rng(3), 9, (0,))
    same = drawn.confidence[drawn.camera_joints[:, 0, J["pelvis"], 0] > 0]  # the others are seen in a mirror
    assert (same[..., J["left_ankle"]] == 0).all()
    found = {name: (same[..., J[name]] > 0).any(1).mean() for name in ("left_wrist", "right_wrist")}
    assert found["left_wrist"] == pytest.approx(found["right_wrist"] / 2, abs=0.1)
    assert same[..., J["left_wrist"]].max() <= 0.61


def test_at_least_three_joints_of_the_newest_frame_are_seen():
    tracks = walk(30, seen=0.0)
    tracks.seen[:, [J["left_wrist"], J["left_elbow"], J["nose"]]] = 1
    drawn = windows.draw(tracks, 200, np.random.default_rng(4), 9, (0,))
    assert ((drawn.confidence[:, -1] > 0).sum(-1) >= 3).all()
    assert (drawn.valid[:, -1] == 1).all()
