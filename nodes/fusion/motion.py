"""How one body moves: where each bone will point next, and how far that is to be believed.

Each bone, and the pelvis, goes on as it moved last, slowing down. How much the prediction counts follows the tracking
signal of Trigg and Leach (1967), the smoothed error over its smoothed size: errors that change about are noise, so the
prediction counts; errors that stay on one side are a movement that it missed, so it gives way. A body at rest is
therefore held still and a fast one hardly held back.
"""

import numpy as np

from duopose.stream.skeleton import BODY_PARENTS, PELVIS

MOST_TRUST = 2.0  # at --smooth 1; 1 is what is tuned for, at the default
RATE = 30.0  # Hz, at which trust is as in kernels/reprojection.py. What a person does in between is a random walk, so
# the variance of the prediction grows with the time.
COAST = 0.07  # s in which a movement slows down to a third
MEMORY = 0.15  # s over which errors are smoothed
SIGNAL = 0.5  # tracking signal at which trust has fallen to a half
SMALLEST = 0.004  # m, of the errors' size: below it nothing is a movement
JUMP = 15.0  # m/s: a pelvis that is farther from the prediction is another person's or was never there
LAG = 55.0  # ms at --smooth 1: measured by `duopose bench smooth`, see docs/experiments.md
_FROM = np.maximum(BODY_PARENTS, 0)
_HAS_PARENT = np.array(BODY_PARENTS)[:, None] >= 0


def lag_ms(smooth):
    """By how much the joints follow later, at 30 frames/s: measured in proportion to `smooth`, within 4 ms."""
    return round(LAG * smooth)


def bones_of(joints):
    """Joints [17, 3] -> the vector from its parent to each; of the pelvis, from the eye point."""
    return joints - np.where(_HAS_PARENT, joints[_FROM], 0)


def joints_of(bones):
    """Inverse of `bones_of`."""
    joints = bones.copy()
    for joint, parent in enumerate(BODY_PARENTS):
        if parent >= 0:
            joints[joint] += joints[parent]
    return joints


class Motion:
    """Of one person, in media time. `predict` and `update` take turns, frame by frame; the first is an `update`."""

    def __init__(self):
        self.bones = None  # [17, 3] m, last seen
        self.speed = np.zeros((17, 3))  # m/s, of `bones`
        self.expected = None  # [17, 3] m, `bones` as predicted for the frame under way
        self.passed = 0.0  # s up to that frame
        self.error = np.zeros((17, 3))  # m, smoothed
        self.size = np.zeros(17)  # m, of the error, smoothed

    def predict(self, seen, passed, smooth):
        """Where the body is after `passed` seconds -> joints float64 [17, 3], trust float64 [17] for the fit.

        seen    [17, 3]  the networks' pose
        smooth  0..1
        """
        self.passed = passed
        self.expected = self.bones + self.speed * passed * np.exp(-passed / COAST)
        root = self.expected[PELVIS]
        aside = seen[PELVIS] * root[2] / max(seen[PELVIS, 2], 1e-3) - root
        if np.linalg.norm(aside) > JUMP * passed:
            self.__init__()
            return seen, np.zeros(17)
        signal = np.linalg.norm(self.error, axis=-1) / (self.size + SMALLEST)
        return joints_of(self.expected), MOST_TRUST * smooth / (1 + (signal / SIGNAL) ** 2) / (RATE * passed)

    def update(self, joints):
        """Where the body was found to be, [17, 3]."""
        bones = bones_of(joints.astype(float))
        if self.expected is not None:
            error, share = bones - self.expected, 1 - np.exp(-self.passed / MEMORY)
            self.error += share * (error - self.error)
            self.size += share * (np.linalg.norm(error, axis=-1) - self.size)
            self.speed = (bones - self.bones) / self.passed
        self.bones, self.expected = bones, None
