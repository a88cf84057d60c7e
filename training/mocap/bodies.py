"""Other people who do the same: mirrored, of other sizes, their joints where another data set puts them.

World frame of the motion capture: Y up, right-handed, metres. B windows of S frames, oldest first, 17 joints in BODY17
order.
"""

import numpy as np

from duopose.stream.skeleton import (
    BODY_MIRROR,
    BODY_PARENTS,
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


def mirrored(joints, rng):
    """Half of the windows [B, S, 17, 3] seen in a mirror."""
    flip = rng.random(len(joints)) < 0.5
    joints = joints.copy()
    joints[flip] = joints[flip][..., BODY_MIRROR, :] * np.array([-1, 1, 1], np.float32)
    return joints


# Where a bone's ends lie depends on who says so. Mean lengths beside the motion capture's, by convention:
#   MARKERS     the motion capture's own joints
#   SURFACE     Human3.6M's and MPI-INF-3DHP's: hips far apart and high up, so long thighs; narrow shoulders
#   ANNOTATED   what people mark in photographs (COCO) before `as_annotated` lowers the hips
# Measured on the samples of MPI-INF-3DHP, Human3.6M, CMU Panoptic and pose2sim; MuPoTS-3D agrees with MPI-INF-3DHP.
MARKERS, SURFACE, ANNOTATED = range(3)
CONVENTIONS = (0.3, 0.3, 0.4)  # how often each is drawn
#              bones                   MARKERS, SURFACE, ANNOTATED  standard deviation between people
LENGTHS = (
    ((R_HIP, L_HIP),                  (1.00, 1.48, 1.12), 0.14),
    ((R_KNEE, L_KNEE),                (1.00, 1.13, 1.00), 0.06),
    ((R_ANKLE, L_ANKLE),              (1.00, 0.95, 0.98), 0.06),
    ((SPINE,),                        (1.00, 0.93, 0.96), 0.06),
    ((THORAX,),                       (1.00, 0.93, 0.96), 0.06),
    ((L_SHOULDER, R_SHOULDER),        (1.00, 0.81, 0.84), 0.07),
    ((L_ELBOW, R_ELBOW),              (1.00, 1.12, 1.00), 0.06),
    ((L_WRIST, R_WRIST),              (1.00, 0.95, 0.96), 0.06),
    ((NOSE,),                         (1.00, 1.00, 1.05), 0.10),
    ((HEAD_TOP,),                     (1.00, 1.05, 1.05), 0.10),
)  # fmt: skip
HIP_DROP = 0.025  # m: annotators put hips that much below the heads of the thigh bones
TRUNK_AND_LEGS = 0.03  # standard deviations of what the bones of legs and trunk share
# And what all share: adults of both sexes. The motion capture's people are small (1.60 to 1.73 m); whom photographs
# show are that on average, those who were filmed for data sets are taller (MuPoTS-3D was looked at for that, never
# trained on).
STATURE, STATURE_SPREAD = (1.035, 1.055, 0.985), 0.075


def rebuilt(joints, convention, rng):
    """Other people doing the same, feet at the same height, joints where the convention (int [B]) puts them."""
    batch = len(joints)
    scale = np.ones((batch, 17), np.float32)
    for bones, means, spread in LENGTHS:
        scale[:, bones] = rng.normal(np.array(means)[convention], spread)[:, None]
    for bones in ([R_KNEE, R_ANKLE, L_KNEE, L_ANKLE], [SPINE, THORAX]):
        scale[:, bones] *= rng.normal(1, TRUNK_AND_LEGS, (batch, 1))
    scale *= rng.normal(np.array(STATURE)[convention], STATURE_SPREAD)[:, None]
    scale = np.clip(scale, 0.55, 2.0)
    result = np.empty_like(joints)
    legs = scale[:, [R_KNEE, R_ANKLE]].mean(-1)[:, None]
    result[:, :, PELVIS] = joints[:, :, PELVIS] * legs[..., None]
    for joint, parent in enumerate(BODY_PARENTS):
        if parent >= 0:
            bone = joints[:, :, joint] - joints[:, :, parent]
            result[:, :, joint] = result[:, :, parent] + bone * scale[:, joint, None, None]
    return result


def as_annotated(joints, rng):
    """Joints [B, S, 17, 3] where COCO's annotators put them, who do not agree on the hips."""
    drop = np.clip(rng.normal(HIP_DROP, 0.012, (len(joints), 1, 1, 1)), -0.01, 0.06).astype(np.float32)
    return annotated(joints, drop)


def annotated(joints, drop=HIP_DROP):
    """Joints [..., 17, 3] where annotators put them, mapped as stream.skeleton.coco_to_body does: hips so many metres
    lower than the heads of the thigh bones, pelvis, spine and thorax interpolated from hips and shoulders."""
    joints = joints.copy()
    down = joints[..., PELVIS, :] - joints[..., SPINE, :]
    down /= np.maximum(np.linalg.norm(down, axis=-1, keepdims=True), 1e-6)
    joints[..., [R_HIP, L_HIP], :] += drop * down[..., None, :]
    joints[..., PELVIS, :] = joints[..., [R_HIP, L_HIP], :].mean(-2)
    joints[..., THORAX, :] = joints[..., [R_SHOULDER, L_SHOULDER], :].mean(-2)
    joints[..., SPINE, :] = 0.55 * joints[..., PELVIS, :] + 0.45 * joints[..., THORAX, :]
    return joints
