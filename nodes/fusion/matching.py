"""Which pose of the top-down branch and which of the bottom-up branch are the same person (paper 3.3, eq. 5 and 6)."""

import numpy as np

from duopose.kernels.assignment import assign
from duopose.kernels.oks import camera_similarity, oks_matrix

# One camera errs in depth by a share of the distance. So s of eq. 6 is the distance to the person, and sigma a share of
# it: joints that far apart have the similarity exp(-1/2). Branches that disagree by a fifth about one person's distance
# are no reason to leave one of them out.
SIGMA = 0.2
NEAREST = 2.0  # m, least s: at this distance sigma allows 0.4 m, what a joint's own error can be
MIN_SIMILARITY = 0.03  # least eq. 5 of a pair, as a share of its largest value, sum of min(c, c)
MIN_IMAGE_OKS = 0.4  # least OKS in the image of a pair: below it the two are not one person, whatever their depths are
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
    """Pairs (i, j) of the same person: Poses of N and of M people -> list of at most min(N, M) pairs.

    Eq. 5 and the OKS in the image are multiplied: in a crowd the picture tells better than two guessed distances.
    """
    if not (len(top.ids) and len(bottom.ids)):
        return []
    similar, in_image = similarity(top, bottom), image_similarity(top.coco, top.boxes, bottom.coco)
    possible = (similar >= MIN_SIMILARITY) & (in_image >= MIN_IMAGE_OKS)
    cost = np.where(possible, -similar * in_image, 0.0).astype(np.float64)
    return [(i, j) for i, j in enumerate(assign(cost).tolist()) if j >= 0 and possible[i, j]]
