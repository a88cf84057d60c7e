"""Rate and latency of the scenes that the window shows."""

from collections import deque

import numpy as np

SPAN = 2.0  # s that both are taken over
GRAPH = 30.0  # s that the graph shows


class Pace:
    """Frames a second and latency over the last SPAN seconds. `add` a scene before asking for either."""

    def __init__(self):
        self.seen = deque(maxlen=120)  # (s now, frame number, s of latency)
        self.past = deque()  # (s now, frames a second or None, s of latency) of the last GRAPH seconds

    def add(self, scene, now):
        """A scene that is shown from `now` on, s of time.monotonic()."""
        if self.seen and scene.frame.number <= self.seen[-1][1]:
            self.seen.clear()
        latency = scene.fused_at - scene.frame.read_at
        self.seen.append((now, scene.frame.number, latency))
        while now - self.seen[0][0] > SPAN:
            self.seen.popleft()
        self.past.append((now, self.rate, latency))
        while now - self.past[0][0] > GRAPH:
            self.past.popleft()

    @property
    def rate(self):
        """Frames processed per second, also those that were never drawn; None until 0.4 s have passed."""
        (first, low, _), (last, high, _) = self.seen[0], self.seen[-1]
        return (high - low) / (last - first) if last - first > 0.4 else None

    @property
    def latency(self):
        """Seconds from reading to fused pose, median."""
        return float(np.median([latency for *_, latency in self.seen]))
