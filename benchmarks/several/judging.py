"""What several streams in one run have given, and what must hold of it."""

import numpy as np

from duopose.benchmarks.several.faults import SETTLE

FAIR = 0.1  # how far the frames of a camera may be from the mean of those that are up
FEW = 20  # frames of a camera from which fairness can be told
GROWTH = 1.5  # times the latency of the first part with all cameras, at the end
ANYWAY = 200.0  # ms, a latency that is no growth
LONGEST = 5.0  # s that no frame may take
SUM = 0.9  # least share of what one camera gets alone that all have together


def counted(part):
    """s, from when to when frames of a part count."""
    return part.begin + min(SETTLE, (part.end - part.begin) / 4), part.end


def within(scenes, begin, end):
    return [scene for scene in scenes if begin <= scene.at < end]


def lost(scenes):
    """Frames of a camera that were sent and have given no scene: numbers that are missing."""
    numbers = {scene.number for scene in scenes}
    return max(numbers) - min(numbers) + 1 - len(numbers) if numbers else 0


def rate(scenes, part):
    begin, end = counted(part)
    return len(within(scenes, begin, end)) / (end - begin)


def latencies(scenes):
    """ms, of some scenes: half are faster, 95 % are, all are."""
    if not scenes:
        return {"p50": None, "p95": None, "max": None}
    found = 1000 * np.array([scene.latency for scene in scenes])
    return {"p50": round(float(np.median(found))), "p95": round(float(np.percentile(found, 95))),
            "max": round(float(found.max()))}  # fmt: skip


def figures(found):
    """faults.Found -> what is told of it, as JSON can have it."""
    first, joint = found.parts[0], [part for part in found.parts if len(part.up) == len(found.scenes)]
    alone = rate(found.scenes[first.up[0]], first)
    together = [sum(rate(scenes, part) for scenes in found.scenes.values()) for part in joint]
    return {
        "parts": {
            part.name: {
                name: {"rate": round(rate(found.scenes[name], part), 2),
                       **latencies(within(found.scenes[name], *counted(part)))}
                for name in part.up
            }
            for part in found.parts
        },
        "cameras": {name: {"frames": len(scenes), "lost": lost(scenes), **latencies(scenes)}
                    for name, scenes in found.scenes.items()},
        "back_s": {name: back and round(back, 1) for name, back in found.back.items()},
        "alone": round(alone, 2),
        "together": round(float(np.mean(together)), 2),
        "ratio": round(float(np.mean(together)) / alone, 2) if alone else None,
    }  # fmt: skip


def wrong(told, found, offered, slow=1.0):
    """What does not hold, a line each.

    told      of `figures`
    offered   frames a second that a camera sends
    slow      how many times as slow as an idle one this machine is
    """
    lines = [f"the run has ended with {found.code}"] if found.code else []
    for name, cameras in told["parts"].items():
        counts = [camera["rate"] for camera in cameras.values()]
        seconds = next(counted(part)[1] - counted(part)[0] for part in found.parts if part.name == name)
        mean = float(np.mean(counts))
        off = max(abs(count - mean) for count in counts)
        if mean * seconds >= FEW and off > max(FAIR * mean, 2 / seconds):
            lines.append(f"{name}: one has {off / mean:.0%} more or less than the mean of {mean:.1f} frames/s")
    failed = set(found.back)
    for name, camera in told["cameras"].items():
        if name not in failed and camera["lost"]:
            lines.append(f"{name}: {camera['lost']} frames were lost, and its own server was well")
        if camera["max"] is None or camera["max"] > 1000 * LONGEST * slow:
            lines.append(f"{name}: a frame took {camera['max']} ms")
    first, last = (told["parts"][name] for name in ("all", "all at the end"))
    for name in first:
        before, after = first[name]["p95"], last[name]["p95"]
        if before and after and after > max(GROWTH * before, ANYWAY * slow):  # that none came, fairness tells
            lines.append(f"{name}: latency (95 %) was {before} ms, at the end {after} ms")
    lines += [f"{name} did not come back" for name, back in found.back.items() if back is None]
    least = min(told["alone"], offered * len(told["cameras"]))
    if told["together"] < SUM * least:
        lines.append(f"all together have {told['together']} frames/s, one alone {told['alone']}")
    return lines


def lines(told):
    """A table for people."""
    yield "part                 each: frames/s: latency ms, 50 % / 95 % / most"
    for name, cameras in told["parts"].items():
        each = ", ".join(
            f"{camera} {one['rate']:.1f}: {one['p50']} / {one['p95']} / {one['max']}" for camera, one in cameras.items()
        )
        yield f"{name:20} {each}"
    for name, one in told["cameras"].items():
        back = f", back after {told['back_s'][name]} s" if name in told["back_s"] else ""
        yield f"{name:20} {one['frames']} frames, {one['lost']} lost{back}"
    yield f"all together {told['together']} frames/s, one alone {told['alone']}: {told['ratio']} times as many"
