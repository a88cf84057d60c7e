"""The sliding window of one track: knows when each pose was seen, and gives poses at the times a network asks for."""

import numpy as np
from numba import types

from duopose.kernels.types import In, Out, kernel

RATE = 30.0  # Hz, of a window's steps, in training and live
GAP = 0.4  # s between two observations from which nothing is known of the time between them; in training and live

i8, b1, f8 = types.int64, types.boolean, types.float64


class Window:
    """The newest `capacity` poses of one track with their stamps, in a circular buffer.

    >>> window = Window(capacity=8, joints=1, channels=1)
    >>> window.push(0.0, [[10.0]], [1.0])
    >>> window.push(0.1, [[20.0]], [1.0])
    >>> values, confidence, valid = window.resample([-0.1, 0.05, 0.1], gap=0.2)
    >>> values.ravel().tolist(), valid.tolist()
    ([10.0, 15.0, 20.0], [False, True, True])
    """

    def __init__(self, capacity, joints, channels):
        self.stamps = np.zeros(capacity)  # s
        self.values = np.zeros((capacity, joints, channels), np.float32)
        self.confidence = np.zeros((capacity, joints), np.float32)
        self.next = 0  # where the next pose goes
        self.count = 0

    @property
    def newest(self):
        """s, stamp of the newest pose; None in an empty window."""
        return float(self.stamps[self.next - 1]) if self.count else None

    def push(self, stamp, values, confidence):
        """Add a pose.

        stamp       s, later than the last one, else ValueError
        values      [J, C]
        confidence  [J]     0 = joint unknown
        """
        if self.count and not stamp > self.newest:
            raise ValueError(f"a window takes poses in the order of time: {stamp} s came after {self.newest} s")
        self.stamps[self.next] = stamp
        self.values[self.next] = values
        self.confidence[self.next] = confidence
        self.next = (self.next + 1) % len(self.stamps)
        self.count = min(self.count + 1, len(self.stamps))

    def clear(self):
        self.next = self.count = 0

    def resample(self, stamps, gap):
        """The track at other times.

        stamps  s [T], ascending
        gap     s, between poses further apart nothing is interpolated
        ->      float32 [T, J, C]   values, always complete: the nearest pose where the track was not seen, 0 if none is
                float32 [T, J]      confidence
                bool [T]            False: before the first pose, after the last one, or inside a gap

        Between two poses values and confidence are interpolated linearly. A joint known in only one of them keeps that
        value, and its confidence falls to 0 towards the other.
        """
        stamps = np.asarray(stamps, np.float64)
        return _resample(self.stamps, self.values, self.confidence, self.next, self.count, stamps, gap)


@kernel(types.Tuple((Out(3), Out(2), Out(1, b1)))(In(1, f8), In(3), In(2), i8, i8, In(1, f8), f8))
def _resample(ring, values, confidence, after, count, stamps, gap):
    capacity, joints, channels = values.shape
    out = np.zeros((len(stamps), joints, channels), np.float32)
    sure = np.zeros((len(stamps), joints), np.float32)
    valid = np.zeros(len(stamps), np.bool_)
    if count == 0:
        return out, sure, valid
    slack = 1e-6  # s: stamps that were added up differently are the same
    late = 0  # rank of the first pose, oldest first, that is not before the wanted time
    for t in range(len(stamps)):
        while late < count and ring[(after - count + late) % capacity] < stamps[t] - slack:
            late += 1
        b = (after - count + min(late, count - 1)) % capacity
        a = (after - count + max(late - 1, 0)) % capacity
        valid[t] = abs(ring[b] - stamps[t]) <= slack
        if valid[t] or a == b or late == count:  # on a pose, before the first, or after the last
            out[t] = values[b]
            sure[t] = confidence[b]
            continue
        share = (stamps[t] - ring[a]) / (ring[b] - ring[a])
        valid[t] = ring[b] - ring[a] <= gap + slack
        if not valid[t]:
            share = np.rint(share)
        for j in range(joints):
            weight_a = 1 - share if confidence[a, j] > 0 else 0.0
            weight_b = share if confidence[b, j] > 0 else 0.0
            if weight_a + weight_b > 0:
                for c in range(channels):
                    mixed = weight_a * values[a, j, c] + weight_b * values[b, j, c]
                    out[t, j, c] = mixed / (weight_a + weight_b)
                sure[t, j] = weight_a * confidence[a, j] + weight_b * confidence[b, j]
    return out, sure, valid
