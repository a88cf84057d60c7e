"""CMU Panoptic as VoxelPose and mmpose evaluate it: AP and AR of whole poses by their mean joint distance, absolute.

Checked against mmpose 0.x, body3d_mview_direct_panoptic_dataset.
"""

from typing import NamedTuple

import numpy as np

THRESHOLDS = (25, 50, 75, 100, 125, 150)  # mm
WIDE = 500  # mm, of recall and MPJPE
TINY = 1e-5  # mmpose adds it to the denominators


class Found(NamedTuple):
    """A prediction with the true person nearest to it."""

    score: float
    distance: float  # mm, mean over joints
    person: tuple


def nearest_people(frames):
    """(truth [P, J, 3], predicted [Q, J, 3], scores [Q], visible [P, J] or None) of each picture -> list of `Found`, best
    score first, and the number of true people. Pictures without people are left out."""
    found, total = [], 0
    for number, (truth, predicted, scores, visible) in enumerate(frames):
        if not len(truth):
            continue
        total += len(truth)
        weight = np.ones(truth.shape[:2]) if visible is None else visible.astype(float)
        for pose, score in zip(predicted, scores, strict=True):
            distance = (np.linalg.norm(truth - pose, axis=-1) * weight).sum(1) / np.maximum(weight.sum(1), 1)
            found.append(Found(float(score), float(distance.min()), (number, int(distance.argmin()))))
    return sorted(found, key=lambda f: -f.score), total


def ap_ar(found, total, threshold):
    """Average precision (made monotone) and the recall reached, in percent; a person counts once, if strictly below.

    >>> found = [Found(0.9, 20.0, (0, 0)), Found(0.8, 30.0, (0, 0)), Found(0.7, 90.0, (0, 1))]
    >>> [round(value, 2) for value in ap_ar(found, 2, 100)]
    [83.33, 100.0]
    """
    taken, hits = set(), []
    for f in found:
        hits.append(f.distance < threshold and f.person not in taken)
        if hits[-1]:
            taken.add(f.person)
    if not hits:
        return 0.0, 0.0
    right = np.cumsum(hits)
    recall = right / (total + TINY)
    precision = right / (np.arange(1, len(hits) + 1) + TINY)
    precision = np.maximum.accumulate(precision[::-1])[::-1]
    return 100 * float(np.sum(np.diff(recall, prepend=0) * precision)), 100 * float(recall[-1])


def recall(found, total, threshold=WIDE):
    """Share of people, in percent, that are the nearest of some prediction within the threshold."""
    return 100 * len({f.person for f in found if f.distance < threshold}) / total


def mpjpe(found, threshold=WIDE):
    """Mean distance, mm, of each person's first prediction within the threshold; NaN of none."""
    first = {}
    for f in found:
        if f.distance < threshold:
            first.setdefault(f.person, f.distance)
    return float(np.mean(list(first.values()))) if first else np.nan
