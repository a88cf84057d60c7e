"""Which pose of the top-down branch and which of the bottom-up branch are the same person (paper 3.3, eq. 5 and 6)."""

import numpy as np

from duopose.kernels.assignment import assign
from duopose.kernels.oks import camera_similarity, oks_matrix

# Notes in brackets: what changes at 0.7 and 1.4 times the value (docs/experiments.md, Thresholds).
# One camera errs in depth by a share of the distance. So s of eq. 6 is the distance to the person, and sigma a share of
# it: joints that far apart have the similarity exp(-1/2).
SIGMA = 0.1  # the branches' roots are off by 5 to 10 % in the median (README) [small]
NEAREST = 2.0  # m, least s: at this distance sigma allows 0.2 m, what a joint's own error can be [none]
MIN_SIMILARITY = 0.1  # least eq. 5 of a pair, as a share of its largest value, sum of min(c, c) [small]
# Least OKS in the image of a pair: below it the two are not one person, whatever their depths are. [PCK_abs 1.4: +0.7;
# without it -0.8]
MIN_IMAGE_OKS = 0.3
JOINT_SIGMA = np.full(17, 0.15, np.float32)  # of that OKS, as a share of the person's size [PCK_abs 0.7: +0.6]


def image_similarity(a, a_boxes, b):
    """OKS in the image of everyone in a [N, 17, 3] (COCO17, pixels, score) and b [M, 17, 3] -> [N, M]."""
    size = np.sqrt(np.prod(a_boxes[:, 2:], axis=1)).clip(1e-3)
    return oks_matrix(a, b, size.astype(np.float32), JOINT_SIGMA)


def similarity(top, bottom):
    """Eq. 5 of every top-down pose and every bottom-up pose, as a share of its largest value -> [N, M], 0..1."""
    out = np.zeros((len(top.ids), len(bottom.ids)), np.float32)
    for i, pose in enumerate(top.joints):
        s = max(float(pose[0, 2]), NEAREST)
        out[i] = camera_similarity(pose[None], top.confidence[i, None], bottom.joints, bottom.confidence, s, SIGMA)
    most = np.minimum(top.confidence[:, None], bottom.confidence[None]).sum(-1)
    return out / np.maximum(most, 1e-6)


def match(top, bottom):
    """Pairs (i, j) of the same person: Poses of N and of M people -> list of at most min(N, M) pairs."""
    similar = similarity(top, bottom)
    possible = (similar >= MIN_SIMILARITY) & (image_similarity(top.coco, top.boxes, bottom.coco) >= MIN_IMAGE_OKS)
    cost = np.where(possible, -similar, 0.0).astype(np.float64)
    return [(i, j) for i, j in enumerate(assign(cost).tolist()) if j >= 0 and possible[i, j]]
