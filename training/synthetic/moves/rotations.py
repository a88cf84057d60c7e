"""From captured joint rotations to the rotations of the body's 104 bones.

Rotations say what joint positions can't: how forearms, hands, head and feet are turned about their own length. The
source is a skeleton whose rest pose is a palms-down T-pose, y up, facing +z. With G_j the world rotation of source
joint j and C the map from its axes to ours (x, y, z -> x, -z, y), the rotation of a bone is C G_j C^T A, where the
constant A carries the bone from the body's rest pose to the source's.
"""

from typing import NamedTuple

import numpy as np

from duopose.stream.skeleton import BODY17
from duopose.training.synthetic.moves.retarget import bent, between, carry, frame, smallest

OURS = np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]])  # C
JERK = np.deg2rad(70)  # a joint that turns further from one frame to the next was lost by the capture


class Skeleton(NamedTuple):
    """The source's joints, and where body17 lies on them."""

    joints: list  # names, in the order of the rotations
    parents: np.ndarray  # int [J]
    frames: np.ndarray  # int [17]          the joint whose rotation a body17 joint follows
    origins: np.ndarray  # int [17]         the body17 joint it hangs on
    vectors: np.ndarray  # float [17, 3]    its place from there at rest, m
    pelvis: np.ndarray  # float [3]         the pelvis from the first joint, m


def skeleton_of(data):
    """The skeleton in the arrays of a file of rotations."""
    joints, offsets = [str(name) for name in data["skel_joints"]], data["skel_offsets_m"].astype(np.float64)
    sides = [offsets[joints.index(f"{side}Buttock")] + offsets[joints.index(f"{side}Thigh")] for side in "lr"]
    return Skeleton(
        joints, data["skel_parents"], data["h36m_frame_joint"], data["h36m_parent"],
        data["h36m_local_vec_m"].astype(np.float64), np.mean(sides, 0),
    )  # fmt: skip


def matrices(quaternions):
    """Quaternions w, x, y, z [..., 4], of any length -> rotations [..., 3, 3]."""
    quaternions = np.asarray(quaternions, np.float64)
    w, x, y, z = np.moveaxis(quaternions / np.linalg.norm(quaternions, axis=-1, keepdims=True), -1, 0)
    rows = [[1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)]]  # fmt: skip
    return np.stack([np.stack(row, -1) for row in rows], -2)


def world(local, parents):
    """Rotations relative to the parents [..., J, 3, 3] -> world rotations."""
    out = np.empty_like(local)
    for joint, parent in enumerate(parents):
        out[..., joint, :, :] = (out[..., parent, :, :] if parent >= 0 else np.eye(3)) @ local[..., joint, :, :]
    return out


def jerky(local):
    """Local rotations [T, J, 3, 3] -> bool [T]: frames before or after which some joint turns by more than JERK."""
    step = np.swapaxes(local[:-1], -1, -2) @ local[1:]
    lost = ((np.trace(step, axis1=-2, axis2=-1) - 1) / 2 < np.cos(JERK)).any(-1)
    out = np.zeros(len(local), bool)
    out[1:] |= lost
    out[:-1] |= lost
    return out


def joints_of(turned, root, skeleton):
    """World rotations [..., J, 3, 3] and places of the first joint [..., 3] -> body17 [..., 17, 3], m, y up."""
    out = np.zeros((*turned.shape[:-3], 17, 3))
    out[..., 0, :] = root + turned[..., 0, :, :] @ skeleton.pelvis
    for joint in range(1, 17):
        arm = turned[..., skeleton.frames[joint], :, :] @ skeleton.vectors[joint]
        out[..., joint, :] = out[..., skeleton.origins[joint], :] + arm
    return out


def mirrored_rotations(turned, skeleton):
    """World rotations [..., J, 3, 3] of the other-handed pose."""
    swap = {"l": "r", "r": "l"}
    names = skeleton.joints
    other = [names.index(swap[n[0]] + n[1:]) if n[0] in swap and n[1].isupper() else row for row, n in enumerate(names)]
    flip = np.diag([-1.0, 1, 1])
    return flip @ turned[..., other, :, :] @ flip


