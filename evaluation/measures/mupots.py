"""Protocols of MuPoTS-3D: 3DPCK, PCK_abs and AUC of the MATLAB script, and what the paper's authors compute instead.

Checked against the MATLAB script's NumPy port (vegesm/pose_refinement) and ddddwee1/MuPoTS3D-Evaluation. Millimetres,
camera frame. 17 joints in MuPoTS' order; the last three (pelvis, spine, head) are never scored.
"""

from typing import NamedTuple

import numpy as np

from duopose.evaluation.measures.metrics import procrustes, rooted

JOINTS = (
    "head_top", "neck", "right_shoulder", "right_elbow", "right_wrist", "left_shoulder", "left_elbow", "left_wrist",
    "right_hip", "right_knee", "right_ankle", "left_hip", "left_knee", "left_ankle", "pelvis", "spine", "head",
)  # fmt: skip
PELVIS = JOINTS.index("pelvis")
PARENTS = (1, 15, 1, 2, 3, 1, 5, 6, 14, 8, 9, 14, 11, 12, 14, 14, 1)
OUTWARDS = (14, 15, 1, 0, 16, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13)  # from the pelvis: parents come before children
SCORED = slice(0, 14)
NEAR = 150.0  # mm
THRESHOLDS = np.arange(0, 151, 5)  # mm, of the AUC
MISSED = 1e5  # mm, error at each joint of a person that nobody found
MATCH_2D = 40.0  # px
MATCH_3D = 250.0  # mm


class Frame(NamedTuple):
    """What is true and what was found in one picture; people without a valid annotation are left out beforehand."""

    truth: np.ndarray  # [P, 17, 3] mm
    predicted: np.ndarray  # [Q, 17, 3] mm


def match_on_image(truth, predicted):
    """Who is whom by the MATLAB script: true people choose in turn, who is chosen is taken.

    truth [P, 17, 2], predicted [Q, 17, 2] pixels -> [P] index of the prediction, -1 = none

    >>> true = np.zeros((2, 17, 2)); true[1] += 100
    >>> match_on_image(true, true[::-1] + 39).tolist(), match_on_image(true, true[:1] + 40).tolist()
    ([1, 0], [-1, -1])
    """
    close = (np.abs(truth[:, None, 1:14] - predicted[None, :, 1:14]) < MATCH_2D).all(-1).sum(-1)
    out = np.full(len(truth), -1)
    for person, scores in enumerate(close):
        if scores.size and scores.max() >= 1:
            out[person] = scores.argmax()
            close[:, out[person]] = 0
    return out


def match_by_pose(truth, predicted):
    """Who is whom by the authors' code: the most similar pose after Procrustes. Several people may take the same
    one."""
    out = np.full(len(truth), -1)
    for person, true in enumerate(rooted(truth, PELVIS)):
        if len(predicted):
            aligned = procrustes(rooted(predicted, PELVIS), np.broadcast_to(true, predicted.shape))
            distance = np.linalg.norm(aligned - true, axis=-1).mean(-1)
            if distance.min() <= MATCH_3D:
                out[person] = distance.argmin()
    return out


def normalise_bones(predicted, truth, pairs=None):
    """Predicted poses [..., 17, 3] with their own directions and the true bone lengths; the pelvis stays.

    `pairs`: (joint, parent) in the order of work; default: each joint with its parent, from the pelvis outwards.

    >>> found, true = np.zeros((17, 3)), np.zeros((17, 3))
    >>> found[15, 1], found[1, 1], true[15, 1], true[1, 1] = -200, -400, -250, -550
    >>> normalise_bones(found, true, [(15, 14), (1, 15)])[[15, 1], 1].tolist()
    [-250.0, -550.0]
    """
    out = predicted.copy()
    for joint, parent in pairs or [(joint, PARENTS[joint]) for joint in OUTWARDS[1:]]:
        bone = predicted[..., joint, :] - predicted[..., parent, :]
        length = np.linalg.norm(truth[..., joint, :] - truth[..., parent, :], axis=-1, keepdims=True)
        out[..., joint, :] = out[..., parent, :] + bone * length / np.maximum(
            np.linalg.norm(bone, axis=-1, keepdims=True), 1e-9
        )
    return out


# The authors' code takes parents[i] in step i, where parents[order[i]] was meant.
AUTHORS_PAIRS = tuple((joint, PARENTS[step]) for step, joint in enumerate(OUTWARDS[1:]))


def pairs_found(frames, matches):
    """All true people of these frames [people, 17, 3], which of them were found, bool [people], and as what [found, 17,
    3]."""
    true = np.concatenate([np.zeros((0, 17, 3)), *(frame.truth for frame in frames)])
    match = np.concatenate([np.zeros(0, int), *matches])
    found = [frame.predicted[match[match >= 0]] for frame, match in zip(frames, matches, strict=True)]
    return true, match >= 0, np.concatenate([np.zeros((0, 17, 3)), *found])


def errors(frames, matches, absolute=False, all_annotated=True, normalise=True):
    """Errors of the scored joints of all people in these frames.

    matches        for each frame [P], of `match_on_image`
    absolute       in camera coordinates (PCK_abs) instead of relative to the pelvis
    all_annotated  people nobody found count with `MISSED`; False: they are left out
    normalise      give the predictions the true bone lengths, as the MATLAB script does in both
    ->             [people, 14] mm
    """
    true, met, found = pairs_found(frames, matches)
    goal = true[met]
    if not absolute:
        goal, found = rooted(goal, PELVIS), rooted(found, PELVIS)
    out = np.full((len(true), 14), MISSED)
    out[met] = np.linalg.norm((normalise_bones(found, goal) if normalise else found) - goal, axis=-1)[:, SCORED]
    return out if all_annotated else out[met]


def authors_errors(frames, absolute=False):
    """Errors as the authors' code computes them: matched by pose, bones paired wrongly, and in the absolute protocol
    the true pelvis, moved along its ray to the predicted depth, in place of the predicted pelvis. -> [people, 14] mm"""
    true, met, found = pairs_found(frames, [match_by_pose(frame.truth, frame.predicted) for frame in frames])
    goal = rooted(true[met], PELVIS)
    pose = normalise_bones(rooted(found, PELVIS), goal, AUTHORS_PAIRS)
    if absolute:
        pelvis = true[met][:, PELVIS, None]
        pose, goal = pose + pelvis * found[:, PELVIS, None, 2:] / pelvis[..., 2:], true[met]
    out = np.full((len(true), 14), MISSED)
    out[met] = np.linalg.norm(pose - goal, axis=-1)[:, SCORED]
    return out
