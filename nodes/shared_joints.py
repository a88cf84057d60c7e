"""How many joints two people have in common: whether people found in two crops, or by both branches, are the same."""

import numpy as np

# Of the person's size: two joints of one type that are nearer than this in the image are one. At 0.7 times 8 and at 1.4
# times 2 more false people in 100 frames (docs/experiments.md, Thresholds).
SAME_JOINT = 0.08


def shared_joints(a, b, b_boxes):
    """Share of the joints of each person in a that each person in b has at the same position.

    a, b     float32 [N, 17, 3], [M, 17, 3]  COCO17: x, y pixels, score; 0 = not found
    b_boxes  float32 [M, 4]                  x, y, width, height
    ->       float [N, M]                    0..1
    """
    size = np.sqrt(np.prod(b_boxes[:, 2:], axis=1))
    apart = np.linalg.norm(a[:, None, :, :2] - b[None, :, :, :2], axis=-1)  # [N, M, 17]
    found = a[:, None, :, 2] > 0
    same = (apart < SAME_JOINT * size[:, None]) & found & (b[None, :, :, 2] > 0)
    return same.sum(-1) / np.maximum(found.sum(-1), 1)
