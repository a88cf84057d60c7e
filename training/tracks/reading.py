"""From a data set's labelled pictures to the tracks of its people.

Any loader that gives Samples (training/datasets/reading/sample.py) will do: what a set calls its joints, in which units
and before which lens, is settled there.
"""

from itertools import groupby, pairwise
from typing import NamedTuple

import numpy as np

from duopose.stream.errors import UsageError
from duopose.stream.skeleton import PELVIS

RATE = 30.0  # frames/s that a person is given who was seen once


class Tracks(NamedTuple):
    """P pieces of tracks, F frames in all. The first three are as in training.mocap.clips.Clips, but in the camera's
    frame, and so can be sampled like that.

    A piece is one person in frames of a steady rate without a gap; a picture that stands alone is a piece of one frame.
    """

    joints: np.ndarray  # float32 [F, 17, 3]  BODY17, metres, camera frame; NaN = the set does not label this joint
    start: np.ndarray  # int [P], first frame of each piece
    length: np.ndarray  # int [P]
    rate: np.ndarray  # float [P], frames/s
    seen: np.ndarray  # float16 [F, 17]  confidence of the label, see Sample; 0 also where there is none


def read(loader):
    """Everyone in a loader whose pelvis is known -> Tracks. Raises UsageError where that is nobody."""
    pieces = []
    for indices in getattr(loader, "sequences", {"": range(len(loader))}).values():
        rows = [row for index in indices for row in _rows(loader[index])]
        rows.sort(key=lambda row: row[:3])
        for _, track in groupby(rows, key=lambda row: row[:2]):
            pieces += _pieces(list(track))
    if not pieces:
        raise UsageError(f"{loader.folder}: nobody in it whose joints are known in metres and in the camera's frame")
    length = np.array([len(joints) for joints, _, _ in pieces])
    joints, seen, rate = zip(*pieces, strict=True)
    return Tracks(np.concatenate(joints), np.cumsum(length) - length, length, np.array(rate), np.concatenate(seen))


def _rows(sample):
    """(sequence, who, stamp, joints, confidence) of everyone in a Sample whose pelvis is known."""
    for n, who in enumerate(sample.ids.tolist()):
        if np.isfinite(sample.body3d[n, PELVIS]).all():
            name = who if who >= 0 else -1 - n  # the people of a picture that stands alone
            seen = np.nan_to_num(sample.body2d[n, :, 2]).astype(np.float16)
            yield sample.sequence, name, sample.stamp, sample.body3d[n], seen


def _pieces(track):
    """Rows of one person -> [(joints, confidence, rate)], cut wherever frames are missing."""
    steps = [b[2] - a[2] for a, b in pairwise(track)]
    usual = float(np.median(steps)) if steps else 1 / RATE
    cuts = [i + 1 for i, step in enumerate(steps) if not step < 1.5 * usual]
    for first, end in pairwise([0, *cuts, len(track)]):
        _, _, _, joints, seen = zip(*track[first:end], strict=True)
        yield np.stack(joints), np.stack(seen), 1 / usual
