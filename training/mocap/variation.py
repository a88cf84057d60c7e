"""Motions that nobody was captured in, made from captured ones: other arms, seated, leaning, two people's halves put
together.

World frame of the motion capture: Y up, right-handed, metres. B windows of S frames, oldest first, 17 joints in BODY17
order.
"""

import numpy as np

from duopose.stream.skeleton import (
    L_ANKLE,
    L_ELBOW,
    L_HIP,
    L_KNEE,
    L_SHOULDER,
    L_WRIST,
    PELVIS,
    R_ANKLE,
    R_ELBOW,
    R_HIP,
    R_KNEE,
    R_SHOULDER,
    R_WRIST,
    SPINE,
)  # fmt: skip
from duopose.training.mocap.rotations import about, rotation_x, rotation_y, turned


def composed(joints, rng, share=0.12):
    """Some windows [B, S, 17, 3] get the upper body of another window, turned to fit on their hips."""
    take = np.flatnonzero(rng.random(len(joints)) < share)
    if len(take) == 0:
        return joints
    other = rng.integers(len(joints), size=len(take))
    turn = trunk_axes(joints[take]) @ np.swapaxes(trunk_axes(joints[other]), -1, -2)
    upper = joints[other][:, :, SPINE:] - joints[other][:, :, PELVIS : PELVIS + 1]
    joints = joints.copy()
    joints[take, :, SPINE:] = np.einsum("bsij,bskj->bski", turn, upper) + joints[take][:, :, PELVIS : PELVIS + 1]
    return joints


def trunk_axes(joints):
    """[..., 17, 3] -> [..., 3, 3]: columns to the left hip, up the lower back, and forward."""
    left = joints[..., L_HIP, :] - joints[..., R_HIP, :]
    left = left / np.maximum(np.linalg.norm(left, axis=-1, keepdims=True), 1e-6)
    forward = np.cross(left, joints[..., SPINE, :] - joints[..., PELVIS, :])
    forward = forward / np.maximum(np.linalg.norm(forward, axis=-1, keepdims=True), 1e-6)
    return np.stack([left, np.cross(forward, left), forward], -1)


def tilted(joints, rng, share=0.1):
    """Some windows [B, S, 17, 3] lean as a whole, up to lying: the motion capture holds few people off their feet."""
    batch = len(joints)
    angle = rng.normal(0, np.radians(40), batch) * (rng.random(batch) < share)
    about = rng.uniform(0, 2 * np.pi, batch)
    turn = rotation_y(about) @ rotation_x(angle) @ rotation_y(-about)
    root = joints[:, -1:, PELVIS : PELVIS + 1]
    return turned(joints - root, turn) + root


def seated(joints, rng, share=0.08):
    """Some windows [B, S, 17, 3] sit, crouch or kneel: thighs turned forwards about the hips, shins back about the
    knees.

    Only where knees are fairly straight; both legs about alike, through the whole window.
    """
    joints = joints.copy()
    for hip, knee, ankle in ((R_HIP, R_KNEE, R_ANKLE), (L_HIP, L_KNEE, L_ANKLE)):
        thigh, shin = joints[:, :, knee] - joints[:, :, hip], joints[:, :, ankle] - joints[:, :, knee]
        straight = (thigh * shin).sum(-1) / np.maximum(
            np.linalg.norm(thigh, axis=-1) * np.linalg.norm(shin, axis=-1), 1e-6
        )
        if knee == R_KNEE:
            sits = (rng.random(len(joints)) < share) & (straight.min(1) > 0.85)
            bend = rng.uniform(np.radians(40), np.radians(105), len(joints))
            fold = bend * rng.uniform(0.4, 1.25, len(joints))
        rows = np.flatnonzero(sits)
        axis = joints[rows, :, L_HIP] - joints[rows, :, R_HIP]
        axis /= np.maximum(np.linalg.norm(axis, axis=-1, keepdims=True), 1e-6)
        forwards = (bend[rows] + rng.normal(0, 0.12, len(rows)))[:, None, None]
        back = (fold[rows] + rng.normal(0, 0.12, len(rows)))[:, None, None]
        joints[rows, :, knee] = joints[rows, :, hip] + about(thigh[rows], axis, -forwards)
        joints[rows, :, ankle] = joints[rows, :, knee] + about(shin[rows], axis, back - forwards)
    return joints


def reaching(joints, rng, share=0.15):
    """In some windows [B, S, 17, 3] an arm is held elsewhere: turned as a whole about the shoulder, up to 60 degrees or
    so."""
    joints = joints.copy()
    for shoulder, elbow, wrist in ((L_SHOULDER, L_ELBOW, L_WRIST), (R_SHOULDER, R_ELBOW, R_WRIST)):
        rows = np.flatnonzero(rng.random(len(joints)) < share)
        axis = rng.standard_normal((len(rows), 1, 3), np.float32)
        axis /= np.linalg.norm(axis, axis=-1, keepdims=True)
        angle = rng.normal(0, np.radians(40), (len(rows), 1, 1))
        start = joints[rows, :, shoulder]
        for joint in (elbow, wrist):
            joints[rows, :, joint] = start + about(joints[rows, :, joint] - start, axis, angle)
    return joints
