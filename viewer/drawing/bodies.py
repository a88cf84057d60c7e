"""People as tubes: bones, joints and head of each pose, in the colour of its identity.

How sure the system is shows: someone seen by one branch only is drawn thinner, a limb that nobody measured is nearly
lost in the background. Beside the fused pose, that of the top-down branch is a thin line, the bottom-up one is dashed.
"""

import numpy as np

from duopose.stream.skeleton import BODY17, BODY_BONES, coco_to_body

BOTH = 3  # Scene.sources: seen by both branches
THINNER = 0.55  # share of the thickness for someone seen by one branch
UNSEEN = 0.45  # share of its colour that is left to a limb that was not measured

_TRUNK = {"pelvis": 0.046, "spine": 0.046, "thorax": 0.046, "right_hip": 0.044, "left_hip": 0.044}
_LIMBS = {"shoulder": 0.040, "elbow": 0.033, "wrist": 0.025, "knee": 0.038, "ankle": 0.030, "nose": 0.030, "head": 0.03}
RADII = np.array([_TRUNK.get(name, _LIMBS.get(name.split("_")[-1], 0.03)) for name in BODY17], np.float32)  # m
HEAD_RADIUS, LONGEST_HEAD = 0.092, 0.3  # m
JOINT_SWELL = 1.22  # a joint is this much thicker than its bones
JOINT_TINT = 0.45  # how far joints are lightened towards white
LINE = 0.36  # thickness of a branch's pose beside the fused one
LINE_TINT = 0.5  # how far it is lightened towards white
DASHES = np.float32([(0.0, 0.2), (0.4, 0.6), (0.8, 1.0)])  # of a bone that is dashed, in its lengths

_NOSE, HEAD_TOP, _THORAX = (BODY17.index(name) for name in ("nose", "head_top", "thorax"))
_BONES = np.array([bone for bone in BODY_BONES if _NOSE not in bone])
_JOINTS = np.array([joint for joint in range(17) if joint not in (_NOSE, HEAD_TOP)])


def tubes(joints, coco, sources, colours, unseen=(0.0, 0.0, 0.0)):
    """Everyone as capsules, the arguments of `tubes.build`.

    joints   float32 [N, 17, 3]   BODY17, m, world
    coco     float32 [N, 17, 3]   what was measured, as in Scene
    sources  uint8 [N]            as in Scene
    colours  float32 [N, 3]       0..1
    unseen   red, green, blue     where the colour of a limb goes that was not measured
    ->       ends [M, 2, 3], radii [M, 2], colours [M, 4]
    """
    count = len(joints)
    thickness = np.where(sources == BOTH, np.float32(1), np.float32(THINNER))[:, None, None]
    measured = coco_to_body(coco)[..., 2] > 0
    measured[:, (_NOSE, HEAD_TOP)] |= measured[:, _NOSE, None] | measured[:, HEAD_TOP, None]

    nose, top = joints[:, _NOSE], joints[:, HEAD_TOP]
    tall = top - nose
    tall *= np.minimum(1, LONGEST_HEAD / np.maximum(np.linalg.norm(tall, axis=1, keepdims=True), 1e-6))
    head = np.stack([nose + 0.35 * tall, nose + 0.62 * tall], 1)
    neck = np.stack([joints[:, _THORAX], head[:, 0]], 1)
    ends = np.concatenate(
        [joints[:, _BONES], joints[:, _JOINTS][:, :, None].repeat(2, 2), neck[:, None], head[:, None]], 1
    )
    shape = np.concatenate(
        [RADII[_BONES], np.repeat(JOINT_SWELL * RADII[_JOINTS, None], 2, 1), [[0.032, 0.032]], [[HEAD_RADIUS] * 2]]
    )
    radii = np.float32(shape) * thickness
    radii[:, -1] = HEAD_RADIUS * np.sqrt(thickness[:, 0])  # even a thin person keeps a head

    owner = np.concatenate([_BONES[:, 1], _JOINTS, [_NOSE, _NOSE]])  # the joint whose measurement speaks for the tube
    light = np.where(measured[:, owner], np.float32(1), np.float32(UNSEEN))[..., None]
    tint = np.zeros(len(owner), np.float32)
    tint[len(_BONES) : len(_BONES) + len(_JOINTS)] = JOINT_TINT
    shade = colours[:, None] + tint[:, None] * (1 - colours[:, None])
    shade = shade * light + np.float32(unseen) * (1 - light)
    colour = np.concatenate([shade, np.ones((count, len(owner), 1), np.float32)], -1)
    return ends.reshape(-1, 2, 3), radii.reshape(-1, 2), np.float32(colour.reshape(-1, 4))


def line(ends, radii, colours):
    """The tubes of `tubes` as thin lines."""
    return ends, LINE * radii, _light(colours)


def dashes(ends, radii, colours):
    """The tubes of `tubes` as dashed lines, without the joints."""
    long = (ends[:, 0] != ends[:, 1]).any(-1)
    starts, along = ends[long, :1], (ends[long, 1] - ends[long, 0])[:, None]
    pieces = starts[:, None] + DASHES[None, :, :, None] * along[:, None]
    count = len(DASHES)
    return (
        np.float32(pieces.reshape(-1, 2, 3)),
        np.repeat(1.35 * LINE * np.minimum(radii[long], RADII.max()), count, 0),
        np.repeat(_light(colours[long]), count, 0),
    )


def _light(colours):
    lit = colours.copy()
    lit[:, :3] += LINE_TINT * (1 - lit[:, :3])
    return lit
