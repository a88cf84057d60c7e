"""Fills in the joints of a pose that were not found: where they would be if the person stood upright."""

import numpy as np

from duopose.stream.skeleton import BODY17, BODY_BONES

# Bone from parent to joint of an adult of 1.7 m who stands upright and faces the camera, metres, camera axes.
_UPRIGHT = {
    "right_hip": (-0.13, 0.0, 0.0), "right_knee": (0.0, 0.42, 0.0), "right_ankle": (0.0, 0.40, 0.0),
    "left_hip": (0.13, 0.0, 0.0), "left_knee": (0.0, 0.42, 0.0), "left_ankle": (0.0, 0.40, 0.0),
    "spine": (0.0, -0.22, 0.0), "thorax": (0.0, -0.26, 0.0),
    "nose": (0.0, -0.18, -0.12), "head_top": (0.0, -0.16, 0.12),
    "left_shoulder": (0.17, 0.0, 0.0), "left_elbow": (0.0, 0.28, 0.0), "left_wrist": (0.0, 0.24, 0.0),
    "right_shoulder": (-0.17, 0.0, 0.0), "right_elbow": (0.0, 0.28, 0.0), "right_wrist": (0.0, 0.24, 0.0),
}  # fmt: skip
UPRIGHT = np.array([_UPRIGHT.get(name, (0, 0, 0)) for name in BODY17], np.float32)
_SIDES = [(BODY17.index(f"left_{name}"), BODY17.index(f"right_{name}")) for name in ("shoulder", "hip")]


def faces_camera(pose, found):
    """Whether the person's left is on the right in the image; True if neither shoulders nor hips were found."""
    for left, right in _SIDES:
        if found[left] and found[right]:
            return bool(pose[left, 0] >= pose[right, 0])
    return True


def complete(joints, confidence):
    """Each joint that was not found is put where a neighbour in the skeleton and the bone of UPRIGHT between them say.

    Neighbours of found joints come first, then their neighbours, and so on.

    joints      float32 [N, 17, 3]  BODY17, metres, camera frame; anything where confidence is 0
    confidence  float32 [N, 17]     0 = not found; everyone has at least one joint, else ValueError
    ->          float32 [N, 17, 3]  complete
    """
    joints = joints.copy()
    for n in range(len(joints)):
        found = confidence[n] > 0
        if not found.any():
            raise ValueError(f"person {n} of {len(joints)} has no joint to start from")
        around = UPRIGHT if faces_camera(joints[n], found) else UPRIGHT * (-1, 1, -1)
        while not found.all():
            before = found.copy()
            for parent, joint in BODY_BONES:
                if before[parent] and not found[joint]:
                    joints[n, joint] = joints[n, parent] + around[joint]
                    found[joint] = True
                elif before[joint] and not found[parent]:
                    joints[n, parent] = joints[n, joint] - around[joint]
                    found[parent] = True
    return joints
