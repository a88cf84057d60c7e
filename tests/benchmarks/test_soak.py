import numpy as np
import pytest

from duopose.benchmarks.parts.faults import Recovery
from duopose.benchmarks.parts.live_run import Seen, renamed
from duopose.benchmarks.soak import judge

COUNTERS = {
    "duopose_frames_dropped": {"slow": 3.0, "lost": 1.0},
    "duopose_source_reconnects": {"": 2.0},
    "duopose_node_restarts": {"fusion": 1.0},
}


def seen(stamp, *people, latency=0.1, number=0):
    """People as (identity, left edge of the box)."""
    boxes = {identity: np.float32([left, 0, 50, 100]) for identity, left in people}
    return Seen(stamp + latency, stamp, stamp, latency, number, boxes)


@pytest.mark.parametrize(
    ("before", "after", "changed"),
    [
        (seen(0, (1, 0), (2, 200)), seen(1, (2, 205), (1, 3)), {}),
        (seen(0, (1, 0), (2, 200)), seen(1, (1, 0), (9, 200)), {2: 9}),
        (seen(0, (1, 0), (2, 200)), seen(1, (1, 200), (2, 0)), {1: 2, 2: 1}),
        (seen(0, (1, 0)), seen(1, (1, 0), (7, 300)), {}),  # somebody came
        (seen(0, (1, 0)), seen(1, (7, 300)), {}),  # one left, another came
        (seen(0, (1, 0)), seen(1), {}),
        (seen(0, (1, 0)), seen(3.1, (9, 0)), {}),  # too long: everybody is somebody new
    ],
)
def test_who_stays_in_view_and_has_another_identity_is_told(before, after, changed):
    assert renamed(before, after) == changed


def test_a_soak_is_judged_by_what_it_was():
    """Poses ten times a second; a fault from 50 s to 60 s delays them, another is never got over."""
    faulty = [Recovery("fusion killed", 50.0, 60.0, 1.5, {}), Recovery("pause", 150.0, 160.0, None, {1: 2})]
    scenes = [seen(n / 10, (1, 0), latency=5.0 if 500 <= n < 600 else 0.1, number=n) for n in range(2000)]
    memory = [(10.0, 1, 900.0), (60.0, 2, 1000.0), (70.0, 2, 1002.0), (150.0, 3, 1010.0), (180.0, 3, 1012.0)]
    figures = judge(scenes, faulty, memory, COUNTERS)
    assert (figures["faults"], figures["not_back"], figures["renamed"]) == (2, 1, 1)
    assert figures["latency_ms"] == {"p50": 100.0, "p95": 100.0, "max": 100.0, "max_with_faults": 5000.0}
    assert figures["memory_mb"] == {"warm": 1001.0, "end": 1011.0, "growth": 0.01}
    assert figures["back_s"]["pause"] == {"times": 1, "median": None, "max": None}
    assert figures["frames_lost"] == {"slow": 3, "lost": 1}
    assert figures["reconnects"] == 2
