"""Predictions and the true person nearest to each, by 3D distance: what AP of poses and AP of roots are counted
over."""

from typing import NamedTuple

import numpy as np


class Found(NamedTuple):
    """A prediction with the true person nearest to it."""

    score: float
    distance: float  # mm, mean over joints
    person: tuple


def nearest_people(frames):
    """(truth [P, J, 3], predicted [Q, J, 3], scores [Q], visible [P, J] or None) of each picture -> list of `Found`,
    best score first, and the number of true people. Pictures without people are left out."""
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


def first_within(found, threshold):
    """Which predictions are right: strictly nearer than the threshold, and the first for their person. -> bool [P]"""
    taken, right = set(), []
    for one in found:
        right.append(one.distance < threshold and one.person not in taken)
        if right[-1]:
            taken.add(one.person)
    return np.array(right, bool)
