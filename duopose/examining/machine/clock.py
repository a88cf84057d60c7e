"""The clocks: the one that stamps logs and records, and the one that measures latency."""

import time
from datetime import UTC, datetime
from pathlib import Path

import duopose
from duopose.examining.findings import read

COARSE = 0.001  # s: latencies are told in ms


def examine(part, root="/", now=None):
    now = time.time() if now is None else now
    installed = Path(duopose.__file__).stat().st_mtime
    resolution = time.get_clock_info("monotonic").resolution
    source = read(Path(root, "sys/devices/system/clocksource/clocksource0/current_clocksource")) or None
    told = datetime.fromtimestamp(now, UTC).isoformat(timespec="seconds")
    part.facts = {"time": told, "source": source, "resolution_s": resolution}
    if now < installed:
        part.note(
            f"it is {told} here, before duopose was installed: times in logs and records will be wrong",
            "set the clock: timedatectl set-ntp true",
        )
    else:
        part.good(f"{told}" + (f", clock source {source}" if source else ""))
    if resolution > COARSE:
        part.note(f"the clock has steps of {1000 * resolution:g} ms: latencies are no finer")
