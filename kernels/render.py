"""Top-down joints drawn as heatmaps, for the bottom-up network's input."""

import math

import numpy as np
from numba import types

from duopose.kernels.types import In, Out, kernel

i8, u1 = types.int64, types.uint8

SPREAD = 0.05  # deviation of a joint's Gaussian, as a share of its person's size: about that of the top-down heatmaps
LEAST = 1.0  # px, deviation below which a Gaussian would fall between the pixels
REACH = math.sqrt(2 * math.log(2 * 255))  # deviations after which a Gaussian of height 255 rounds to 0


@kernel(Out(3, u1)(In(3), In(1), i8, i8))
def draw_joints(joints, sizes, height, width):
    """One plane a joint type with everyone's Gaussians, where they overlap the higher one.

    joints  float32 [N, J, 3]         x, y in pixels of the planes; score 0..1 = height of the Gaussian, 0 = not drawn
    sizes   float32 [N]               size of each person, pixels: square root of the area of the box
    ->      uint8 [J, height, width]  0..255 = 0..1
    """
    people, planes, _ = joints.shape
    out = np.zeros((planes, height, width), np.uint8)
    across = np.zeros(width)
    for n in range(people):
        spread = max(SPREAD * sizes[n], LEAST)
        reach = spread * REACH
        for j in range(planes):
            x, y, score = joints[n, j, 0], joints[n, j, 1], min(joints[n, j, 2], 1.0)
            # written so that a score or a place that is not a number draws nothing
            if not (score > 0 and -reach < x < width + reach and -reach < y < height + reach):
                continue
            left, right = max(math.ceil(x - reach), 0), min(math.floor(x + reach) + 1, width)
            for column in range(left, right):
                across[column] = math.exp(-0.5 * ((column - x) / spread) ** 2)
            for row in range(max(math.ceil(y - reach), 0), min(math.floor(y + reach) + 1, height)):
                top = 255 * score * math.exp(-0.5 * ((row - y) / spread) ** 2)
                for column in range(left, right):
                    value = int(top * across[column] + 0.5)
                    if value > out[j, row, column]:
                        out[j, row, column] = value
    return out
