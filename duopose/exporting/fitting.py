"""Joint positions -> rotations of bones that keep their lengths.

From the hips outwards, each bone points from where the one before it ends to its own joint, so that errors do not add
up. A bone that carries several is turned to fit all of them, by least squares (Kabsch's algorithm: what SciPy's
`Rotation.align_vectors` does, for all frames at once). Any other takes the shortest way, and its twist from the hinge
behind it: knees and elbows bend in one plane. A stretched limb has no such plane: its twist is interpolated in time.
"""

from typing import NamedTuple

import numpy as np
from scipy.spatial.transform import Rotation

from duopose.exporting.grid import without_gaps
from duopose.exporting.skeleton import (
    BONES,
    CHEST,
    CROWN,
    HEAD,
    HIPS,
    JOINTS,
    LEFT,
    NECK,
    PARENTS,
    UP,
    pose,
    rest_offsets,
)  # fmt: skip
from duopose.stream.skeleton import HEAD_TOP, NOSE

BENT = np.sin(np.radians(15))  # a limb that is bent by less has no plane
TRUNK = 0.1  # m, what the direction of the trunk weighs beside the shoulders, which tell no pitch
FAINT = 1e-6  # what the parent's rotation weighs: it decides where nothing else does
# Upper bone of a limb: axis of its hinge in the rest pose, and how far it may be twisted from the parent's, radians.
HINGES = {
    "RightUpperLeg": (LEFT, np.pi / 2), "LeftUpperLeg": (LEFT, np.pi / 2),
    "LeftUpperArm": (-UP, np.pi), "RightUpperArm": (UP, np.pi),
}  # fmt: skip


class Fitted(NamedTuple):
    """One person as a skeleton. Gaps are bridged; `motion.seen` tells where."""

    identity: int
    offsets: np.ndarray  # float64 [18 3]        rest pose, metres
    root: np.ndarray  # float64 [T 3]            where the hips are, metres
    rotations: np.ndarray  # float64 [T 18 4]    of each bone, relative to its parent: x y z w, w > 0 at the beginning,
    # without jumps from q to -q
    error: np.ndarray  # float64 [T 17]          metres from the joints that were measured; NaN in gaps


def fit(motion):
    """Motion -> Fitted."""
    joints = without_gaps(motion)
    offsets = refined(rest_offsets(motion.joints[motion.seen]), joints)
    world = turned(joints, offsets)
    local = relative(world)
    root = joints[:, JOINTS[HIPS]]
    places = np.empty_like(joints)
    places[:, JOINTS] = pose(offsets, root, local)
    error = np.linalg.norm(places - motion.joints, axis=-1)
    return Fitted(motion.identity, offsets, root, _quaternions(local), error)


def relative(world):
    """Rotations of bones, [T, 18, 3, 3], from the rest pose -> relative to the parent's."""
    local = np.swapaxes(world[:, [max(parent, 0) for parent in PARENTS]], -1, -2) @ world
    local[:, HIPS] = world[:, HIPS]
    return local


def refined(offsets, joints):
    """The rest pose with hips and shoulders in this person's usual directions from the bone that carries them."""
    world, offsets = turned(joints, offsets), offsets.copy()
    for bone in (HIPS, CHEST):
        for child in (child for child in carried_by(bone) if child != NECK):
            seen = joints[:, JOINTS[child]] - joints[:, JOINTS[bone]]
            usual = np.median(np.einsum("tji,tj->ti", world[:, bone], seen), axis=0)
            offsets[child] = _unit(usual) * np.linalg.norm(offsets[child])
    return offsets


def carried_by(bone):
    return [child for child, parent in enumerate(PARENTS) if parent == bone]


