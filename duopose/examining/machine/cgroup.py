"""The limits that a container, a service or a batch system has set: control groups, version 1 and 2."""

from pathlib import Path, PurePosixPath
from typing import NamedTuple

from duopose.examining.findings import read

UNLIMITED = 1 << 60  # bytes; version 1 writes a number above it where there is no limit


class Limits(NamedTuple):
    cores: float | None  # that may be busy at a time, None = no limit
    memory: int | None  # bytes


def limits(root="/"):
    """The limits of this process. The strictest of its group and of those around it holds."""
    root = Path(root)
    cores, memory = [], []
    for folder in folders(root, "cpu"):
        quota, period = (read(folder / "cpu.max").split() + ["", ""])[:2]
        quota, period = quota or read(folder / "cpu.cfs_quota_us"), period or read(folder / "cpu.cfs_period_us")
        if quota.isdecimal() and period.isdecimal() and int(period):  # "max" and -1: none
            cores.append(int(quota) / int(period))
    for folder in folders(root, "memory"):
        most = read(folder / "memory.max") or read(folder / "memory.limit_in_bytes")
        if most.isdecimal() and int(most) < UNLIMITED:
            memory.append(int(most))
    return Limits(min(cores, default=None), min(memory, default=None))


def folders(root, controller):
    """Folders of the groups of this process that this controller looks at, with those around them."""
    for line in read(root / "proc/self/cgroup").splitlines():
        number, controllers, group = line.split(":", 2)
        version2 = number == "0" and not controllers
        if not version2 and controller not in controllers.split(","):
            continue
        for top, mounted in mounts(root, None if version2 else controller):
            below = PurePosixPath(group)
            # In a container that sees only its own part of the tree, the group's name may still be that of outside.
            below = below.relative_to(top) if below.is_relative_to(top) else PurePosixPath()
            inner = mounted / str(below).lstrip("/")
            yield from (folder for folder in (inner, *inner.parents) if folder.is_relative_to(mounted))


def mounts(root, controller):
    """(which part of the tree, folder where it is mounted) of version 2, or of that controller of version 1."""
    for line in read(root / "proc/self/mountinfo").splitlines():
        before, _, after = line.partition(" - ")
        kind, *_, options = after.split()
        wanted = kind == "cgroup2" if controller is None else kind == "cgroup" and controller in options.split(",")
        if wanted:
            top, mounted = before.split()[3:5]
            yield top, root / mounted.lstrip("/")
