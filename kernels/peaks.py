"""Peaks of heatmaps: suppression and the best K of each map, their sub-pixel position, values read there.

A crop's maps are [J, H, W]; several crops of one size go through at once as [B * J, H, W] (a reshape, no copy).
Positions are in cells of the map, (0, 0) the centre of the first one.
"""

import math

import numpy as np
from numba import types

from duopose.kernels.types import In, Out, kernel

i4, i8, f4, f8 = types.int32, types.int64, types.float32, types.float64


def find_peaks(heatmaps, threshold, top_k=30, radius=2):
    """The highest `top_k` local maxima of each map, highest first, of equals the one met first by rows.

    heatmaps   float32 [J, H, W]     NaN is never a peak
    threshold  peaks lie strictly above it
    radius     a peak is not below any other value within this many cells, both ways (2 = a window of 5 x 5)
    ->         float32 [J, top_k]    values, 0 after the last peak
               int32 [J, top_k, 2]   their cells x, y
               int32 [J]             how many peaks there are

    Same as, per map: topk(where(max_pool2d(h, 5, 1, 2) == h, h, 0), top_k), values above the threshold kept.
    """
    return _find_peaks(heatmaps, threshold, top_k, radius)


@kernel(types.boolean(In(2), i8, i8, i8))
def _is_peak(heat, x, y, radius):
    """Whether no value in the window around x, y is higher (of equal neighbours each is a peak)."""
    value = heat[y, x]
    for row in range(max(y - radius, 0), min(y + radius + 1, heat.shape[0])):
        for column in range(max(x - radius, 0), min(x + radius + 1, heat.shape[1])):
            if heat[row, column] > value:
                return False
    return True


@kernel(types.Tuple((Out(2), Out(3, i4), Out(1, i4)))(In(3), f4, i8, i8))
def _find_peaks(heatmaps, threshold, top_k, radius):
    maps, height, width = heatmaps.shape
    values = np.zeros((maps, top_k), np.float32)
    cells = np.zeros((maps, top_k, 2), np.int32)
    count = np.zeros(maps, np.int32)
    if top_k < 1:
        return values, cells, count
    for j in range(maps):
        heat = heatmaps[j]
        found = 0
        limit = threshold  # to beat: the threshold, then the K-th best; tested before the neighbours are looked at
        for y in range(height):
            for x in range(width):
                value = heat[y, x]
                if value > limit and _is_peak(heat, x, y, radius):
                    rank = min(found, top_k - 1)
                    while rank > 0 and values[j, rank - 1] < value:
                        values[j, rank] = values[j, rank - 1]
                        cells[j, rank] = cells[j, rank - 1]
                        rank -= 1
                    values[j, rank] = value
                    cells[j, rank, 0] = x
                    cells[j, rank, 1] = y
                    found = min(found + 1, top_k)
                    if found == top_k:
                        limit = max(limit, values[j, top_k - 1])
        count[j] = found
    return values, cells, count


@kernel(Out(2)(In(3), In(3, i4)))
def read(maps, cells):
    """Values of each map at its cells: tags, depths.

    maps   float32 [J, H, W]
    cells  int32 [J, K, 2]     x, y, inside the map
    ->     float32 [J, K]      same as maps[j, y, x]
    """
    out = np.zeros(cells.shape[:2], np.float32)
    for j in range(cells.shape[0]):
        for k in range(cells.shape[1]):
            out[j, k] = maps[j, cells[j, k, 1], cells[j, k, 0]]
    return out


@kernel(types.UniTuple(f8, 2)(In(2), i8, i8))
def quarter(heat, x, y):
    """Position of a peak: its cell, moved a quarter cell towards the higher neighbour in x and in y; of equals, back.

    heat float32 [H, W], x, y inside it -> x, y. The public HigherHRNet code does the same and adds 0.5, because it
    counts from the corner of a pixel; here (0, 0) is a centre.
    """
    right, left = heat[y, min(x + 1, heat.shape[1] - 1)], heat[y, max(x - 1, 0)]
    below, above = heat[min(y + 1, heat.shape[0] - 1), x], heat[max(y - 1, 0), x]
    return x + (0.25 if right > left else -0.25), y + (0.25 if below > above else -0.25)


@kernel(f4(f4, f4, f4))
def _vertex(before, here, after):
    """Where the parabola through the logarithms of values at -1, 0, 1 has its top; 0 where it has none."""
    if not (before > 0 and here > 0 and after > 0):
        return 0.0
    a, b, c = math.log(before), math.log(here), math.log(after)
    curve = a - 2 * b + c
    if not curve < 0:
        return 0.0
    return min(max(0.5 * (a - c) / curve, -0.5), 0.5)


@kernel(Out(3)(In(3), In(3, i4), In(1, i4)))
def refine(heatmaps, cells, count):
    """Positions of the first `count` peaks of each map, finer than a cell.

    heatmaps  float32 [J, H, W]
    cells     int32 [J, K, 2]     of the peaks, x, y
    count     int32 [J]           peaks of each map; the cells after them stay as they are
    ->        float32 [J, K, 2]   x, y

    In x, and in y, the position is the top of the parabola through the logarithms of the cell and its two neighbours:
    exact for a Gaussian of any width and height. It moves half a cell at most, and not at all at the border or beside
    a value <= 0.
    """
    out = cells.astype(np.float32)
    height, width = heatmaps.shape[1:]
    for j in range(cells.shape[0]):
        for k in range(count[j]):
            x, y = cells[j, k, 0], cells[j, k, 1]
            heat = heatmaps[j]
            if 0 < x < width - 1:
                out[j, k, 0] += _vertex(heat[y, x - 1], heat[y, x], heat[y, x + 1])
            if 0 < y < height - 1:
                out[j, k, 1] += _vertex(heat[y - 1, x], heat[y, x], heat[y + 1, x])
    return out
