"""What a run has to tell at its end: statistics for programs, a summary for people."""

from duopose.nodes.capture.capture import AT_PACE
from duopose.nodes.fusion.motion import lag_ms


def statistics(settings, reports, measured):
    """What `--stats` writes. `pace`: frames at each step of nodes/capture/pace.py, {} where the effort was fixed.

    reports    {node: stream.processes.process.Report}
    measured   what the recorder left, see nodes/recorder/measures.py; {} if it could not
    """
    counts = reports["capture"].counts
    return {
        "frames_read": counts.get("read", 0),
        "frames_processed": measured.get("frames_processed", reports["recorder"].handled),
        "frames_dropped": dropped(counts),
        "fps": measured.get("fps"),
        "latency_ms": measured.get("latency_ms", {"p50": None, "p95": None, "p99": None}),
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
        "startup_s": measured.get("startup_s"),
        "pace": {name.removeprefix(AT_PACE): number for name, number in counts.items() if name.startswith(AT_PACE)},
        "profile": settings.profile,
        "device": settings.device,
        "smooth": settings.smooth,
        "smooth_lag_ms": lag_ms(settings.smooth),
        "backend": backend(reports),
    }


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

    counts     of capture, see nodes/capture/capture.py
    """
    latency = measured["latency_ms"]
    parts = [f"{measured['frames_processed']} frames"]
    for what, number in (("dropped", dropped(counts)), ("unreadable", counts.get("unreadable"))):
        parts += [f"{number} {what}"] if number else []
    parts += [f"{measured['fps']:.1f} a second"] if measured["fps"] else []
    parts += [f"latency {latency['p50']:.0f} ms (95 %: {latency['p95']:.0f} ms)"] if latency["p50"] else []
    lines = [f"{settings.shown_source}: {', '.join(parts)}"]
    if measured["identities"]:
        places = ", ".join(f"{identity} at {distance:.1f} m" for identity, distance in measured["last_people"])
        lines.append(f"up to {measured['most_people']} people at a time; last seen: {places}")
    else:
        lines.append("nobody was seen")
    return "\n".join(lines)
