"""What guides the bottom-up network: what the top-down branch said of a picture, where it was asked, else what it might
have said: noise, gaps, people missed or mixed up."""

import numpy as np

from duopose.kernels.render import draw_joints
from duopose.stream.skeleton import COCO_MIRROR

BLANK = 0.12  # share of frames without any guide
REAL = 0.8  # share of the frames of which the top-down branch was asked that are guided by its answer
MISSED = 0.05  # share of its people who are left out


def guides(picture, rng):
    """Guides of a picture: uint8 [17, H, W], see kernels.render."""
    width, height = picture.size
    if rng.random() < BLANK:
        return np.zeros((17, height, width), np.uint8)
    if picture.guides is not None and rng.random() < REAL:
        stay = rng.random(len(picture.guides.sizes)) >= MISSED
        joints, sizes = (part[stay].astype(np.float32) for part in picture.guides)
        return draw_joints(joints, sizes, height, width)
    return invented(picture, rng)


def invented(picture, rng):
    """What the top-down branch might have said of a picture: uint8 [17, H, W], see kernels.render."""
    width, height = picture.size
    joints, boxes = picture.joints.copy(), picture.boxes
    if not len(joints):
        return np.zeros((17, height, width), np.uint8)
    sizes = np.sqrt(boxes[:, 2] * boxes[:, 3])
    count = len(joints)
    noise = rng.normal(0, 0.02, joints[..., :2].shape) * np.where(rng.random((count, 17, 1)) < 0.08, 6, 1)
    joints[..., :2] += noise * sizes[:, None, None]
    score = rng.beta(5, 2, (count, 17)) * (joints[..., 2] > 0)
    score *= rng.random((count, 17)) > 0.08  # a joint not found
    score *= rng.random((count, 1)) > 0.12  # a person not found
    joints[..., 2] = score
    if rng.random() < 0.1:  # left and right taken for each other
        who = rng.integers(count)
        joints[who] = joints[who, COCO_MIRROR]
    if count > 1 and rng.random() < 0.15:  # two people's joints mixed up
        a, b = rng.choice(count, 2, replace=False)
        mixed = rng.random(17) < 0.3
        joints[a, mixed], joints[b, mixed] = joints[b, mixed], joints[a, mixed]
    if rng.random() < 0.06:  # nobody there
        ghost = joints[:1].copy()
        ghost[..., :2] += rng.uniform(-0.7, 0.7, 2) * (width, height)
        joints, sizes = np.concatenate([joints, ghost]), np.append(sizes, sizes[0])
    sizes = sizes * np.exp(rng.normal(0, 0.06, len(sizes)))
    return draw_joints(joints.astype(np.float32), sizes.astype(np.float32), height, width)
