"""Cameras on a desk see people near by, and their pictures cut off what does not fit in."""

import numpy as np

from duopose.stream.skeleton import L_HIP, L_SHOULDER, NOSE, R_HIP, R_SHOULDER, THORAX
from duopose.training.mocap import observation
from duopose.training.mocap.cameras import FARTHEST, NEAREST, desk_cameras, filmed, rays_of
from tests.painted import upright


def people(count, frames=3):
    """Who stand on the ground of motion capture, Y up, turned anywhere: float32 [B, S, 17, 3]"""
    rng = np.random.default_rng(0)
    body = upright() * [1, -1, 1]
    angle = rng.uniform(0, 2 * np.pi, count)[:, None]
    x, z = (
        body[:, 0] * np.cos(angle) + body[:, 2] * np.sin(angle),
        body[:, 2] * np.cos(angle) - body[:, 0] * np.sin(angle),
    )
    height = np.broadcast_to(body[:, 1] + 0.95, x.shape)
    return np.repeat(np.stack([x, height, z], -1)[:, None].astype(np.float32), frames, axis=1)


def seen_from_desks(count=500):
    standing = people(count)
    return filmed(standing, desk_cameras(standing, np.random.default_rng(1)))


def test_a_desk_camera_sees_the_chest_near_by_and_mostly_from_the_front():
    joints = seen_from_desks()[:, -1]
    assert 0.85 * NEAREST < joints[:, THORAX, 2].min() < joints[:, THORAX, 2].max() < 1.15 * FARTHEST
    rays = rays_of(joints)
    assert (np.abs(rays[:, THORAX]).mean(0) < 0.35).all()
    left_is_right = rays[:, L_SHOULDER, 0] > rays[:, R_SHOULDER, 0]  # as in a picture of who looks at us
    assert left_is_right.mean() > 0.9


def test_what_does_not_fit_into_the_picture_is_missing():
    rays = rays_of(seen_from_desks())
    rng = np.random.default_rng(0)
    cut = observation._too_large(rays, rng)
    assert cut[:, -1, [L_HIP, R_HIP]].mean() > 0.3
    assert cut[:, -1, NOSE].mean() < 0.3
    far = rays_of(filmed(people(50), desk_cameras(people(50), rng)) + [0, 0, 5])
    assert not observation._too_large(far, rng).any()
