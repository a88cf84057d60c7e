"""Captured people in plain numbers, and a body for them to move."""

import numpy as np

from duopose.stream.skeleton import BODY17, BODY_PARENTS
from duopose.training.synthetic.moves.retarget import turn

RNG = np.random.default_rng


def rotations(count, rng):
    return turn(rng.normal(size=(count, 3)), rng.uniform(-3, 3, count)).astype(np.float32)


def skeleton(rng, count=1):
    """Poses of a standing person with random bends [N, 17, 3], y up."""
    bones = np.zeros((17, 3))
    offsets = {"right_hip": (-0.1, 0, 0), "left_hip": (0.1, 0, 0), "spine": (0, 0.22, 0), "thorax": (0, 0.28, 0),
               "nose": (0, 0.15, 0.12), "head_top": (0, 0.15, -0.05), "left_shoulder": (0.2, 0, 0),
               "right_shoulder": (-0.2, 0, 0)}  # fmt: skip
    for name in BODY17:
        part = name.split("_")[-1]
        bones[BODY17.index(name)] = offsets.get(
            name,
            {"knee": (0, -0.42, 0), "ankle": (0, -0.4, 0), "elbow": (0, -0.28, 0), "wrist": (0, -0.26, 0)}.get(
                part, (0, 0, 0)
            ),
        )
    poses = np.zeros((count, 17, 3))
    for joint, parent in enumerate(BODY_PARENTS):
        bend = turn(rng.normal(size=(count, 3)), rng.normal(0, 0.25, count)) @ bones[joint]
        poses[:, joint] = [0, 0.92, 0] if parent < 0 else poses[:, parent] + bend
    return poses


TRUNK = ["root", *(f"spine0{n}" for n in (5, 4, 3, 2, 1)), "neck01", "neck02", "neck03", "head", "eye.L", "eye.R"]
SIDE = [
    "pelvis", "upperleg01", "upperleg02", "lowerleg01", "lowerleg02", "foot", "toe1-1", "clavicle", "shoulder01",
    "upperarm01", "upperarm02", "lowerarm01", "lowerarm02", "wrist", *(f"metacarpal{n}" for n in (1, 2, 3, 4)),
    *(f"finger{f}-{k}" for f in range(1, 6) for k in range(1, 4)),
]  # fmt: skip
LABELS = TRUNK + [f"{name}.{end}" for end in "LR" for name in SIDE]


def rest_body():
    """Bone heads of a plain body at rest (z up, looks along -y), its nose and head top."""
    places = {"root": (0, 0, 0.08), "spine05": (0, 0, 0.1), "spine04": (0, 0, 0.15), "spine03": (0, 0, 0.2),
              "spine02": (0, 0.01, 0.3), "spine01": (0, 0, 0.4), "neck01": (0, 0, 0.6), "neck02": (0, 0, 0.64),
              "neck03": (0, 0, 0.67), "head": (0, 0, 0.7)}  # fmt: skip
    sided = {"upperleg01": (0.11, 0, 0.06), "lowerleg01": (0.14, -0.03, -0.32), "foot": (0.18, 0, -0.74),
             "upperarm01": (0.17, 0, 0.52), "lowerarm01": (0.34, -0.02, 0.32), "wrist": (0.46, -0.19, 0.2),
             "finger2-1": (0.5, -0.28, 0.13), "finger5-1": (0.5, -0.22, 0.1)}  # fmt: skip
    heads = np.zeros((len(LABELS), 3), np.float32)
    for row, name in enumerate(LABELS):
        base, _, end = name.partition(".")
        heads[row] = (
            np.multiply(sided.get(base, (0.1, 0, 0.1)), (-1 if end == "R" else 1, 1, 1)) if end else places[name]
        )
    return heads, np.array([0, -0.05, 0.85]), np.array([0, -0.16, 0.71]), {name: row for row, name in enumerate(LABELS)}


def posed(turned, bone, name, child, heads):
    return turned[:, bone[name]] @ (heads[bone[child]] - heads[bone[name]])


def walk(frames=80, speed=0.045, period=32):
    """A made-up walk along +x, one step cycle in `period` frames."""
    t = np.arange(frames)
    pose = np.repeat(skeleton(RNG(13))[0][None], frames, 0)
    for side, sign in (("left", 1), ("right", -1)):
        for part, reach in (("knee", 0.15), ("ankle", 0.3), ("wrist", -0.2)):
            pose[:, BODY17.index(f"{side}_{part}"), 2] += sign * reach * np.sin(2 * np.pi * t / period)
    pose = pose[..., [2, 1, 0]] * [1, 1, -1]  # it looks along +x
    pose[..., 0] += speed * t[:, None]
    return pose
