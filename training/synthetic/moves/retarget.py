"""From captured joints to the rotations of the body's 104 bones, in closed form.

The source is body17 positions in metres, y up (any capture in Human3.6M's order will do). The result is D_j, the
rotation that carries rest bone j to its posed direction in world axes (body.py). No optimiser: each bone follows a
direction and a hinge. frame(p, s) is the right-handed matrix whose first axis is p and whose second is s made
orthogonal to p, so that frame(posed) frame(rest)^T is the rotation that takes one pair of directions to the other.
"""

import numpy as np

from duopose.stream.skeleton import BODY17

J = {name: index for index, name in enumerate(BODY17)}
HEAD_BENT = np.deg2rad(80)  # between spine-to-thorax and thorax-to-head-top: beyond this the capture is at fault
HEAD_DOWN = np.deg2rad(7)  # the capture's nose and head top are constructed points; by them a walker looks up that much
STRAIGHT, BENT = 0.15, 0.45  # sine of a limb's bend: below, its plane is noise; above, its plane is trusted
ANKLE_LOW, ANKLE_HIGH = 0.13, 0.28  # m above the floor: the foot lies flat; the foot follows the shin
SHOULDER = np.array([0.199, 0.010, 0.003])  # left shoulder from the thorax in the captured T-pose, our axes
FINGERS = [f"finger{finger}-{link}" for finger in range(1, 6) for link in range(1, 4)]


def faulty(joints):
    """joints [..., 17, 3] -> bool [...]: the head is thrown back further than a neck can."""
    trunk = unit(joints[..., J["thorax"], :] - joints[..., J["spine"], :])
    neck = unit(joints[..., J["head_top"], :] - joints[..., J["thorax"], :])
    return (trunk * neck).sum(-1) < np.cos(HEAD_BENT)


def unit(vector):
    return vector / np.maximum(np.linalg.norm(vector, axis=-1, keepdims=True), 1e-9)


def frame(first, second):
    """Directions [..., 3] -> [..., 3, 3] with `first` in the first column, `second` made orthogonal in the second."""
    first, second = np.broadcast_arrays(first, second)
    a = unit(first)
    b = unit(second - (second * a).sum(-1, keepdims=True) * a)
    return np.stack([a, b, np.cross(a, b)], -1)


def transposed(matrix):
    return np.swapaxes(matrix, -1, -2)


def carry(posed, rest):
    return posed @ transposed(rest)


def smallest(start, end):
    """The smallest rotation [..., 3, 3] that turns direction `start` to `end`."""
    start, end = np.broadcast_arrays(unit(start), unit(end))
    axis = np.cross(start, end)
    cosine = (start * end).sum(-1)
    cross = skew(axis)
    return np.eye(3) + cross + cross @ cross / np.maximum(1 + cosine, 1e-3)[..., None, None]


def skew(v):
    zero = np.zeros_like(v[..., 0])
    rows = [[zero, -v[..., 2], v[..., 1]], [v[..., 2], zero, -v[..., 0]], [-v[..., 1], v[..., 0], zero]]
    return np.stack([np.stack(row, -1) for row in rows], -2)


def turn(axis, angle):
    """Rotation [..., 3, 3] by `angle` [...] rad about `axis` [..., 3] (Rodrigues)."""
    cross = skew(unit(np.asarray(axis, float)))
    angle = np.asarray(angle)[..., None, None]
    return np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross


def between(a, b, share):
    """The rotation a `share` [...] of the way from `a` to `b` [..., 3, 3], about one axis."""
    relative = transposed(a) @ b
    cosine = np.clip((np.trace(relative, axis1=-2, axis2=-1) - 1) / 2, -1, 1)
    axis = np.stack([relative[..., 2, 1] - relative[..., 1, 2], relative[..., 0, 2] - relative[..., 2, 0],
                     relative[..., 1, 0] - relative[..., 0, 1]], -1)  # fmt: skip
    return a @ turn(axis, np.arccos(cosine) * share)


