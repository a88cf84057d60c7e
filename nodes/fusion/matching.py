"""Which pose of the top-down branch and which of the bottom-up branch are the same person (paper 3.3, eq. 5 and 6)."""

import numpy as np

from duopose.kernels.assignment import assign
from duopose.kernels.oks import camera_similarity, oks_matrix

# One camera errs in depth by a share of the distance. So s of eq. 6 is the distance to the person, and sigma a share of
# it: joints that far apart have the similarity exp(-1/2).
SIGMA = 0.1
NEAREST = 2.0  # m, least s: nearer than this the joints' own errors (0.1 to 0.2 m) are larger than the distance's
MIN_SIMILARITY = 0.1  # least eq. 5 of a pair, as a share of its largest value, sum of min(c, c)
MIN_IMAGE_OKS = 0.3  # least OKS in the image of a pair: below it the two are not one person, whatever their depths are
JOINT_SIGMA = np.full(17, 0.15, np.float32)  # of that OKS, as a share of the person's size


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
