"""Integration: two poses of one person, one from each branch, become one (paper 3.3). Runs inside the node fusion."""

import numpy as np

from duopose.networks.pairs import FEATURES, describe, resolve


def prepare(network):
    """The network, each batch size compiled before the first frame."""
    from duopose.networks.runtime import BUCKETS

    network(np.zeros((sum(BUCKETS), FEATURES), np.float32))
    return network


class Integration:
    """Knows nothing of sockets, and nothing of earlier frames.

    network   float32 [N, FEATURES] -> float32 [N, 17, 3], float32 [N, 3]; see networks/integration.py
    """

    def __init__(self, network):
        self.network = network

    def step(self, top, top_confidence, bottom, bottom_confidence):
        """Poses of N people from both branches -> fused poses.

        top, bottom              float32 [N, 17, 3]  metres, camera frame; NaN where a branch has none (never in both)
        top_, bottom_confidence  float32 [N, 17]     0..1
        ->                       float32 [N, 17, 3]  complete
        """
        if len(top) == 0:
            return np.zeros((0, 17, 3), np.float32)
        features, reference = describe(top, top_confidence, bottom, bottom_confidence)
        return resolve(*self.network(features), reference).astype(np.float32)
