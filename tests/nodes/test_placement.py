import numpy as np
import pytest

from duopose.kernels.camera import constants, project
from duopose.nodes.placement import HEAD, MAX_LOG_RATIO, adjust_depth, centre, rays_of
from duopose.stream.messages import Camera

CAMERA = Camera(900.0, 900.0, 640.0, 360.0, "file", (-0.1, 0.02, 0.0, 0.0, 0.0))


def standing(n=3):
    """n poses in the camera frame, and where their joints are seen."""
    rng = np.random.default_rng(1)
    joints = rng.normal(0, 0.3, (n, 17, 3)) + rng.uniform([-1, -0.5, 3], [1, 0.5, 6], (n, 1, 3))
    joints = joints.astype(np.float32)
    pixels = project(joints.reshape(-1, 3), *constants(CAMERA)).reshape(n, 17, 2)
    return joints, np.concatenate([pixels, np.ones((n, 17, 1), np.float32)], -1)


def placed_where_seen(joints, body):
    return adjust_depth(joints, rays_of(body, CAMERA), body[..., 2])


def moved(joints, factor):
    """The same poses with their roots at `factor` times the distance, as a wrong guess of depth puts them."""
    return joints + joints[:, :1] * np.float32(factor - 1)


def test_nobody_is_placed_nowhere():
    joints, body = standing()
    assert placed_where_seen(joints[:0], body[:0]).shape == (0, 17, 3)


def test_a_pose_that_fits_stays():
    joints, body = standing()
    np.testing.assert_allclose(placed_where_seen(joints, body), joints, atol=2e-3)


@pytest.mark.parametrize("factor", [0.8, 1.25])
def test_a_wrong_guess_of_depth_is_half_mended_and_the_pose_lies_over_the_picture(factor):
    joints, body = standing()
    placed = placed_where_seen(moved(joints, factor), body)
    np.testing.assert_allclose(placed[:, 0, 2], joints[:, 0, 2] * np.sqrt(factor), rtol=2e-3)
    np.testing.assert_allclose(placed - placed[:, :1], joints - joints[:, :1], atol=1e-5)
    off = project(placed.reshape(-1, 3), *constants(CAMERA)).reshape(body.shape[:2] + (2,)) - body[..., :2]
    assert np.abs(off.mean(1)).max() < 12  # centred on the person; its size is that of the wrong depth
    assert np.isfinite(placed).all()


@pytest.mark.parametrize("spoil", ["too far apart", "too few joints", "not seen"])
def test_without_two_guesses_that_agree_the_network_has_the_word(spoil):
    joints, body = standing()
    if spoil == "too far apart":
        joints = moved(joints, np.exp(MAX_LOG_RATIO) + 0.05)
    elif spoil == "too few joints":
        body[:, 4:] = 0
    else:
        body[:] = 0
    np.testing.assert_array_equal(placed_where_seen(joints, body), joints)


def test_the_head_does_not_count():
    joints, body = standing()
    expect = placed_where_seen(joints, body)
    body[:, HEAD, :2] += 200
    np.testing.assert_array_equal(placed_where_seen(joints, body), expect)


def test_a_pose_beside_the_picture_is_centred_at_its_own_distance():
    joints, body = standing()
    rays = rays_of(body, CAMERA)
    aside = joints + np.float32([0.3, -0.2, 0])
    placed = centre(aside, rays, body[..., 2])
    np.testing.assert_allclose(placed, joints, atol=2e-3)
    body[0, 2:, 2] = 0  # two joints are left: too few
    assert (centre(aside, rays, body[..., 2])[0] == aside[0]).all()
    assert centre(joints[:0], rays[:0], body[:0, :, 2]).shape == (0, 17, 3)
