"""What a run has to tell at its end: statistics for programs, a summary for people."""

from collections import Counter

from duopose.nodes.capture.capture import AT_PACE
from duopose.nodes.fusion.motion import lag_ms
from duopose.stream.graph import name_of

PERCENTILES = ("p50", "p95", "p99")


def statistics(settings, reports, measured):
    """What `--stats` writes. `pace`: frames at each step of nodes/capture/pace.py, {} where the effort was fixed.

    reports    {node: stream.processes.process.Report}
    measured   {camera: what the recorder left, see nodes/recorder/measures.py}; {} if it could not
    """
    cameras = {own.name: of_camera(counts_of(own.name, reports), measured[own.name]) for own in settings.each}
    whole = together(list(cameras.values()))
    startup_s = whole.pop("startup_s")
    return whole | {
        "nodes": {
            name: {
                "ms_p50": rounded(report.ms_p50),
                "ms_p95": rounded(report.ms_p95),
                "cpu_s": rounded(report.cpu_s),
                "rss_peak_mb": rounded(report.rss_peak_mb, 1),
                "restarts": report.restarts,
            }
            for name, report in reports.items()
        },
        "startup_s": startup_s,
        "pace": paces(counts_of(own.name, reports) for own in settings.each),
        "profile": settings.profile,
        "device": settings.device,
        "smooth": settings.smooth,
        "smooth_lag_ms": lag_ms(settings.smooth),
        "backend": backend(reports),
        **({"cameras": cameras} if settings.cameras else {}),
    }


def counts_of(camera, reports):
    """What was lost of a camera and why, as its capture says."""
    return reports[name_of("capture", camera)].counts


def paces(counts):
    """{name of a step of the pace: frames of all cameras at it}; {} where the effort was fixed."""
    steps = Counter()
    for own in counts:
        steps.update({name.removeprefix(AT_PACE): n for name, n in own.items() if name.startswith(AT_PACE)})
    return dict(steps)


def of_camera(counts, measured):
    """What can be told of one camera."""
    return {
        "frames_read": counts.get("read", 0),
        "frames_processed": measured.get("frames_processed", 0),
        "frames_dropped": dropped(counts),
        "fps": measured.get("fps"),
        "latency_ms": measured.get("latency_ms", dict.fromkeys(PERCENTILES)),
        "startup_s": measured.get("startup_s"),
    }


def together(cameras):
    """The same of several cameras: sums, and of latency and start-up those of the slowest camera."""
    return {
        **{name: sum(one[name] for one in cameras) for name in ("frames_read", "frames_processed", "frames_dropped")},
        "fps": over(sum_of, [one["fps"] for one in cameras]),
        "latency_ms": {name: over(max, [one["latency_ms"][name] for one in cameras]) for name in PERCENTILES},
        "startup_s": over(max, [one["startup_s"] for one in cameras]),
    }


def over(what, values):
    """`what` of the values that are known; None without any."""
    known = [value for value in values if value is not None]
    return what(known) if known else None


def sum_of(rates):
    return rounded(sum(rates))


def dropped(counts):
    """Frames that were read and not processed: for want of time, or lost with a node that died."""
    return counts.get("dropped", 0) + counts.get("lost", 0) + counts.get("ill_fitting", 0)


def rounded(value, digits=2):
    return None if value is None else round(value, digits)


def backend(reports):
    """What ran the networks, e.g. "OpenVINO bf16"; more than one where their precision differs. None if nobody said."""
    return ", ".join(sorted({name for report in reports.values() for name in report.backends})) or None


def summary(settings, counts, measured):
    """What was found, in two lines for the user.

    settings   of the camera
    counts     of its capture, see nodes/capture/capture.py
    """
    latency = measured["latency_ms"]
    parts = [f"{measured['frames_processed']} frames"]
    for what, number in (("dropped", dropped(counts)), ("unreadable", counts.get("unreadable"))):
        parts += [f"{number} {what}"] if number else []
    parts += [f"{measured['fps']:.1f} a second"] if measured["fps"] else []
    # Where no frame is dropped, cores are kept busy by many frames at a time, each of which waits for the others.
    waits = f" with {settings.in_flight} frames at a time" if settings.every_frame else ""
    parts += [f"latency {latency['p50']:.0f} ms (95 %: {latency['p95']:.0f} ms){waits}"] if latency["p50"] else []
    lines = [f"{settings.shown_source}: {', '.join(parts)}"]
    if measured["identities"]:
        places = ", ".join(f"{identity} at {distance:.1f} m" for identity, distance in measured["last_people"])
        lines.append(f"up to {measured['most_people']} people at a time; last seen: {places}")
    else:
        lines.append("nobody was seen")
    return "\n".join(f"{settings.name}: {line}" if settings.name else line for line in lines)