def retarget_rotations(turned, skeleton, heads, bone, curl=0.3):
    """World rotations [N, J, 3, 3] of the source's joints -> world rotations float32 [N, B, 3, 3] of the bones.

    heads   rest bone heads [N, B, 3]; bone {label: index}
    curl    rad a link of a finger is bent, [N]
    """
    source = OURS @ turned @ OURS.T
    joint = {name: source[:, row] for row, name in enumerate(skeleton.joints)}
    rest = {label: np.asarray(heads, np.float64)[..., index, :] for label, index in bone.items()}
    limb = {name: OURS @ skeleton.vectors[row] for row, name in enumerate(BODY17)}

    hip, abdomen, chest, head = joint["hip"], joint["abdomen"], joint["chest"], joint["head"]
    out = {"root": hip, "neck01": joint["neck"], "neck02": joint["neck"], "neck03": between(joint["neck"], head, 0.5)}
    out |= {"head": head, "eye.L": head, "eye.R": head}
    for label, (start, end, share) in zip(
        ("spine05", "spine04", "spine03", "spine02", "spine01"),
        ((hip, abdomen, 0.4), (hip, abdomen, 0.8), (abdomen, chest, 0.2), (abdomen, chest, 0.6), (abdomen, chest, 1.0)),
        strict=True,
    ):
        out[label] = between(start, end, share)

    front = np.array([0.0, -1, 0])
    for side, end, sign in (("left", ".L", 1.0), ("right", ".R", -1.0)):
        letter = side[0]
        hinge = np.cross([sign, 0, 0], front)  # of the elbow, in a palms-down T-pose
        upper_rest = rest["lowerarm01" + end] - rest["upperarm01" + end]
        fore_rest = rest["wrist" + end] - rest["lowerarm01" + end]
        hinge_rest = np.cross(upper_rest, fore_rest)
        knuckles = (rest["finger5-1" + end] - rest["finger2-1" + end]) * sign  # the thumb is on their other side
        hand_rest = (rest["finger2-1" + end] + rest["finger5-1" + end]) / 2 - rest["wrist" + end]
        clavicle = joint[letter + "Collar"]
        arm = joint[letter + "Shldr"] @ carry(frame(limb[f"{side}_elbow"], hinge), frame(upper_rest, hinge_rest))
        fore = joint[letter + "ForeArm"] @ carry(frame(limb[f"{side}_wrist"], hinge), frame(fore_rest, hinge_rest))
        hand = joint[letter + "Hand"] @ carry(frame(limb[f"{side}_wrist"], front), frame(hand_rest, -knuckles * sign))
        out["clavicle" + end] = clavicle
        out["shoulder01" + end] = between(clavicle, arm, 0.2)
        out["upperarm01" + end] = out["upperarm02" + end] = arm
        out["lowerarm01" + end], out["lowerarm02" + end] = fore, between(fore, hand, 0.5)
        for label in ("wrist", "metacarpal1", "metacarpal2", "metacarpal3", "metacarpal4"):
            out[label + end] = hand
        out |= {label + end: hand @ link for label, link in bent(knuckles, curl).items()}

        thigh_rest = rest["lowerleg01" + end] - rest["upperleg01" + end]
        shin_rest = rest["foot" + end] - rest["lowerleg01" + end]
        out["pelvis" + end] = hip
        out["upperleg01" + end] = joint[letter + "Thigh"] @ smallest(thigh_rest, limb[f"{side}_knee"])
        out["lowerleg01" + end] = joint[letter + "Shin"] @ smallest(shin_rest, limb[f"{side}_ankle"])
        out["upperleg02" + end], out["lowerleg02" + end] = out["upperleg01" + end], out["lowerleg01" + end]
        for label in bone:
            if label.endswith(end) and label.startswith(("foot", "toe")):
                out[label] = joint[letter + "Foot"]

    return np.stack([out[label] for label in sorted(bone, key=bone.get)], 1).astype(np.float32)
