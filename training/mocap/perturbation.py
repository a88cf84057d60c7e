"""Poses that nobody takes: real ones spoilt in the ways in which estimates go wrong.

Poses are float32 [N, 17, 3], BODY17, metres, camera frame (z away from the camera); each function returns new ones.
"""

import numpy as np

from duopose.stream.skeleton import (
    BODY_MIRROR,
    HEAD_TOP,
    L_ANKLE,
    L_ELBOW,
    L_HIP,
    L_KNEE,
    L_SHOULDER,
    L_WRIST,
    NOSE,
    PELVIS,
    R_ANKLE,
    R_ELBOW,
    R_HIP,
    R_KNEE,
    R_SHOULDER,
    R_WRIST,
    THORAX,
)

# Where a limb begins, and the joints that go with it.
LIMBS = (
    (R_HIP, (R_KNEE, R_ANKLE)),
    (L_HIP, (L_KNEE, L_ANKLE)),
    (R_KNEE, (R_ANKLE,)),
    (L_KNEE, (L_ANKLE,)),
    (R_SHOULDER, (R_ELBOW, R_WRIST)),
    (L_SHOULDER, (L_ELBOW, L_WRIST)),
    (R_ELBOW, (R_WRIST,)),
    (L_ELBOW, (L_WRIST,)),
    (PELVIS, tuple(range(1, 17))),
    (THORAX, (NOSE, HEAD_TOP)),
)

FLAT = 0.05  # metres: a limb with less depth is as good as parallel to the picture


def limb_masks(count, rng):
    """A random limb each: the joint where it begins int [N], the joints that move bool [N, 17]."""
    chosen = rng.integers(len(LIMBS), size=count)
    moves = np.zeros((len(LIMBS), 17), bool)
    for row, (_, joints) in enumerate(LIMBS):
        moves[row, list(joints)] = True
    return np.array([begin for begin, _ in LIMBS])[chosen], moves[chosen]


def scattered(poses, rng):
    """Every joint strays, by 3 to 10 cm along each axis."""
    sigma = rng.uniform(0.03, 0.1, (len(poses), 1, 1))
    return (poses + sigma * rng.standard_normal(poses.shape)).astype(np.float32)


def deepened(poses, rng):
    """Every joint strays along the line of sight only, by 5 to 15 cm: the picture stays as it was."""
    ray = poses / np.linalg.norm(poses, axis=-1, keepdims=True)
    by = rng.uniform(0.05, 0.15, (len(poses), 1)) * rng.standard_normal(poses.shape[:2])
    return (poses + ray * by[..., None]).astype(np.float32)


def flipped(poses, rng):
    """A limb points towards the camera instead of away from it, or the other way round; where it hardly does either,
    the whole body."""
    begin, moves = limb_masks(len(poses), rng)
    offset = poses[..., 2] - np.take_along_axis(poses[..., 2], begin[:, None], 1)
    flat = np.abs(offset * moves).max(1) < FLAT
    offset[flat], moves[flat] = (poses[..., 2] - poses[:, PELVIS, None, 2])[flat], True
    mirrored = poses.copy()
    mirrored[..., 2] -= 2 * offset
    return np.where(moves[..., None], mirrored, poses)


def bent(poses, rng):
    """A limb turns where it begins, by 50 to 150 degrees about any axis."""
    begin, moves = limb_masks(len(poses), rng)
    count = len(poses)
    axis = rng.standard_normal((count, 3))
    axis /= np.linalg.norm(axis, axis=-1, keepdims=True)
    angle = np.radians(rng.uniform(50, 150, count))[:, None, None]
    pivot = np.take_along_axis(poses, begin[:, None, None], 1)
    arm, axis = poses - pivot, np.broadcast_to(axis[:, None], poses.shape)
    along = (axis * arm).sum(-1, keepdims=True) * axis
    turned = pivot + along + np.cos(angle) * (arm - along) + np.sin(angle) * np.cross(axis, arm)
    return np.where(moves[..., None], turned, poses).astype(np.float32)


def swapped(poses, rng):
    """Left and right legs, or arms, change places."""
    legs = rng.random(len(poses)) < 0.5
    moves = np.zeros((2, 17), bool)
    moves[0, 11:17], moves[1, 1:7] = True, True
    return np.where(moves[legs.astype(int)][..., None], poses[:, BODY_MIRROR], poses)


def stretched(poses, rng):
    """A limb is half to three quarters as long as it should be, or a third to two thirds longer."""
    begin, moves = limb_masks(len(poses), rng)
    moves[begin == PELVIS] = LEGS
    pivot = np.take_along_axis(poses, begin[:, None, None], 1)
    long = rng.random(len(poses)) < 0.5
    scale = np.where(long, rng.uniform(1.33, 1.67, len(poses)), rng.uniform(0.5, 0.75, len(poses)))
    return np.where(moves[..., None], pivot + scale[:, None, None] * (poses - pivot), poses).astype(np.float32)


LEGS = np.isin(np.arange(17), [R_HIP, R_KNEE, R_ANKLE, L_HIP, L_KNEE, L_ANKLE])
KINDS = {kind.__name__: kind for kind in (scattered, deepened, flipped, bent, swapped, stretched)}


def perturbed(poses, rng):
    """Each pose spoilt in one of the ways, chosen at random."""
    out = poses.copy()
    for kind, rows in zip(KINDS.values(), np.array_split(rng.permutation(len(poses)), len(KINDS)), strict=True):
        out[rows] = kind(poses[rows], rng)
    return out
