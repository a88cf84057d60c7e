"""What a node has done so far: messages, the time each took, what was lost. It becomes the node's `Health`."""

import os
from collections import Counter, deque

import numpy as np

from duopose.stream.messages import Health
from duopose.stream.processes.usage import cpu_seconds, peak_megabytes

REMEMBERED = 512  # messages whose time of work counts in the percentiles


class Workload:
    def __init__(self):
        self.handled = 0  # messages
        self.work = deque(maxlen=REMEMBERED)  # ms a message
        self.counts = Counter()  # what was lost and why
        self.backends = ()  # what runs the node's networks

    def measure(self, seconds):
        """One more message handled, in this time."""
        self.handled += 1
        self.work.append(1000 * seconds)

    def health(self, node, state, note, change=0):
        p50, p95 = np.percentile(self.work, (50, 95)).tolist() if self.work else (None, None)
        return Health(
            node=node, pid=os.getpid(), state=state, handled=self.handled, ms_p50=p50, ms_p95=p95, cpu_s=cpu_seconds(),
            rss_peak_mb=peak_megabytes(), counts=dict(self.counts), backends=self.backends, note=note,
            change=change,
        )  # fmt: skip
