"""One person as a skeleton, frame by frame: what exporting/fitting.py does, without what comes later."""

from collections import deque

import numpy as np

from duopose.exporting.fitting import relative, turned
from duopose.exporting.skeleton import rest_offsets

REMEMBERED = 90  # poses that bone lengths are the medians of


class LiveSkeleton:
    def __init__(self):
        self._poses, self._twists = deque(maxlen=REMEMBERED), {}

    def step(self, joints):
        """joints [17, 3], metres, y up -> rest offsets [18, 3], root [3], rotations from the parent's [18, 3, 3]."""
        self._poses.append(np.asarray(joints, np.float64))
        offsets = rest_offsets(np.stack(self._poses))
        world = turned(self._poses[-1][None], offsets, self._twists)
        return offsets, self._poses[-1][0], relative(world)[0]
