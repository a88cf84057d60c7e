"""Which pose of the top-down branch and which of the bottom-up branch are the same person (paper 3.3, eq. 5 and 6)."""

import numpy as np

from duopose.kernels.assignment import assign
from duopose.kernels.oks import camera_similarity, oks_matrix

# A depth from one camera is off by a share of the distance, so distances between joints are judged by the distance to
# the person: s of eq. 6 is that distance, and sigma the share at which a joint's similarity falls to exp(-1/2).
SIGMA = 0.1
NEAREST = 2.0  # m: s is at least this; below it the joints' own scatter (0.1 to 0.2 m) counts more than the distance's
SIMILAR = 0.1  # of the most that eq. 5 could be, sum of min(c, c): the smallest similarity that counts
SAME_PLACE = 0.3  # OKS in the image below which two poses can't be one person, whatever their depths say
STRAY = np.full(17, 0.15, np.float32)  # of the person's size, for that OKS


def image_similarity(a, a_boxes, b):
    """OKS in the image of everyone in a [N, 17, 3] (COCO17, pixels, score) and b [M, 17, 3] -> [N, M]."""
    size = np.sqrt(np.prod(a_boxes[:, 2:], axis=1)).clip(1e-3)
    return oks_matrix(a, b, size.astype(np.float32), STRAY)


def similarity(top, bottom):
    """Eq. 5 of every top-down pose and every bottom-up pose, as a share of the most it could be -> [N, M], 0..1."""
    out = np.zeros((len(top.ids), len(bottom.ids)), np.float32)
    for i, pose in enumerate(top.joints):
        s = max(float(pose[0, 2]), NEAREST)
        out[i] = camera_similarity(pose[None], top.confidence[i, None], bottom.joints, bottom.confidence, s, SIGMA)
    most = np.minimum(top.confidence[:, None], bottom.confidence[None]).sum(-1)
    return out / np.maximum(most, 1e-6)


def match(top, bottom):
    """Pairs (i, j) of the same person: Poses of N and of M people -> list of at most min(N, M) pairs."""
    similar = similarity(top, bottom)
    possible = (similar >= SIMILAR) & (image_similarity(top.coco, top.boxes, bottom.coco) >= SAME_PLACE)
    cost = np.where(possible, -similar, 0.0).astype(np.float64)
    return [(i, j) for i, j in enumerate(assign(cost).tolist()) if j >= 0 and possible[i, j]]
