import numpy as np
import pytest

from duopose.kernels.procrustes import procrustes
from tests.kernels import naive


def poses(seed, noise=0.0, count=5):
    """Poses, and the same turned, scaled, moved, and disturbed by so much."""
    rng = np.random.default_rng(seed)
    goal = rng.normal(size=(count, 17, 3))
    turn = np.linalg.qr(rng.normal(size=(count, 3, 3)))[0]
    turn *= np.sign(np.linalg.det(turn))[:, None, None]
    moved = rng.uniform(0.5, 2, (count, 1, 1)) * goal @ turn + rng.normal(size=(count, 1, 3))
    return moved + noise * rng.normal(size=moved.shape), goal


@pytest.mark.parametrize("scale", [True, False])
@pytest.mark.parametrize("weighted", [True, False])
def test_it_moves_each_pose_as_its_naive_twin_does(scale, weighted):
    moving, goal = poses(1, noise=0.3)
    weight = np.random.default_rng(2).random(moving.shape[:2]) if weighted else None
    rows = weight if weighted else np.ones(moving.shape[:2])
    expect = [naive.procrustes(*row, scale) for row in zip(moving, goal, rows, strict=True)]
    np.testing.assert_allclose(procrustes(moving, goal, scale, weight), expect, atol=1e-6)


def test_what_was_only_moved_comes_back():
    moving, goal = poses(3)
    np.testing.assert_allclose(procrustes(moving, goal), goal, atol=1e-9)


def test_lengths_stay_where_scale_is_not_wished():
    moving, goal = poses(4)
    length = [
        np.linalg.norm(np.diff(pose, axis=1), axis=-1) for pose in (moving, procrustes(moving, goal, scale=False))
    ]
    np.testing.assert_allclose(*length, atol=1e-9)


def test_a_mirror_image_is_not_turned_into_its_original():
    _, goal = poses(5)
    assert np.abs(procrustes(goal * [-1, 1, 1], goal) - goal).max() > 0.1


def test_a_joint_without_weight_does_not_count_but_is_moved():
    moving, goal = poses(6)
    weight = np.ones(moving.shape[:2])
    weight[:, 3] = 0
    astray = moving.copy()
    astray[:, 3] += 10
    found = procrustes(astray, goal, weight=weight)
    others = np.arange(17) != 3
    np.testing.assert_allclose(found[:, others], goal[:, others], atol=1e-9)
    assert np.linalg.norm(found[:, 3] - goal[:, 3], axis=-1).min() > 1
