"""A look at a run, as watch.py takes one each second."""

import time

from duopose.running.watch import LATENCIES, Now, Seen
from duopose.stream.processes.process import Report

COUNTS = {"read": 20, "dropped": 2, "lost": 1, "interrupted": 4}


def seen(name="", **other):
    """What a camera gives."""
    counts = [0] * (len(LATENCIES) + 1)
    counts[3] = counts[-1] = 1
    return Seen(
        name=name, trouble=None, rate=20.0, latency_ms={"p50": 90.0, "p95": 6000.0}, people=2, scenes=2,
        latency_counts=tuple(counts), latency_sum=6.09, counts=COUNTS,
    )._replace(**other)  # fmt: skip


def look(*cameras, **other):
    """A look at a run with these cameras, or with one that has no name and what is said of it."""
    reports = {"capture": Report(1.0, 2.0, 1.5, 60.0, 2, 10, COUNTS, ())}
    now = Now(
        at=time.monotonic(), trouble=None,
        cameras=cameras or (seen(**{name: value for name, value in other.items() if name in Seen._fields}),),
        reports=reports, cpu_s=0.5, memory={"supervisor": 80_000_000, "capture": None},
    )  # fmt: skip
    return now._replace(**{name: value for name, value in other.items() if name in Now._fields})
