"""Whose turn it is, where several cameras share the networks: that of the camera which has waited longest.

The cameras' captures are processes of their own, and each reads what the others have to say from one small file of the
run folder: a row for each camera, written by its own capture alone. A capture takes the row that its camera has had, or
else one that nobody has any more: cameras come and go. Only so many frames are in flight, of all cameras
together. When a place is free, it goes to the camera with a picture that has been without a turn for longest. So each
gets the same number of frames a second, one that has fewer pictures gets them all, and one that hangs, is lost or has
died asks for none.

Two that look at the same moment may both find a place free. Then one frame more is in flight, no more than that.
"""

import fcntl
import mmap
import os
import time
from pathlib import Path

import numpy as np

from duopose.stream.errors import UsageError
from duopose.stream.ring import reserve

FRESH = 1.0  # s since a capture was last heard of, after which it counts as gone with all that it had in flight
FREE = 60.0  # s after which another camera may have its row
ROWS = 128  # of the file: that many cameras of a run at a time
ROW = np.dtype([
    ("name", "S16"), ("alive_at", "f8"), ("waits", "f8"),  # s when the capture was there; 1 = it has a picture
    ("last", "f8"), ("in_flight", "f8"),  # s when it had its last turn; frames
])  # fmt: skip


class Turns:
    """
    folder   of the run
    name     of the camera whose turns these are
    limit    frames in flight at most, of all cameras together
    clock    s, the same for all processes

    Raises UsageError if there is no row for it.
    """

    def __init__(self, folder, name, limit, clock=time.monotonic):
        self.limit, self.clock = limit, clock
        size = ROWS * ROW.itemsize
        file = os.open(Path(folder, "turns"), os.O_RDWR | os.O_CREAT, 0o600)  # whoever comes first makes it, of zeros
        try:
            reserve(file, size, "the turns of the cameras need")
            self.rows = np.frombuffer(mmap.mmap(file, size), ROW)
            fcntl.flock(file, fcntl.LOCK_EX)
            self.own = self._claim(name.encode())
        finally:
            fcntl.flock(file, fcntl.LOCK_UN)  # closing does not do it: the map holds the file, too
            os.close(file)

    def _claim(self, name):
        used = self.rows["alive_at"] > 0
        own = np.flatnonzero(used & (self.rows["name"] == name))
        free = np.flatnonzero(~used | (self.clock() - self.rows["alive_at"] > FREE))
        if not len(own) + len(free):
            raise UsageError(f"{ROWS} cameras share this run: more than that have no turns")
        row = self.rows[[*own, *free][0]]
        row["last"] *= row["name"] == name
        row["name"], row["waits"], row["in_flight"], row["alive_at"] = name, 0, 0, self.clock()
        return row

    def tell(self, in_flight, waits):
        """Say how many frames are in flight, and whether there is a picture that waits for its turn."""
        self.own["in_flight"], self.own["waits"], self.own["alive_at"] = in_flight, waits, self.clock()

    def taken(self, in_flight):
        """The turn was used."""
        self.own["last"] = self.clock()
        self.tell(in_flight, False)

    @property
    def full(self):
        """Whether no place is free, for nobody."""
        return self._alive()["in_flight"].sum() >= self.limit

    @property
    def mine(self):
        """Whether it is this camera's turn now."""
        alive = self._alive()
        before = (alive["waits"] > 0) & (alive["last"] < self.own["last"])
        return alive["in_flight"].sum() < self.limit and not before.any()

    def _alive(self):
        return self.rows[self.clock() - self.rows["alive_at"] < FRESH]
