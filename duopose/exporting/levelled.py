"""From the camera frame to y up: the floor level, the camera looking along -z from above the origin.

Camera frame: x right, y down, z forward. Level: x right, y up from the floor, z towards the camera; for a camera that
is held level this is (x, -y, -z), lifted by its height. Both right-handed, metres.
"""

from typing import NamedTuple

import numpy as np

from duopose.viewer.floor import floor_of

MOST_FRAMES = 500  # that the floor is estimated from, spread over the run


class Seen(NamedTuple):
    """What of a scene the floor is estimated from."""

    joints: np.ndarray  # float32 [N 17 3]
    coco: np.ndarray  # float32 [N 17 3]


def camera_to_level(tracks):
    """-> float64 [4, 4], for columns: level = matrix @ (x, y, z, 1)."""
    rows = np.concatenate([track.rows for track in tracks])
    joints, coco = (np.concatenate([getattr(track, part) for track in tracks]) for part in ("joints", "coco"))
    some = np.unique(rows)
    some = some[np.linspace(0, len(some) - 1, min(len(some), MOST_FRAMES)).astype(int)]
    order = np.argsort(rows, kind="stable")
    begins, ends = (np.searchsorted(rows[order], some, side=side) for side in ("left", "right"))
    people = [order[begin:end] for begin, end in zip(begins, ends, strict=True)]
    return level_of(floor_of(Seen(joints[theirs], coco[theirs]) for theirs in people))


def level_of(floor):
    """viewer.floor.Floor -> float64 [4, 4], for columns: level = matrix @ (x, y, z, 1)."""
    right, forward, up, last = floor.camera_to_world()
    return np.stack([right, up, -forward, last])


def moved(matrix, joints):
    """joints [..., 3] -> float64 [..., 3]."""
    return joints @ matrix[:3, :3].T + matrix[:3, 3]
