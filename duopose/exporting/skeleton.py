"""The skeleton of exported files: bones that keep their lengths, in a rest pose, and where rotations take them.

Rest pose: a T that looks along +z, y up: its left is +x, the arms are stretched to the sides. Bones are named as
Unity's HumanBodyBones, which other programs map by themselves; each begins at a joint of BODY17.
"""

from typing import NamedTuple

import numpy as np

from duopose.stream.skeleton import (
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
    SPINE,
    THORAX,
)  # fmt: skip

LEFT, RIGHT, UP, DOWN = np.array([(1.0, 0, 0), (-1, 0, 0), (0, 1, 0), (0, -1, 0)])


class Bone(NamedTuple):
    name: str
    joint: int  # of BODY17, where it begins and what it turns about
    parent: int  # number of the bone that carries it; the first has none
    rest: np.ndarray | None = None  # direction from the parent's joint to this one; None: see `_head` and NECK


BONES = (
    Bone("Hips", PELVIS, -1),
    Bone("RightUpperLeg", R_HIP, 0, RIGHT), Bone("RightLowerLeg", R_KNEE, 1, DOWN), Bone("RightFoot", R_ANKLE, 2, DOWN),
    Bone("LeftUpperLeg", L_HIP, 0, LEFT), Bone("LeftLowerLeg", L_KNEE, 4, DOWN), Bone("LeftFoot", L_ANKLE, 5, DOWN),
    Bone("Spine", SPINE, 0, UP), Bone("Chest", THORAX, 7, UP), Bone("Neck", THORAX, 8), Bone("Head", NOSE, 9),
    Bone("HeadTop", HEAD_TOP, 10),
    Bone("LeftUpperArm", L_SHOULDER, 8, LEFT), Bone("LeftLowerArm", L_ELBOW, 12, LEFT),
    Bone("LeftHand", L_WRIST, 13, LEFT),
    Bone("RightUpperArm", R_SHOULDER, 8, RIGHT), Bone("RightLowerArm", R_ELBOW, 15, RIGHT),
    Bone("RightHand", R_WRIST, 16, RIGHT),
)  # fmt: skip
NAMES = tuple(bone.name for bone in BONES)
PARENTS = tuple(bone.parent for bone in BONES)
JOINTS = [bone.joint for bone in BONES]
HIPS, CHEST, NECK, HEAD, CROWN = (NAMES.index(name) for name in ("Hips", "Chest", "Neck", "Head", "HeadTop"))
# What hands and feet are drawn with, m: the record does not say how long they are. The head ends at its top.
TIPS = {"LeftHand": 0.08 * LEFT, "RightHand": 0.08 * RIGHT, "LeftFoot": np.array([0, 0, 0.08]),
        "RightFoot": np.array([0, 0, 0.08])}  # fmt: skip
SHORTEST = 1e-3  # m, of a bone: programs stumble over those without length


def rest_offsets(joints):
    """The rest pose of one person: bone lengths are medians.

    joints  float64 [T, 17, 3]   measured, metres
    ->      float64 [18, 3]      from the parent's joint to each bone's, metres
    """
    offsets = np.zeros((len(BONES), 3))
    for place, bone in enumerate(BONES):
        if bone.rest is not None:
            offsets[place] = bone.rest * _length(joints, JOINTS[bone.parent], bone.joint)
    nose, crown = _head(*(_length(joints, a, b) for a, b in ((THORAX, NOSE), (NOSE, HEAD_TOP), (THORAX, HEAD_TOP))))
    offsets[HEAD], offsets[CROWN] = nose, crown - nose
    return offsets


def _length(joints, a, b):
    return max(float(np.median(np.linalg.norm(joints[:, a] - joints[:, b], axis=-1))), SHORTEST)


def _head(to_nose, to_crown, height):
    """Triangle of thorax, nose and head top -> the last two: the head top straight above, the nose before."""
    up = min(max((to_nose**2 - to_crown**2 + height**2) / (2 * height), -to_nose), to_nose)
    nose = np.array([0, up, np.sqrt(to_nose**2 - up**2)])
    crown = height * UP - nose
    return nose, nose + to_crown * crown / max(np.linalg.norm(crown), SHORTEST)


def pose(offsets, root, rotations):
    """Forward kinematics.

    offsets    float64 [18, 3]         rest pose, metres
    root       float64 [T, 3]          where the hips are
    rotations  float64 [T, 18, 3, 3]   of each bone, relative to its parent
    ->         float64 [T, 18, 3]      where each bone begins, metres
    """
    turned, places = [], []
    for bone, parent in enumerate(PARENTS):
        if parent < 0:
            turned.append(rotations[:, bone])
            places.append(root)
        else:
            turned.append(turned[parent] @ rotations[:, bone])
            places.append(places[parent] + turned[parent] @ offsets[bone])
    return np.stack(places, 1)
