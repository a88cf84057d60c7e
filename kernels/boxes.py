"""Boxes x, y, width, height in pixels: overlap and suppression."""

import numpy as np
from numba import types

from duopose.kernels.types import In, Out, kernel

i8, f8 = types.int64, types.float64


@kernel(f8(In(2), i8, In(2), i8))
def _intersection(a, n, b, m):
    width = min(a[n, 0] + a[n, 2], b[m, 0] + b[m, 2]) - max(a[n, 0], b[m, 0])
    height = min(a[n, 1] + a[n, 3], b[m, 1] + b[m, 3]) - max(a[n, 1], b[m, 1])
    return width * height if width > 0 and height > 0 else 0.0


@kernel(types.UniTuple(f8, 2)(In(2), i8, In(2), i8))
def _intersection_and_union(a, n, b, m):
    common = _intersection(a, n, b, m)
    return common, a[n, 2] * a[n, 3] + b[m, 2] * b[m, 3] - common


@kernel(Out(2)(In(2), In(2)))
def iou_matrix(a, b):
    """Intersection over union of every box in `a` and every box in `b`.

    a, b  float32 [N, 4], [M, 4]   x, y, width, height
    ->    float32 [N, M]           0..1; 0 where both boxes are empty
    """
    out = np.zeros((a.shape[0], b.shape[0]), np.float32)
    for n in range(a.shape[0]):
        for m in range(b.shape[0]):
            common, union = _intersection_and_union(a, n, b, m)
            if common > 0:
                out[n, m] = common / union
    return out


@kernel(Out(2)(In(2), In(2)))
def cover_matrix(a, b):
    """Share of each box in `a` that each box in `b` covers.

    a, b  float32 [N, 4], [M, 4]   x, y, width, height
    ->    float32 [N, M]           0..1; 0 for an empty box
    """
    out = np.zeros((a.shape[0], b.shape[0]), np.float32)
    for n in range(a.shape[0]):
        for m in range(b.shape[0]):
            common = _intersection(a, n, b, m)
            if common > 0:
                out[n, m] = common / (a[n, 2] * a[n, 3])
    return out


@kernel(Out(1, i8)(In(2), In(1), f8))
def suppress(boxes, scores, threshold):
    """Keep each box unless a better one that is kept overlaps it (greedy non-maximum suppression).

    boxes      float32 [N, 4]   x, y, width, height
    scores     float32 [N]      of equal ones the first is the better
    threshold  intersection over union above which the worse box goes
    ->         int64 [K]        indices of the kept ones, best first
    """
    order = np.argsort(-scores, kind="mergesort")
    kept = np.zeros(len(order), np.int64)
    count = 0
    for index in order:
        stays = True
        for k in range(count):
            common, union = _intersection_and_union(boxes, index, boxes, kept[k])
            if common > threshold * union:
                stays = False
                break
        if stays:
            kept[count] = index
            count += 1
    return kept[:count].copy()
