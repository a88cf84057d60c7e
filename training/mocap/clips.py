"""Clips of motion capture: read from files, and sampled at any moment.

World frame of the motion capture: Y up, right-handed, metres. B windows of S frames, oldest first, 17 joints in BODY17
order.
"""

from typing import NamedTuple

import numpy as np

from duopose.stream.skeleton import HEAD_TOP, SPINE, THORAX
from duopose.training.datasets.reading.errors import reading

LEFT_OUT = ("60_06", "60_07")  # takes whose retargeting broke
HEAD_BENT = np.cos(np.radians(80))  # cosine of the angle between trunk and head beyond which a frame is a glitch
SHORTEST = 20  # frames; shorter pieces are not used


class Clips(NamedTuple):
    joints: np.ndarray  # float32 [F, 17, 3], all clips one after the other
    start: np.ndarray  # int [N], first frame of each piece
    length: np.ndarray  # int [N]


def load_clips(paths, replace=True, without=()):
    """Clips of several npz files; a clip that another one `replaces` (the same take on its own skeleton) is left out.

    replace=False keeps everything, as for a validation file; `without` names takes to leave out all the same.
    """
    files = [opened(path) for path in paths]
    replaced = set(LEFT_OUT) if replace else set()
    for file in files:
        if replace and "replaces" in file:
            replaced |= set(file["replaces"].tolist())
    joints, start, length, offset = [], [], [], 0
    for file in files:
        everything = file["pos"].astype(np.float32) * file["scale"]
        sound = ~head_is_bent(everything) if replace else np.ones(len(everything), bool)
        for first, count, name in zip(file["start"], file["length"], file["name"].tolist(), strict=True):
            if name in replaced or (take := name.split("_p")[0]) in without or (replace and take in LEFT_OUT):
                continue
            for a, b in runs(sound[first : first + count]):
                if b - a >= SHORTEST or not replace:
                    joints.append(everything[first + a : first + b])
                    start.append(offset)
                    length.append(b - a)
                    offset += b - a
    return Clips(np.concatenate(joints), np.array(start), np.array(length))


def opened(path):
    """An npz file of motion capture. Raises UsageError where it is none."""
    with reading(path, "motion capture"):
        file = np.load(path)
        if missing := [name for name in ("pos", "scale", "start", "length", "name") if name not in file]:
            raise ValueError(f"it lacks {', '.join(missing)}")
    return file


def head_is_bent(joints):
    """[F, 17, 3] -> bool [F]: the head hangs at more than 80 degrees from the trunk."""
    trunk, head = joints[:, THORAX] - joints[:, SPINE], joints[:, HEAD_TOP] - joints[:, THORAX]
    return (trunk * head).sum(-1) < HEAD_BENT * np.linalg.norm(trunk, axis=-1) * np.linalg.norm(head, axis=-1)


def runs(mask):
    """Stretches of True: [(first, one past the last), ...].

    >>> runs(np.array([True, True, False, True]))
    [(0, 2), (3, 4)]
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[0], mask.astype(np.int8), [0]])))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def sample(clips, ends, times):
    """Poses around frames `ends` [B] at `times` [B, S] frames from them, linearly interpolated, held at a clip's
    ends."""
    piece = np.searchsorted(clips.start, ends, side="right") - 1
    at = np.clip(
        ends[:, None] + times, clips.start[piece, None], clips.start[piece, None] + clips.length[piece, None] - 1
    )
    low = np.minimum(at.astype(np.int64), clips.start[piece, None] + np.maximum(clips.length[piece, None] - 2, 0))
    share = (at - low).astype(np.float32)[..., None, None]
    return clips.joints[low] * (1 - share) + clips.joints[np.minimum(low + 1, len(clips.joints) - 1)] * share
