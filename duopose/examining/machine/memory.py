"""Memory: of the machine, and what a container leaves of it."""

import re
from pathlib import Path

from duopose.examining.findings import read, size
from duopose.examining.machine.cgroup import limits

NEEDED = 1_100_000_000  # bytes, of all processes of a lite run without a window, what they share counted once


def examine(part, root="/"):
    lines = re.findall(r"(?m)^(\w+):\s+(\d+) kB", read(Path(root, "proc/meminfo")))
    known = {name: int(count) << 10 for name, count in lines}
    total, limit = known.get("MemTotal"), limits(root).memory
    part.facts = {"total": total, "available": known.get("MemAvailable"), "limit": limit}
    if total is None:
        part.note("this system does not say how much there is")
        return
    free = min(part.facts["available"], limit or total)
    told = f"{size(free)} of {size(total)} to be had" + (
        f", limited to {size(limit)}" if (limit or total) < total else ""
    )
    if free >= NEEDED:
        part.good(told)
        return
    remedy = "end other programs" if limit is None else "give the container more, as docker run --memory=4g"
    part.note(f"{told}: a run takes {size(NEEDED)}, and may be ended by the system", remedy)
