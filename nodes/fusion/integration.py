"""Integration: two poses of one person, one from each branch, become one (paper 3.3). Runs inside the node fusion."""

from typing import NamedTuple

import numpy as np

from duopose.networks.pairs import FEATURES, describe, resolve


class Fused(NamedTuple):
    """Poses of N people, and how sure they are: 68 % of errors are smaller; NaN where nobody says."""

    joints: np.ndarray  # float32 [N, 17, 3]  metres, camera frame, complete
    depth_sd: np.ndarray  # float32 [N]       of the log of the root's depth
    joint_sd: np.ndarray  # float32 [N, 17]   metres, of each joint's place relative to the root


def unsure(joints):
    """Poses [N, 17, 3] of which nobody says how sure they are -> Fused."""
    nobody = np.full(joints.shape[:2], np.nan, np.float32)
    return Fused(joints, nobody[:, 0], nobody)


def prepare(network):
    """The network, each batch size compiled before the first frame."""
    from duopose.networks.runtime import BUCKETS

    network(np.zeros((sum(BUCKETS), FEATURES), np.float32))
    return network


class Integration:
    """Knows nothing of sockets, and nothing of earlier frames.

    network   float32 [N, FEATURES] -> float32 [N, 17, 3], [N, 3], [N, 18]; see networks/integration.py
    """

    def __init__(self, network):
        self.network = network

    def step(self, top, top_confidence, bottom, bottom_confidence):
        """Poses of N people from both branches -> fused poses.

        top, bottom              float32 [N, 17, 3]  metres, camera frame; NaN where a branch has none (never in both)
        top_, bottom_confidence  float32 [N, 17]     0..1
        ->                       Fused
        """
        if len(top) == 0:
            return unsure(np.zeros((0, 17, 3), np.float32))
        features, reference = describe(top, top_confidence, bottom, bottom_confidence)
        joints, root, spread = self.network(features)
        sd = np.exp(spread)
        return Fused(resolve(joints, root, reference), sd[:, 0], sd[:, 1:])
