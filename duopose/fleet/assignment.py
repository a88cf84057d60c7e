"""Which camera runs in which pipeline, and what has changed between two files of cameras.

A camera keeps its pipeline for as long as it is asked for: a change of the file touches nobody else.
"""

from typing import NamedTuple


class Change(NamedTuple):
    """What is new in a file of cameras. A camera that is asked for otherwise than before is removed and added."""

    removed: tuple[str, ...]
    added: tuple[str, ...]
    renamed: dict[str, str]  # old name: new name, of cameras that are otherwise as they were


def changes(before, after):
    """Two {name: what is asked of the camera} -> Change.

    >>> changes({"a": 1, "b": 2}, {"c": 1, "b": 3})
    Change(removed=('b',), added=('b',), renamed={'a': 'c'})
    """
    gone = [name for name in before if name not in after]
    new = [name for name in after if name not in before]
    renamed = {}
    for old in gone:
        same = next((name for name in new if after[name] == before[old] and name not in renamed.values()), None)
        if same is not None:
            renamed[old] = same
    other = [name for name in after if name in before and after[name] != before[name]]
    return Change(
        removed=tuple(name for name in [*gone, *other] if name not in renamed),
        added=tuple(name for name in [*new, *other] if name not in renamed.values()),
        renamed=renamed,
    )


def cameras_per_pipeline(cameras, machines, per_camera):
    """How many cameras one pipeline has where nobody said: all machines have some, and one machine can hold it.

    cameras      how many there are
    machines     CPUs of each
    per_camera   CPUs that one needs

    >>> cameras_per_pipeline(6, [4.0, 4.0], 1.0), cameras_per_pipeline(6, [2.0, 16.0], 1.0)
    (3, 2)
    """
    spread = -(-cameras // max(len(machines), 1))
    return max(1, min(spread, int(min(machines, default=per_camera) / per_camera)))


def assign(placed, wanted, size):
    """Where each camera runs: {camera: number of its pipeline}. Those that run stay where they are.

    placed   as this function gave it before
    wanted   cameras
    size     cameras of one pipeline, at most

    >>> assign({"a": 0, "b": 0, "c": 1}, ["b", "c", "d", "e", "f"], 2)
    {'b': 0, 'c': 1, 'd': 0, 'e': 1, 'f': 2}
    """
    found = {camera: placed[camera] for camera in wanted if camera in placed}
    unused = max(placed.values(), default=-1) + 1
    for camera in wanted:
        if camera in found:
            continue
        used = list(found.values())
        room = [number for number in dict.fromkeys(used) if used.count(number) < size]
        found[camera] = min(room, default=unused)
        unused = max(unused, found[camera] + 1)
    return found
