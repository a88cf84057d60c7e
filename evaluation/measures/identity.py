"""Whether each person keeps one identity: who is found where over a clip, and IDF1.

IDF1 and the number of switches checked against py-motmetrics (tests).
"""

from typing import NamedTuple

import numpy as np

from duopose.kernels.assignment import assign
from duopose.kernels.boxes import iou_matrix

SAME_BOX = 0.3  # IoU; true boxes are noted by eye at a few frames


class Frame(NamedTuple):
    """Who is in one frame; people and identities are numbers of any kind."""

    people: np.ndarray  # int [P] true people
    boxes: np.ndarray  # [P, 4] x, y, w, h, where they are
    ids: np.ndarray  # int [Q] identities found
    found: np.ndarray  # [Q, 4] where


def _overlaps(frame, same_box):
    """IoU [P, Q], 0 below `same_box`."""
    iou = iou_matrix(np.ascontiguousarray(frame.boxes, np.float32), np.ascontiguousarray(frame.found, np.float32))
    return np.where(iou >= same_box, iou, 0).astype(float)


def matches(frame, same_box=SAME_BOX):
    """Identity found for each true person of the frame, one to one for the best sum of overlaps -> int [P], -1 =
    missed."""
    overlap = _overlaps(frame, same_box)
    columns = assign(np.ascontiguousarray(-overlap))
    met = [column >= 0 and overlap[person, column] > 0 for person, column in enumerate(columns)]
    ids = frame.ids[np.where(met, columns, 0)] if len(frame.ids) else np.zeros(len(columns))
    return np.where(met, ids, -1).astype(int)


def idf1(frames, same_box=SAME_BOX):
    """Share of true and found boxes that one lasting person - identity assignment explains, in 0..1.

    Two people who swap identities half-way:

    >>> boxes = np.array([[0, 0, 9, 9], [50, 0, 9, 9]])
    >>> def frame(*ids): return Frame(np.array([1, 2]), boxes, np.array(ids), boxes)
    >>> idf1([frame(7, 8), frame(7, 8)]), idf1([frame(7, 8), frame(8, 7)])
    (1.0, 0.5)
    """
    people = np.unique(np.concatenate([np.zeros(0, int), *(frame.people for frame in frames)]))
    ids = np.unique(np.concatenate([np.zeros(0, int), *(frame.ids for frame in frames)]))
    together = np.zeros((len(people), len(ids)))
    for frame in frames:
        rows, columns = np.searchsorted(people, frame.people), np.searchsorted(ids, frame.ids)
        np.add.at(together, (rows[:, None], columns[None]), _overlaps(frame, same_box) > 0)
    partner = assign(-together)
    right = sum(together[person, column] for person, column in enumerate(partner) if column >= 0)
    total = sum(len(frame.people) + len(frame.ids) for frame in frames)
    return float(2 * right / total) if total else float("nan")


def switches(frames, same_box=SAME_BOX):
    """How often a person bears another identity than when last found. Who overlaps with the identity they had keeps it.

    >>> boxes = np.array([[0, 0, 9, 9], [50, 0, 9, 9]])
    >>> def frame(*ids): return Frame(np.array([1, 2]), boxes, np.array(ids), boxes)
    >>> switches([frame(7, 8), frame(7, 8)]), switches([frame(7, 8), frame(8, 7), frame(8, 7)])
    (0, 2)
    """
    last, count = {}, 0
    for frame in frames:
        overlap = _overlaps(frame, same_box)
        for row, person in enumerate(frame.people.tolist()):
            kept = np.flatnonzero((frame.ids == last.get(person)) & (overlap[row] > 0))
            if len(kept):
                overlap[row, np.arange(len(frame.ids)) != kept[0]] = 0
                overlap[np.arange(len(overlap)) != row, kept[0]] = 0
        for row, column in enumerate(assign(-overlap)):
            if column >= 0 and overlap[row, column] > 0:
                person, identity = int(frame.people[row]), int(frame.ids[column])
                count += last.get(person, identity) != identity
                last[person] = identity
    return count


def figures(frames, same_box=SAME_BOX):
    """Figures of one clip.

    found     share of the true boxes that were found
    ids       identities a person got in the clip: the mean over people, and `ids_most` the largest
    main      share of the found boxes of a person that bear its most frequent identity: the mean over people
    swapped   identities that were two people's most frequent one
    switches  times that a person bears another identity than before
    false     found boxes a frame that meet nobody
    """
    seen = {}
    total = false = 0
    for frame in frames:
        ids = matches(frame, same_box)
        total += len(ids)
        false += len(frame.ids) - int((ids >= 0).sum())
        for person, identity in zip(frame.people.tolist(), ids.tolist(), strict=True):
            seen.setdefault(person, []).extend([identity] if identity >= 0 else [])
    counts = [np.unique(ids, return_counts=True) for ids in seen.values() if ids]
    mains = [ids[often.argmax()] for ids, often in counts]
    return {
        "people": len(seen),
        "found": sum(map(len, seen.values())) / total if total else float("nan"),
        "ids": float(np.mean([len(ids) for ids, _ in counts])) if counts else float("nan"),
        "ids_most": max((len(ids) for ids, _ in counts), default=0),
        "main": float(np.mean([often.max() / often.sum() for _, often in counts])) if counts else float("nan"),
        "swapped": len(mains) - len(set(mains)),
        "switches": switches(frames, same_box),
        "false": false / len(frames) if frames else float("nan"),
        "idf1": idf1(frames, same_box),
    }
