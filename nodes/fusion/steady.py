"""Steady distances: a depth estimated from one camera changes more than people move, so it is filtered.

A Kalman filter of the logarithm of each person's root depth and of its rate, by media time. It estimates the velocity,
so it does not lag behind a person who walks at a constant speed. The pose moves along its own ray, so it stays over the
picture.
"""

import numpy as np

from duopose.stream.skeleton import PELVIS

# Notes in brackets: what changes at 0.7 and 1.4 times the value (docs/experiments.md, Thresholds).
# Shake is the mean change of a person's distance from one frame to the next; as it is, 1.4 %.

# Standard deviation of a measured log depth. Errors whose median is 4.7 % (README) would have 0.07 if they were normal
# and independent; those of neighbouring frames go together. [shake +0.11, -0.14 %]
NOISE = 0.08
# 1 / s**3, density of the white noise of the rate: about 0.5 m/s per second at 4 m. [shake -0.06, +0.06 %]
ACCELERATION = 0.1
FIRST_RATE = 0.2  # 1 / s, standard deviation of a new person's rate: 0.8 m/s at 4 m, half of walking speed [small]
# Standard deviations from the prediction beyond which a measurement counts less: 95 % lie within. [shake -0.05 %,
# small]
OUTLIER = 2.0
# s out of sight until a person's filter starts again: by then the prediction has four times NOISE. [small]
FORGET = 1.5


class Steady:
    """The filters of everyone in the scene. Knows nothing of sockets."""

    def __init__(self):
        self.filters = {}  # identity -> [stamp in s, state [2], covariance [2, 2]]

    def step(self, ids, joints, stamp):
        """Poses of one frame -> the same poses at filtered distances.

        ids     int [N]             identities
        joints  float32 [N, 17, 3]  metres, camera frame
        stamp   s, media time
        ->      float32 [N, 17, 3]
        """
        joints = joints.copy()
        for index, identity in enumerate(ids.tolist()):
            root = joints[index, PELVIS]
            if root[2] > 0:
                depth = np.exp(self.filter(identity, float(np.log(root[2])), stamp))
                joints[index] += root * np.float32(depth / root[2] - 1)
        self.filters = {key: kept for key, kept in self.filters.items() if abs(stamp - kept[0]) <= FORGET}
        return joints

    def filter(self, identity, log_depth, stamp):
        """A person's measured log depth -> the filtered one."""
        kept = self.filters.get(identity)
        if kept is None or not 0 < stamp - kept[0] <= FORGET:
            self.filters[identity] = [stamp, np.array([log_depth, 0.0]), np.diag([NOISE**2, FIRST_RATE**2])]
            return log_depth
        before, state, covariance = kept
        passed = stamp - before
        move = np.array([[1.0, passed], [0.0, 1.0]])
        growth = ACCELERATION * np.array([[passed**3 / 3, passed**2 / 2], [passed**2 / 2, passed]])
        state, covariance = move @ state, move @ covariance @ move.T + growth
        surprise = log_depth - state[0]
        expected = np.sqrt(covariance[0, 0] + NOISE**2)
        noise = NOISE * max(1.0, abs(surprise) / (OUTLIER * expected))
        gain = covariance[:, 0] / (covariance[0, 0] + noise**2)
        state = state + gain * surprise
        self.filters[identity] = [stamp, state, covariance - np.outer(gain, covariance[0])]
        return float(state[0])
