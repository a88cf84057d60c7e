"""Similarity of two sets of poses, joint by joint (object keypoint similarity): in the picture and in camera space."""

import math

import numpy as np
from numba import types

from duopose.kernels.types import In, Out, kernel
from duopose.stream.skeleton import COCO_SIGMAS

AREA_OF_BOX = 0.53  # how much of its box a person covers
TINY = 1e-12  # square pixels: not 0, which can't be divided by

f8 = types.float64


@kernel(Out(2)(In(3), In(3), In(1), In(1)))
def oks_matrix(a, b, scale, sigma):
    """Similarity of every pose in `a` to every pose in `b`: 1 = the same, 0 = nothing alike.

    a      float32 [N, J, 3]   x, y in pixels; score, 0 = leave this joint out
    b      float32 [M, J, 3]
    scale  float32 [N]         size of the person in `a`, pixels; who has none is like nobody who is elsewhere
    sigma  float32 [J]         how far a joint may stray, as a share of the size (COCO: twice `COCO_SIGMAS`)
    ->     float32 [N, M]

    Same as, per pair: mean(exp(-d2 / (2 * (scale * sigma) ** 2))) over the joints found in both; 0 without any.
    """
    out = np.zeros((a.shape[0], b.shape[0]), np.float32)
    for n in range(a.shape[0]):
        for m in range(b.shape[0]):
            total, count = 0.0, 0
            for j in range(a.shape[1]):
                if a[n, j, 2] > 0 and b[m, j, 2] > 0:
                    d2 = (a[n, j, 0] - b[m, j, 0]) ** 2 + (a[n, j, 1] - b[m, j, 1]) ** 2
                    total += math.exp(-d2 / max(2 * (scale[n] * sigma[j]) ** 2, TINY))
                    count += 1
            if count > 0:
                out[n, m] = total / count
    return out


@kernel(Out(2)(In(3), In(2), In(3), In(2), f8, f8))
def camera_similarity(p, p_confidence, q, q_confidence, s, sigma):
    """Similarity of the poses of two branches in camera space (paper, eq. 5 and 6).

    p, q                        float32 [N, J, 3], [M, J, 3]   x, y, z, metres, camera frame
    p_confidence, q_confidence  float32 [N, J], [M, J]         0..1
    s, sigma                    floats: distances of s * sigma metres lower a joint's share to exp(-1/2)
    ->                          float32 [N, M]                 0..J

    Same as, per pair: sum(minimum(cp, cq) * exp(-d2 / (2 * s**2 * sigma**2))).
    """
    out = np.zeros((p.shape[0], q.shape[0]), np.float32)
    fall = 1 / (2 * (s * sigma) ** 2)
    for n in range(p.shape[0]):
        for m in range(q.shape[0]):
            total = 0.0
            for j in range(p.shape[1]):
                confidence = min(p_confidence[n, j], q_confidence[m, j])
                if confidence > 0:
                    d2 = 0.0
                    for axis in range(3):
                        d2 += (p[n, j, axis] - q[m, j, axis]) ** 2
                    total += confidence * math.exp(-d2 * fall)
            out[n, m] = total
    return out


def coco_oks(truth, boxes, predicted):
    """Similarity of labelled and predicted COCO-17 poses as COCO's evaluation has it: over the labelled joints; one
    that was not found is infinitely far.

    truth [G, 17, 3], predicted [P, 17, 3] pixels and score, 0 = unknown / not found; boxes [G, 4] -> [G, P]
    """
    area = AREA_OF_BOX * boxes[:, 2] * boxes[:, 3]
    d2 = ((truth[:, None, :, :2] - predicted[None, :, :, :2]) ** 2).sum(-1)
    close = np.exp(-d2 / (2 * area[:, None, None] * (2 * COCO_SIGMAS) ** 2 + TINY))
    close *= predicted[None, :, :, 2] > 0
    labelled = (truth[:, None, :, 2] > 0) & np.ones((1, len(predicted), 1), bool)
    return np.where(labelled, close, 0).sum(-1) / np.maximum(labelled.sum(-1), 1)
