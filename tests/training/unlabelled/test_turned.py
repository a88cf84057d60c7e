"""Pseudo-labels seen from elsewhere."""

import numpy as np

from duopose.networks.integration import Integration
from duopose.stream.skeleton import PELVIS
from duopose.training.mocap.cameras import rays_of
from duopose.training.unlabelled.turned import TURNS, Turned, lift_single_frame
from tests.training.unlabelled import made_up


def test_turned_pseudo_labels_are_the_teachers_and_lifted_from_what_is_seen_of_them():
    networks, (found, _) = made_up.networks(), made_up.people()
    turned = Turned(networks, Integration(channels=8).eval(), found, np.random.default_rng(0))
    assert turned.poses.shape == turned.top.shape == (TURNS, 12, 17, 3)
    for poses, top in zip(turned.poses, turned.top, strict=True):
        np.testing.assert_allclose(poses[:, PELVIS], turned.labels[:, PELVIS], atol=1e-5)
        np.testing.assert_allclose(poses[..., 1], turned.labels[..., 1], atol=1e-5)
        np.testing.assert_allclose(top, lift_single_frame(networks, rays_of(poses), found.confidence), atol=1e-6)
    assert np.abs(turned.poses[0] - turned.poses[1]).max() > 0.1
    features, joints = turned.draw(np.array([3, 3, 5]), np.random.default_rng(0))
    assert (len(features), joints.shape) == (3, (3, 17, 3))
    size = np.linalg.norm(turned.labels[3] - turned.labels[3, PELVIS], axis=-1)
    np.testing.assert_allclose(np.linalg.norm(joints[0], axis=-1), size, atol=1e-5)  # a turn keeps distances
