import numpy as np
import pytest

from duopose.kernels.reprojection import fit_depth, root_at
from tests.kernels import naive


def seen_poses(n, noise=0.0):
    """n relative poses [n, 17, 3], where they stand [n, 3], rays on which they are seen, weights with some zeros."""
    rng = np.random.default_rng(n)
    joints = rng.normal(0, 0.3, (n, 17, 3))
    roots = rng.uniform([-1, -1, 2], [1, 1, 8], (n, 3))
    points = joints + roots[:, None]
    rays = points[..., :2] / points[..., 2:] + rng.normal(0, noise, (n, 17, 2))
    weight = rng.uniform(0.2, 1, (n, 17)) * (rng.random((n, 17)) < 0.8)
    return (a.astype(np.float32) for a in (joints, roots, rays, weight))


@pytest.mark.parametrize("n", [0, 1, 20])
def test_a_pose_is_put_where_it_was_seen(n):
    joints, roots, rays, weight = seen_poses(n)
    depth = fit_depth(joints, rays, weight)
    np.testing.assert_allclose(depth, roots[:, 2], rtol=1e-3)
    np.testing.assert_allclose(root_at(joints, rays, weight, depth), roots, rtol=1e-2, atol=1e-3)


def test_depth_and_place_match_least_squares():
    joints, _, rays, weight = seen_poses(30, noise=0.01)
    expect = [naive.fit_root(*pose) for pose in zip(joints.astype(float), rays, weight, strict=True)]
    depth = fit_depth(joints, rays, weight)
    np.testing.assert_allclose(depth, np.array(expect)[:, 2], rtol=1e-3)
    np.testing.assert_allclose(root_at(joints, rays, weight, depth), expect, rtol=1e-2, atol=1e-3)


def test_joints_that_were_not_seen_may_be_anywhere():
    joints, _, rays, weight = seen_poses(3)
    depth = fit_depth(joints, rays, weight)
    joints[weight == 0], rays[weight == 0] = np.nan, np.nan
    np.testing.assert_array_equal(fit_depth(joints, rays, weight), depth)


def test_too_few_joints_and_poses_behind_the_camera_have_no_depth():
    joints, _, rays, weight = seen_poses(2)
    weight[0, 4:] = 0
    rays[1] = -rays[1]  # upside down and mirrored: it would have to stand behind
    assert np.isnan(fit_depth(joints, rays, weight)).all()
    nobody = np.zeros_like(weight)
    assert np.isnan(root_at(joints, rays, nobody, np.ones(2, np.float32))[:, :2]).all()
