"""Whether people found in one picture, by different looks or branches, are the same: by the joints they have in common."""

import numpy as np

SAME_JOINT = 0.08  # of the person's size: two joints of one type that are nearer in the image are one


def coincidence(a, b, b_boxes):
    """Share of the joints of everyone in a [N, 17, 3] (COCO17) that everyone in b [M, 17, 3] has at the same place -> [N, M]."""
    size = np.sqrt(np.prod(b_boxes[:, 2:], axis=1))
    apart = np.linalg.norm(a[:, None, :, :2] - b[None, :, :, :2], axis=-1)  # [N, M, 17]
    found = a[:, None, :, 2] > 0
    same = (apart < SAME_JOINT * size[:, None]) & found & (b[None, :, :, 2] > 0)
    return same.sum(-1) / np.maximum(found.sum(-1), 1)
