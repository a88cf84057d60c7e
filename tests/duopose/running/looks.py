"""A look at a run, as watch.py takes one each second."""

import time

from duopose.running.watch import LATENCIES, Now
from duopose.stream.processes.process import Report

COUNTS = {"read": 20, "dropped": 2, "lost": 1, "interrupted": 4}


def look(**other):
    reports = {"capture": Report(1.0, 2.0, 1.5, 60.0, 2, 10, COUNTS, ())}
    counts = [0] * (len(LATENCIES) + 1)
    counts[3] = counts[-1] = 1
    now = Now(
        at=time.monotonic(), trouble=None, rate=20.0, latency_ms={"p50": 90.0, "p95": 6000.0}, people=2, scenes=2,
        latency_counts=tuple(counts), latency_sum=6.09, dropped=3, counts=COUNTS, reports=reports, cpu_s=0.5,
        memory={"supervisor": 80_000_000, "capture": None},
    )  # fmt: skip
    return now._replace(**other)
