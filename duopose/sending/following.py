"""Which person is followed: the one asked for, or the nearest, for as long as they stay."""

import numpy as np

from duopose.stream.skeleton import PELVIS

LOST = 1.0  # s without the one who is followed until somebody else is


class Following:
    def __init__(self, wanted=None):
        """wanted: an identity; None for whoever is nearest when nobody is followed."""
        self.identity, self._wanted, self._seen = wanted, wanted, 0.0

    def find(self, scene):
        """-> place of the person in the scene; None where they are not in it."""
        stamp = scene.frame.stamp
        there = np.flatnonzero(scene.ids == self.identity)
        if len(there):
            self._seen = stamp
            return int(there[0])
        waiting = self.identity is not None and 0 <= stamp - self._seen < LOST
        if self._wanted is not None or waiting or not len(scene.ids):
            return None
        nearest = int(np.linalg.norm(scene.joints[:, PELVIS], axis=-1).argmin())
        self.identity, self._seen = int(scene.ids[nearest]), stamp
        return nearest
