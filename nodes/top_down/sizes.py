"""Which sizes of crops there are networks for, in a run whose controller chooses between them.

Each size costs 60 MB and a quarter of a second of a core, and most runs never need them all. So only the smallest is
compiled before the first frame. Capture asks for another one by a small file of the run folder; a thread of the node
top_down compiles it, and capture publishes no frame of that size before it is there.
"""

import mmap
import os
import threading
from pathlib import Path

import numpy as np

from duopose.stream.ring import reserve

ASKED, THERE = range(2)  # rows of the file, uint8, a column for each size: capture writes the first, top_down the other
MOST = 8  # sizes


class Sizes:
    """What both nodes know of the sizes, by number."""

    def __init__(self, folder):
        file = os.open(Path(folder, "sizes"), os.O_RDWR | os.O_CREAT, 0o600)  # whoever comes first makes it, of zeros
        try:
            reserve(file, 2 * MOST, "the sizes of crops need")
            self.rows = np.frombuffer(mmap.mmap(file, 2 * MOST), np.uint8).reshape(2, MOST)
        finally:
            os.close(file)

    def has(self, number):
        """Whether there are networks for that size. If not, they are asked for."""
        self.rows[ASKED, number] = 1
        return bool(self.rows[THERE, number])

    @property
    def lacking(self):
        """Numbers of the sizes that were asked for and are not there."""
        return np.flatnonzero(self.rows[ASKED] & ~self.rows[THERE] & 1).tolist()


class OnDemand:
    """Compiles what is asked for, in the node that has the network.

    sizes    Sizes of the run
    compile  called with the number of a size
    first    numbers of those that are compiled now, besides those that an earlier life of the node was asked for
    """

    def __init__(self, sizes, compile, first):
        self.sizes, self.compile, self.thread = sizes, compile, None
        sizes.rows[THERE] = 0
        for number in sorted({*first, *sizes.lacking}):
            self._make(number)

    def tick(self):
        """Begin to compile what was asked for, one size after the other."""
        if (self.thread is None or not self.thread.is_alive()) and (lacking := self.sizes.lacking):
            self.thread = threading.Thread(target=self._make, args=lacking[:1], daemon=True, name="compiler")
            self.thread.start()

    def _make(self, number):
        self.compile(number)
        self.sizes.rows[THERE, number] = 1
