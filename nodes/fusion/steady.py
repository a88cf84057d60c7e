"""Steady distances: one camera's guess of a person's depth shakes from frame to frame far more than people move.

A Kalman filter of the logarithm of each person's root depth and its rate, by media time. It knows velocity, so someone who
walks at a constant pace is not held back; the pose slides along its own ray, so the picture stays the same.
"""

import numpy as np

from duopose.stream.skeleton import PELVIS

NOISE = 0.08  # of one measured log depth: the guess is off by so much at random, and for some frames on end
ACCELERATION = (
    0.1  # 1 / s**3, density of the white noise that changes the rate: half a metre per second and second at 4 m
)
FIRST_RATE = 0.2  # 1 / s, how fast someone who has just appeared may be moving: 0.8 m/s at 4 m
DOUBTFUL = 2.0  # standard deviations of surprise beyond which a measurement counts less, as an outlier
FORGET = 1.5  # s unseen until the filter starts anew


class Steady:
    """The filters of everyone in the scene. Knows nothing of sockets."""

    def __init__(self):
        self.filters = {}  # identity -> [stamp in s, state [2], covariance [2, 2]]

    def step(self, ids, joints, stamp):
        """Poses of one frame -> the same at steady distances.

        ids     int [N]             identities
        joints  float32 [N, 17, 3]  metres, camera frame
        stamp   s, media time
        ->      float32 [N, 17, 3]
        """
        joints = joints.copy()
        for index, identity in enumerate(ids.tolist()):
            root = joints[index, PELVIS]
            if root[2] > 0:
                wanted = np.exp(self.observe(identity, float(np.log(root[2])), stamp))
                joints[index] += root * np.float32(wanted / root[2] - 1)
        self.filters = {key: kept for key, kept in self.filters.items() if abs(stamp - kept[0]) <= FORGET}
        return joints

    def observe(self, identity, log_depth, stamp):
        """One more measurement of a person -> the filtered log depth."""
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
        noise = NOISE * max(1.0, abs(surprise) / (DOUBTFUL * expected))
        gain = covariance[:, 0] / (covariance[0, 0] + noise**2)
        state = state + gain * surprise
        self.filters[identity] = [stamp, state, covariance - np.outer(gain, covariance[0])]
        return float(state[0])
