"""Which camera runs in which pipeline.

A camera keeps its pipeline for as long as it is asked for: a change of the file touches nobody else.
"""


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
