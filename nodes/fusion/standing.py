"""Who stands: on a straight leg below a straight hip."""

import numpy as np

from duopose.stream.skeleton import L_ANKLE, L_HIP, L_KNEE, PELVIS, R_ANKLE, R_HIP, R_KNEE, THORAX

LEGS = ((R_HIP, R_KNEE, R_ANKLE), (L_HIP, L_KNEE, L_ANKLE))


def stands(joints, measured, bend):
    """Who is seen from the ankles to the hips and stands -> bool [N].

    joints    [N, 17, 3]  BODY17, metres
    measured  [N, 17]     scores of the measured joints; 0 = not found
    bend      radians, of the straighter leg and of its hip, up to which somebody stands
    """
    straight = [
        np.minimum(cosine(joints, hip, knee, ankle), cosine(joints, THORAX, PELVIS, knee)) for hip, knee, ankle in LEGS
    ]
    return (measured[:, np.ravel(LEGS)] > 0).all(1) & (np.maximum(*straight) >= np.cos(bend))


def cosine(joints, a, b, c):
    """Of the bend at joint b between a and c: 1 = none -> [N]"""
    first, second = joints[:, b] - joints[:, a], joints[:, c] - joints[:, b]
    size = np.linalg.norm(first, axis=1) * np.linalg.norm(second, axis=1)
    return (first * second).sum(1) / np.maximum(size, 1e-9)
