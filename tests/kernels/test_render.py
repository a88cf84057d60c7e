import numpy as np
import pytest

from duopose.kernels.render import draw_joints
from tests.kernels import naive


@pytest.mark.parametrize("n", [0, 1, 5])
def test_planes_match_their_definition(n):
    rng = np.random.default_rng(n)
    joints = rng.uniform([-5, -5, 0], [45, 35, 1], (n, 4, 3)).astype(np.float32)
    joints[::2, 1, 2] = 0
    sizes = rng.uniform(5, 80, n).astype(np.float32)
    planes = draw_joints(joints, sizes, 30, 40)
    assert planes.shape == (4, 30, 40)
    expect = naive.draw_joints(joints, sizes, 30, 40)
    assert np.abs(planes.astype(int) - expect).max(initial=0) <= 1  # the same but for rounding


def test_a_missing_joint_and_one_that_is_no_number_draw_nothing():
    joints = np.array([[[5, 5, 0], [np.nan, 5, 1], [5, 5, np.nan], [np.inf, 5, 1]]], np.float32)
    assert not draw_joints(joints, np.full(1, 20, np.float32), 10, 10).any()


def test_where_people_overlap_the_higher_one_is_seen():
    joints = np.array([[[5, 5, 0.4]], [[5, 5, 0.8]], [[5, 5, 0.6]]], np.float32)
    assert draw_joints(joints, np.full(3, 20, np.float32), 10, 10)[0, 5, 5] == round(255 * 0.8)
