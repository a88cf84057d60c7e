"""A camera that is several times too fast for the machine: neither latency nor memory may grow."""

import time

import numpy as np

WARM = 0.1  # share of the run that doesn't count: caches are cold
PARTS = 5  # of the rest: the first and the last one are compared
MOST_LATENCY, MOST_MEMORY = 1.3, 1.1  # times as much at the end as at the beginning


def watch(run, seconds, every, memory_of):
    """Let the run go on for so long -> [(s, MB)], a measurement every so many seconds."""
    start, sizes = time.monotonic(), []
    while (now := time.monotonic() - start) < seconds:
        run.wait(lambda: False, min(every, seconds - now))
        if (size := memory_of(run)) is not None:
            sizes.append((time.monotonic() - start, size))
    return sizes


def judge(seen, sizes, counters, times):
    """-> the figures of the run.

    seen      [live_run.Seen]
    sizes     [(s, MB)]
    counters  as soak.told gives them
    times     how many times too fast the camera was
    """
    read = np.array([one.read_at for one in seen])
    latency = 1000 * np.array([one.latency for one in seen])
    at = (read - read[0]) / (read[-1] - read[0])
    first, last = (np.percentile(latency[part], 95) for part in ends(at))
    moments, megabytes = np.array(sizes).T
    before, after = (float(np.median(megabytes[part])) for part in ends(moments / moments[-1]))
    return {
        "times_too_fast": times,
        "frames": len(seen),
        "dropped": int(sum(counters["duopose_frames_dropped"].values())),
        "latency_p95_ms": {"first": round(float(first), 1), "last": round(float(last), 1)},
        "memory_mb": {"first": round(before, 1), "last": round(after, 1)},
        "grows": bool(last > MOST_LATENCY * first or after > MOST_MEMORY * before),
    }


def ends(share):
    """Shares 0..1 of a run -> which belong to its first part, and to its last."""
    length = (1 - WARM) / PARTS
    return (share >= WARM) & (share <= WARM + length), share >= 1 - length