def turned(joints, offsets, twists=None):
    """Rotation of each bone from the rest pose.

    joints   float64 [T, 17, 3]
    offsets  float64 [18, 3]
    twists   {bone: radians} of the frame before, where limbs are stretched all the time; those of the last are put in
    ->       float64 [T, 18, 3, 3]
    """
    twists = {} if twists is None else twists
    world = np.empty((len(joints), len(BONES), 3, 3))
    places = np.empty((len(joints), len(BONES), 3))
    places[:, HIPS] = joints[:, JOINTS[HIPS]]
    for bone, (name, joint, parent, _) in enumerate(BONES):
        before = world[:, parent] if parent >= 0 else np.broadcast_to(np.eye(3), (len(joints), 3, 3))
        if parent >= 0:
            places[:, bone] = places[:, parent] + before @ offsets[bone]
        carried = carried_by(bone)
        to = {child: joints[:, BONES[child].joint] - places[:, bone] for child in carried}
        if bone == CHEST:
            trunk = joints[:, joint] - joints[:, BONES[parent].joint]
            arms = [child for child in carried if child != NECK]
            rest, seen = [*offsets[arms], TRUNK * UP], [*(to[child] for child in arms), TRUNK * _unit(trunk)]
            world[:, bone] = _best(np.array(rest), np.stack(seen, 1), before)
        elif bone == NECK:
            rest = np.array([offsets[HEAD], offsets[HEAD] + offsets[CROWN]])
            seen = joints[:, [NOSE, HEAD_TOP]] - places[:, bone, None]
            best = _best(rest, seen, before)
            world[:, bone] = _swing(best @ offsets[HEAD], seen[:, 0]) @ best
        elif len(carried) > 1:
            world[:, bone] = _best(offsets[carried], np.stack(list(to.values()), 1), before)
        elif carried:
            (child,) = carried
            world[:, bone] = _swing(before @ offsets[child], to[child]) @ before
            if name in HINGES:
                ends = joints[:, BONES[child + 1].joint] - joints[:, BONES[child].joint]
                angles = _twist(to[child], ends, world[:, bone], *HINGES[name], twists.get(name, 0.0))
                twists[name] = float(angles[-1])
                about = Rotation.from_rotvec(_unit(to[child]) * angles[:, None])
                world[:, bone] = about.as_matrix() @ world[:, bone]
        else:
            world[:, bone] = before
    return world


def _best(rest, seen, prior):
    """rest [K, 3] turned to `seen` [T, K, 3] -> float64 [T, 3, 3]."""
    left, _, right = np.linalg.svd(np.einsum("tki,kj->tij", seen, rest) + FAINT * prior)
    left[..., 2] *= np.linalg.det(left @ right)[:, None]  # no mirror
    return left @ right


def _swing(a, b):
    """The shortest rotation from a [T, 3] to b [T, 3] -> float64 [T, 3, 3]."""
    a, b = _unit(a), _unit(b)
    middle = _unit(a + b + 1e-9 * a[:, (1, 2, 0)])  # opposite directions: about any axis
    half = _mirror(middle)
    return half @ _mirror(a)


def _mirror(axis):
    """Half a turn about unit vectors [T, 3] -> float64 [T, 3, 3]."""
    return 2 * axis[:, :, None] * axis[:, None, :] - np.eye(3)


def _twist(upper, lower, world, hinge, widest, before):
    """How far the upper part of a limb is turned about itself: its hinge is where the lower part shows it.

    upper, lower  float64 [T, 3]      directions of the limb's two parts
    world         float64 [T, 3, 3]   rotation of the upper part, without twist
    hinge         float64 [3]         axis of the hinge in the rest pose
    widest        radians; a twist beyond is an error of the pose
    before        radians, where no row shows it
    ->            float64 [T], radians
    """
    upper, axis = _unit(upper), world @ hinge
    shown = np.cross(upper, _unit(lower))
    angle = np.arctan2((upper * np.cross(axis, shown)).sum(-1), (axis * shown).sum(-1))
    sure = np.flatnonzero((np.linalg.norm(shown, axis=-1) > BENT) & (np.abs(angle) <= widest))
    if not len(sure):
        return np.full(len(angle), before)
    return np.interp(np.arange(len(angle)), sure, np.unwrap(angle[sure]))


def _unit(vectors):
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9)


def _quaternions(matrices):
    """[T, N, 3, 3] -> [T, N, 4], x y z w, from row to row the nearer one of q and -q."""
    shape = matrices.shape[:2]
    quaternions = Rotation.from_matrix(matrices.reshape(-1, 3, 3)).as_quat(canonical=True).reshape(*shape, 4)
    flips = np.where((quaternions[1:] * quaternions[:-1]).sum(-1) < 0, -1.0, 1.0)
    quaternions[1:] *= np.cumprod(flips, axis=0)[..., None]
    return quaternions
