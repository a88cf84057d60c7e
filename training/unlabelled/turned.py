"""Pseudo-labels seen from elsewhere: turned about the vertical and lifted again (supplement, Fig. 9)."""

import numpy as np
import torch

from duopose.networks.pairs import describe, resolve
from duopose.nodes.top_down.lifting import lift_windows, window_features
from duopose.training.mocap.cameras import rays_of
from duopose.training.pairs.batches import augmented, target
from duopose.training.pairs.simulated import bottom_up
from duopose.training.unlabelled.consistency import turned_about_vertical

TURNS = 6  # directions from which each person is seen; lifting costs 0.4 s of a core for 500 people from each
NEAREST = 0.2  # m: a turn that brings a joint nearer to the camera is not made
LIFTED = 512  # people a call


class Turned:
    """People nobody measured as a teacher sees them, each from TURNS random directions, and what the lifting networks
    make of that.

    networks     nodes.top_down.lifting.Networks
    teacher      networks.integration.Integration in eval mode, which writes the pseudo-labels
    unlabelled   training.unlabelled.people.Unlabelled of N people
    """

    def __init__(self, networks, teacher, unlabelled, rng):
        features, reference = describe(*unlabelled[:4])
        with torch.no_grad():
            joints, root = (out.numpy() for out in teacher(torch.from_numpy(features))[:2])
        self.labels, self.confidence = resolve(joints, root, reference), unlabelled.confidence
        self.poses = np.stack([self.turn(rng) for _ in range(TURNS)])  # [TURNS, N, 17, 3]
        self.top = np.stack([self.lifted(networks, poses) for poses in self.poses])

    def turn(self, rng):
        """Everyone from a random direction."""
        angle = rng.uniform(0, 2 * np.pi, len(self.labels)).astype(np.float32)
        poses = turned_about_vertical(self.labels, angle)
        behind = (poses[..., 2] < NEAREST).any(1)
        poses[behind] = self.labels[behind]
        return poses

    def lifted(self, networks, poses):
        """The top-down branch's poses of all N people where they stand now."""
        parts = [slice(first, first + LIFTED) for first in range(0, len(poses), LIFTED)]
        return np.concatenate(
            [lift_single_frame(networks, rays_of(poses[part]), self.confidence[part]) for part in parts]
        )

    def draw(self, people, rng):
        """What the integration network is given of these people, indices [P], each turned somehow, and the joints that
        it should answer: two float32 arrays."""
        direction = rng.integers(TURNS, size=len(people))
        poses = self.poses[direction, people]
        top, confidence = self.top[direction, people], self.confidence[people]
        features, reference = describe(*augmented(top, confidence, *bottom_up(poses, rng), rng))
        return features, target(poses, reference)[0]


def lift_single_frame(networks, rays, confidence):
    """People seen once, [N, 17, 2] and confidence [N, 17] -> the top-down poses [N, 17, 3]: the window holds one
    frame."""
    features = window_features(networks, rays.astype(np.float32), confidence)
    return lift_windows(networks, np.repeat(features[:, None], networks.joint_tcn.arguments["frames"], 1))
