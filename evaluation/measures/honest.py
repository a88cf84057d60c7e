"""Our own figures of 3D poses in camera space: nothing is aligned or rescaled, and a missed person is wrong at every
joint.

True and predicted people meet on the image. Joints are matched by name, those outside the image or unknown in the truth
are not scored. The root is the middle of the true hips, and joint 0 of the prediction. Where nobody's hips are known it
is the middle of other joints, the same ones in both (`anchor`).
"""

from typing import NamedTuple

import numpy as np

from duopose.evaluation.measures.metrics import procrustes
from duopose.kernels.assignment import assign
from duopose.stream.messages import Camera
from duopose.stream.skeleton import BODY17, PELVIS

NEAR = 0.15  # m, of PCK
NEAREST = 0.25  # mean distance of the common joints, as a share of the person's larger side, up to which people meet
ALIGNABLE = 4  # joints that PA-MPJPE needs to say anything


class Truth(NamedTuple):
    """Everyone annotated in one frame; P people, in BODY17's order, NaN where a joint is unknown or not in the set."""

    joints: np.ndarray  # [P, 17, 3] metres, camera frame
    pixels: np.ndarray  # [P, 17, 2] pixels
    scored: np.ndarray  # bool [P, 17] known and inside the image
    roots: np.ndarray  # [P, 3] metres
    people: np.ndarray | None = None  # int [P] whom the set calls so; None = nobody has a name
    anchor: tuple = (PELVIS,)  # joints of a prediction in whose middle its root is


class Met(NamedTuple):
    """What else a record says of the person found."""

    identity: int
    box: np.ndarray  # [4] pixels x, y, w, h
    body: np.ndarray  # [17, 3] pixels, score; measured
    camera: Camera
    depth_sd: float = np.nan  # standard deviation of the log of the root's depth
    joint_sd: np.ndarray | None = None  # [17] mm


class Pair(NamedTuple):
    """An annotated person and the poses found for it."""

    joints: np.ndarray  # [17, 3] metres
    scored: np.ndarray  # bool [17]
    root: np.ndarray  # [3] metres
    poses: dict  # row -> [17, 3] metres, NaN = this branch has none; {} = the person was missed
    anchor: tuple = (PELVIS,)  # as in Truth
    frame: int | None = None  # number in the clip; None for a picture
    person: int | None = None  # whom the set calls so
    met: Met | None = None  # None = missed, or not asked


def match(truth, predicted):
    """Who is whom on the image.

    truth      [P, 17, 2] pixels, NaN = not known
    predicted  [Q, 17, 2] pixels, NaN = not found
    ->         [P] index of the prediction, -1 = none

    >>> person = np.linspace(0, 100, 34).reshape(1, 17, 2)
    >>> match(np.concatenate([person, person + 500]), person + [3, 24]).tolist()
    [0, -1]
    """
    cost = np.full((len(truth), len(predicted)), 1e3)
    for p, true in enumerate(truth):
        size = np.nanmax(np.nanmax(true, 0) - np.nanmin(true, 0)) if np.isfinite(true).any() else 0.0
        for q, found in enumerate(predicted):
            distance = np.linalg.norm(true - found, axis=-1)
            if np.isfinite(distance).any() and (away := np.nanmean(distance)) <= NEAREST * size:
                cost[p, q] = away / size
    columns = assign(cost)
    met = [column >= 0 and cost[person, column] < 1e3 for person, column in enumerate(columns)]
    return np.where(met, columns, -1).astype(int)


def pose_of(pair, row):
    """Pose [17, 3] that a row has for a person, or None."""
    pose = pair.poses.get(row)
    return pose if pose is not None and np.isfinite(pose).all() else None


def root_of(pair, pose):
    """Root [3] of a prediction for this person."""
    return pose[list(pair.anchor)].mean(0)


def errors(pair, row):
    """Distances of the scored joints of one pair, m: relative to the roots, and absolute; None if the row has no
    pose."""
    pose = pose_of(pair, row)
    if pose is None:
        return None
    absolute = np.linalg.norm(pose - pair.joints, axis=-1)[pair.scored]
    relative = np.linalg.norm((pose - root_of(pair, pose)) - (pair.joints - pair.root), axis=-1)[pair.scored]
    return relative, absolute


def depth_errors(pairs, row):
    """(Z - Z_true) / Z_true of the roots of those the row found -> [N]"""
    poses = [(pair, pose) for pair in pairs if (pose := pose_of(pair, row)) is not None]
    return np.array([(root_of(pair, pose)[2] - pair.root[2]) / pair.root[2] for pair, pose in poses])


def figures(pairs, row):
    """Figures of one row ("fused", "top_down", "bottom_up") over these people.

    MPJPE and PA-MPJPE in mm and the median root depth error in % over those it found, as a distance and with its sign
    (+ = too far away); PCK and PCK_abs at 150 mm in % over all.

    >>> joints = np.zeros((17, 3)); joints[1] = [0.1, 0, 3]; joints[:, 2] = 3
    >>> pair = Pair(joints, np.arange(17) < 4, joints[0], {"fused": joints + [0, 0, 0.3]})
    >>> row = figures([pair, pair._replace(poses={})], "fused")
    >>> {name: round(value, 6) for name, value in row.items() if name != "depth_signed"}
    {'people': 2, 'recall': 50.0, 'mpjpe': 0.0, 'pa_mpjpe': 0.0, 'pck': 50.0, 'pck_abs': 0.0, 'depth': 10.0}
    >>> round(row["depth_signed"], 6)
    10.0
    """
    results = [errors(pair, row) for pair in pairs]
    found = [(pair, result) for pair, result in zip(pairs, results, strict=True) if result is not None]
    joints = sum(int(pair.scored.sum()) for pair in pairs)
    aligned = []
    for pair, _ in found:
        if pair.scored.sum() >= ALIGNABLE:
            truth, pose = pair.joints[pair.scored], pair.poses[row][pair.scored]
            aligned.append(np.linalg.norm(procrustes(pose, truth) - truth, axis=-1))
    depth = 100 * depth_errors(pairs, row)
    return {
        "people": len(pairs),
        "recall": share(len(found), len(pairs)),
        "mpjpe": 1000 * mean(relative for _, (relative, _) in found),
        "pa_mpjpe": 1000 * mean(aligned),
        "pck": share(sum((relative < NEAR).sum() for _, (relative, _) in found), joints),
        "pck_abs": share(sum((absolute < NEAR).sum() for _, (_, absolute) in found), joints),
        "depth": median(np.abs(depth)),
        "depth_signed": median(depth),
    }


def share(part, whole):
    """In percent; NaN of nothing."""
    return 100 * float(part) / whole if whole else np.nan


def mean(arrays):
    """Of all their numbers; NaN without any."""
    arrays = [np.zeros(0), *arrays]
    values = np.concatenate(arrays)
    return float(values.mean()) if len(values) else np.nan


def median(values):
    """NaN of nothing."""
    return float(np.median(values)) if len(values) else np.nan


def by_name(names, joints, order=BODY17):
    """Joints [J, D] (None = unknown) of a set with these names -> float [17, D] in the order of BODY17, or of COCO17;
    NaN = unknown there."""
    size = next((len(joint) for joint in joints if joint is not None), 3)
    place = {name: joint for name, joint in zip(names, joints, strict=True) if joint is not None}
    return np.array([place.get(name, [np.nan] * size) for name in order], float)
