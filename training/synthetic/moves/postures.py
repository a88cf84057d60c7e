"""Sitting and lying: which captured poses are that, and poses made from standing ones.

Capture is mostly of people on their feet; at tables, on sofas and floors they are not. A seated pose has a captured
upper body and drawn legs; a laid one is a captured pose tilted onto its back, front or side.
"""

import numpy as np

from duopose.training.synthetic.moves.retarget import J, turn, unit

LOW_SHARE = 0.12  # of poses: captured sitting, crouching, crawling or lying
SEATED, LAID = 0.14, 0.05  # of the others
TILTED = 0.5  # cosine of trunk and vertical below which nobody is upright
HEEL, LYING = 0.08, 0.1  # m from the floor to the ankle of a foot that stands, to the joints of a trunk that lies


def upright(joints):
    """Cosine of trunk and vertical [...] of poses [..., 17, 3], y up."""
    return unit(joints[..., J["thorax"], :] - joints[..., J["pelvis"], :])[..., 1]


def low(joints):
    """joints [..., 17, 3] -> bool [...]: the trunk lies, or both thighs are nearer to level than to plumb."""
    thighs = np.stack(
        [joints[..., J[f"{side}_knee"], :] - joints[..., J[f"{side}_hip"], :] for side in ("left", "right")], -2
    )
    return (upright(joints) < TILTED) | (unit(thighs)[..., 1] > -0.6).all(-1)


def varied(capture, rng):
    """Now and then the pose seated or laid down, else as it is."""
    draw = rng.random()
    if draw < SEATED and upright(capture.joints) > 0.9:
        return capture._replace(joints=seated(capture.joints, rng), rotations=None)
    if SEATED <= draw < SEATED + LAID and upright(capture.joints) > 0.8:
        return capture._replace(joints=laid(capture.joints, rng), rotations=None)
    return capture


def seated(joints, rng):
    """A pose [17, 3] on a chair: thighs about level, feet below or before the knees."""
    out = np.array(joints, np.float64)
    side = unit((out[J["left_hip"]] - out[J["right_hip"]]) * [1, 0, 1])
    ahead = np.cross(side, [0.0, 1, 0])
    lean = np.deg2rad(rng.normal(0, 8))  # the trunk against the vertical, backwards
    upper = [row for name, row in J.items() if name.split("_")[-1] not in ("knee", "ankle")]
    out[upper] = (out[upper] - out[J["pelvis"]]) @ turn(side, -lean).T + out[J["pelvis"]]
    flexion, apart, reach = rng.normal(88, 9), rng.uniform(-4, 22), rng.normal(80, 20)  # degrees
    for name, outwards in (("left", 1.0), ("right", -1.0)):
        hip, knee, ankle = (J[f"{name}_{part}"] for part in ("hip", "knee", "ankle"))
        thigh, shin = np.linalg.norm(joints[knee] - joints[hip]), np.linalg.norm(joints[ankle] - joints[knee])
        up = np.deg2rad(flexion + rng.normal(0, 4))
        out_by = np.deg2rad(apart + rng.normal(0, 4)) * outwards
        along = np.cos(out_by) * ahead + np.sin(out_by) * side
        down = up - np.deg2rad(np.clip(reach + rng.normal(0, 10), 5, 130))
        out[knee] = out[hip] + thigh * (np.sin(up) * along - [0, np.cos(up), 0])
        out[ankle] = out[knee] + shin * (np.sin(down) * along - [0, np.cos(down), 0])
    out[:, 1] += HEEL - min(out[J["left_ankle"], 1], out[J["right_ankle"], 1])
    return out.astype(np.float32)


def laid(joints, rng):
    """A pose [17, 3] tilted from its feet to the floor, any side down; the limbs sink towards the floor."""
    tilt = turn([1.0, 0, 0], np.pi / 2 * rng.choice([-1, 1]) + rng.normal(0, 0.08))
    out = joints @ (tilt @ turn([0.0, 1, 0], rng.uniform(0, 2 * np.pi))).T
    trunk = [J[name] for name in ("left_hip", "right_hip", "left_shoulder", "right_shoulder", "thorax")]
    out[:, 1] -= out[trunk, 1].min()
    for part, sunk in (("knee", 0.7), ("ankle", 1.0), ("elbow", 0.5), ("wrist", 0.7)):
        rows = [J[f"{side}_{part}"] for side in ("left", "right")]
        out[rows, 1] = out[rows, 1].clip(0) * (1 - rng.uniform(0, sunk))
    out[:, 1] += LYING
    return out.astype(np.float32)