def smooth(value, low, high):
    """0 below `low`, 1 above `high`, smoothly in between (also for low > high)."""
    t = np.clip((value - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def retarget(joints, heads, head_top, nose, bone, curl=0.3):
    """Captured joints -> bone rotations.

    joints    [N, 17, 3]   body17, metres, y up, faces +z, left is +x, floor at y = 0
    heads     [104, 3] or [N, 104, 3]   bone heads of the body at rest; head_top, nose [3] or [N, 3] its vertices
    bone      label -> index; curl: rad a finger link is bent, one or [N]
    ->        float32 [N, 104, 3, 3]
    """
    joints = np.asarray(joints, np.float64)
    joints = np.stack([joints[..., 0], -joints[..., 2], joints[..., 1]], -1)  # z up, faces -y
    at = {name: joints[:, index] for name, index in J.items()}
    rest = {label: np.asarray(heads, np.float64)[..., index, :] for label, index in bone.items()}
    up = np.array([0.0, 0, 1])

    hips_rest = (rest["upperleg01.L"] + rest["upperleg01.R"]) / 2
    side = np.array([1.0, 0, 0])
    pelvis = carry(frame(at["left_hip"] - at["right_hip"], at["spine"] - at["pelvis"]),
                   frame(side, rest["spine02"] - hips_rest))  # fmt: skip
    chest = carry(frame(at["thorax"] - at["spine"], at["left_shoulder"] - at["right_shoulder"]),
                  frame(rest["neck01"] - rest["spine02"], side))  # fmt: skip
    head = carry(frame(at["head_top"] - at["thorax"], at["nose"] - at["thorax"]),
                 frame(head_top - rest["neck01"], nose - rest["neck01"]))  # fmt: skip
    head = head @ turn(side, HEAD_DOWN)
    turned = {"root": pelvis, "head": head, "eye.L": head, "eye.R": head}
    for share, label in zip(
        (0.2, 0.4, 0.6, 0.8, 1.0), ("spine05", "spine04", "spine03", "spine02", "spine01"), strict=True
    ):
        turned[label] = between(pelvis, chest, share)
    for share, label in zip((0.25, 0.5, 0.75), ("neck01", "neck02", "neck03"), strict=True):
        turned[label] = between(chest, head, share)

    for name, end, sign in (("left", ".L", 1.0), ("right", ".R", -1.0)):
        mirror = np.array([sign, 1, 1])
        clavicle = smallest(chest @ (SHOULDER * mirror), at[f"{name}_shoulder"] - at["thorax"]) @ chest
        upper, fore = at[f"{name}_elbow"] - at[f"{name}_shoulder"], at[f"{name}_wrist"] - at[f"{name}_elbow"]
        # In a palms-down T-pose the elbow's axis is vertical; it is carried along to where the arm points.
        straight = smallest(clavicle @ (side * sign), upper) @ clavicle @ (-up * sign)
        hinge = limb_hinge(upper, fore, straight)
        upper_rest = rest["lowerarm01" + end] - rest["upperarm01" + end]
        fore_rest = rest["wrist" + end] - rest["lowerarm01" + end]
        hinge_rest = np.cross(upper_rest, fore_rest)
        arm = carry(frame(upper, hinge), frame(upper_rest, hinge_rest))
        forearm = carry(frame(fore, hinge), frame(fore_rest, hinge_rest))
        turned["clavicle" + end] = clavicle
        turned["shoulder01" + end] = between(clavicle, arm, 0.2)
        turned["upperarm01" + end] = turned["upperarm02" + end] = arm
        for label in ("lowerarm01", "lowerarm02", "wrist", "metacarpal1", "metacarpal2", "metacarpal3", "metacarpal4"):
            turned[label + end] = forearm
        knuckles = (rest["finger5-1" + end] - rest["finger2-1" + end]) * sign
        turned |= {label + end: forearm @ link for label, link in bent(knuckles, curl).items()}

        thigh, shin = at[f"{name}_knee"] - at[f"{name}_hip"], at[f"{name}_ankle"] - at[f"{name}_knee"]
        hinge = limb_hinge(thigh, shin, pelvis @ side)
        thigh_turn = carry(frame(thigh, hinge), frame(rest["lowerleg01" + end] - rest["upperleg01" + end], side))
        shin_turn = carry(frame(shin, hinge), frame(rest["foot" + end] - rest["lowerleg01" + end], side))
        turned["pelvis" + end] = pelvis
        turned["upperleg01" + end] = turned["upperleg02" + end] = thigh_turn
        turned["lowerleg01" + end] = turned["lowerleg02" + end] = shin_turn
        ahead = shin_turn @ np.array([0.0, -1, 0])
        flat = carry(frame(np.broadcast_to(up, ahead.shape), ahead), frame(up, np.array([0.0, -1, 0])))
        standing = smooth(at[f"{name}_ankle"][:, 2], ANKLE_HIGH, ANKLE_LOW) * smooth(-unit(shin)[:, 2], 0.5, 0.8)
        foot = between(shin_turn, flat, standing)
        for label in bone:
            if label.endswith(end) and label.startswith(("foot", "toe")):
                turned[label] = foot

    out = np.empty((len(joints), len(bone), 3, 3), np.float32)
    for label, index in bone.items():
        out[:, index] = turned[label]
    return out


def bent(axis, curl):
    """The rotations of a hand's fingers against it -> {link: [N, 3, 3]}; each link adds `curl` rad, half of it in the
    thumb."""
    links = {link: (0.5 if link.startswith("finger1") else 1) * int(link[-1]) for link in FINGERS}
    turns = {amount: turn(axis, amount * np.asarray(curl)) for amount in set(links.values())}
    return {link: turns[amount] for link, amount in links.items()}


def limb_hinge(upper, lower, straight):
    """The axis a limb bends about: the normal of its plane where it is bent, `straight` [N, 3] where it is not."""
    normal = np.cross(unit(upper), unit(lower))
    bend = np.linalg.norm(normal, axis=-1, keepdims=True)
    share = smooth(bend, STRAIGHT, BENT)
    return share * unit(normal) + (1 - share) * straight
