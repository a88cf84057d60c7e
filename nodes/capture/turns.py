"""Whose turn it is, where several cameras share the networks: that of the camera which has waited longest.

The cameras' captures are processes of their own, and each reads what the others have to say from one small file of the
run folder: a row for each camera, written by its own capture alone. Only so many frames are in flight, of all cameras
together. When a place is free, it goes to the camera with a picture that has been without a turn for longest. So each
gets the same number of frames a second, one that has fewer pictures gets them all, and one that hangs, is lost or has
died asks for none.

Two that look at the same moment may both find a place free. Then one frame more is in flight, no more than that.
"""

import mmap
import os
import time
from pathlib import Path

import numpy as np

from duopose.stream.ring import reserve

FRESH = 1.0  # s since a capture was last heard of, after which it counts as gone with all that it had in flight
# Columns of the file, float64: s when the capture was there; 1 = it has a picture; s when it had its last turn; frames.
ALIVE_AT, WAITS, LAST, IN_FLIGHT = range(4)
ROW = 4 * 8  # bytes


class Turns:
    """
    folder   of the run
    cameras  names of all cameras
    name     of the one whose turns these are
    limit    frames in flight at most, of all cameras together
    clock    s, the same for all processes
    """

    def __init__(self, folder, cameras, name, limit, clock=time.monotonic):
        self.limit, self.clock = limit, clock
        size = len(cameras) * ROW
        file = os.open(Path(folder, "turns"), os.O_RDWR | os.O_CREAT, 0o600)  # whoever comes first makes it, of zeros
        try:
            reserve(file, size, "the turns of the cameras need")
            self.rows = np.frombuffer(mmap.mmap(file, size), np.float64).reshape(-1, 4)
        finally:
            os.close(file)
        self.own = self.rows[cameras.index(name)]
        self.own[[WAITS, IN_FLIGHT]] = 0

    def tell(self, in_flight, waits):
        """Say how many frames are in flight, and whether there is a picture that waits for its turn."""
        self.own[IN_FLIGHT], self.own[WAITS], self.own[ALIVE_AT] = in_flight, waits, self.clock()

    def taken(self, in_flight):
        """The turn was used."""
        self.own[LAST] = self.clock()
        self.tell(in_flight, False)

    @property
    def full(self):
        """Whether no place is free, for nobody."""
        return self._alive()[:, IN_FLIGHT].sum() >= self.limit

    @property
    def mine(self):
        """Whether it is this camera's turn now."""
        alive = self._alive()
        before = (alive[:, WAITS] > 0) & (alive[:, LAST] < self.own[LAST])
        return alive[:, IN_FLIGHT].sum() < self.limit and not before.any()

    def _alive(self):
        return self.rows[self.clock() - self.rows[:, ALIVE_AT] < FRESH]
