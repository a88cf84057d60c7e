"""Appearance of people for the tracker: a small colour histogram of the torso and one of the thighs.

It reads 64 pixels a person, of all people at once, so it is cheap enough for every frame.
"""

import cv2
import numpy as np

from duopose.stream.skeleton import COCO17, COCO_TRUNK

HUES, GREYS = 12, 6  # bins: of hue, for coloured pixels; of brightness, for white, grey and black ones
BINS = HUES + GREYS
# Notes in brackets: what changes at 0.7 and 1.4 times the value (docs/experiments.md, Thresholds).
# Saturation: a pixel below the first is grey, above the second coloured, between them in part both. [1.4: IDF1 -4]
COLOURFUL = 0.15, 0.35
# Bhattacharyya coefficient that counts as likeness 0: people in different clothes have 0.5 to 0.7. [0.7: 6 more false
# people in 100 frames; 1.4: small]
COMMON = 0.5
DARK = 40.0  # of 255: brightness below which a pixel counts as less coloured, because its hue is noise [none]

_THIGHS = [COCO17.index(name) for name in ("left_hip", "right_hip", "left_knee", "right_knee")]


def _grid(across, down):
    """Weights [points, 4] of the corners (upper left, upper right, lower left, lower right) at the points of a grid."""
    u, v = (share.ravel() for share in np.meshgrid(across, down))
    return np.stack([(1 - u) * (1 - v), u * (1 - v), (1 - u) * v, u * v], -1).astype(np.float32)


_TORSO_GRID = _grid(np.linspace(0.1, 0.9, 5), np.linspace(0.1, 0.9, 8))  # away from the outline and the background
_THIGH_GRID = _grid([-0.08, 0.08, 0.92, 1.08], np.linspace(0.15, 0.9, 6))  # along each thigh, not between them
_BOX_TORSO = np.array([[0.35, 0.2], [0.65, 0.2], [0.35, 0.5], [0.65, 0.5]], np.float32)  # the torso's corners in a box


def _corners(coco, boxes, joints, in_box):
    """Positions of four joints [N, 4, 2]. If one is missing: the corners `in_box`, as shares of the box (None: NaN)."""
    corners = coco[:, joints, :2].copy()
    missing = (coco[:, joints, 2] <= 0).any(1)
    corners[missing] = np.nan if in_box is None else boxes[missing, None, :2] + in_box * boxes[missing, None, 2:]
    return corners


def _histograms(image, points):
    """Colour histograms of the pixels of `image` at `points` [N, P, 2] -> [N, BINS]; all 0 where a point is NaN."""
    height, width = image.shape[:2]
    known = ~np.isnan(points).any((1, 2))
    columns, rows = np.nan_to_num(points + 0.5).astype(np.int32).transpose(2, 0, 1)
    pixels = image[rows.clip(0, height - 1), columns.clip(0, width - 1)]  # [N, P, 3]
    hue, saturation, value = np.moveaxis(cv2.cvtColor(pixels, cv2.COLOR_RGB2HSV).astype(np.float32), -1, 0)
    low, high = COLOURFUL
    coloured = ((saturation / 255 - low) / (high - low)).clip(0, 1) * (value / DARK).clip(0, 1)
    out = np.zeros((len(points), BINS), np.float32)
    who = np.arange(len(points))[:, None]
    position = hue * (HUES / 180)  # OpenCV counts hue in steps of two degrees
    first = position.astype(np.int32) % HUES
    share = position % 1
    np.add.at(out, (who, first), coloured * (1 - share))
    np.add.at(out, (who, (first + 1) % HUES), coloured * share)
    position = value * ((GREYS - 1) / 255)
    first = np.minimum(position.astype(np.int32), GREYS - 2)
    share = position - first
    np.add.at(out, (who, HUES + first), (1 - coloured) * (1 - share))
    np.add.at(out, (who, HUES + first + 1), (1 - coloured) * share)
    return out * known[:, None] / points.shape[1]


def describe(image, coco, boxes):
    """The appearance of people.

    image  uint8 [H, W, 3]     RGB
    coco   float32 [N, 17, 3]  x, y pixels, score; 0 = missing
    boxes  float32 [N, 4]      x, y, width, height: tell where the torso is if a shoulder or a hip is missing
    ->     float32 [N, 2, BINS]  torso and thighs; each sums to 1, the thighs to 0 if one of their joints is missing
    """
    if not len(coco):
        return np.zeros((0, 2, BINS), np.float32)
    torso = np.einsum("pc,ncd->npd", _TORSO_GRID, _corners(coco, boxes, COCO_TRUNK, _BOX_TORSO))
    thighs = np.einsum("pc,ncd->npd", _THIGH_GRID, _corners(coco, boxes, _THIGHS, None))
    return np.stack([_histograms(image, torso), _histograms(image, thighs)], 1)


def likeness(a, b):
    """Likeness of each appearance in a [N, 2, BINS] and each in b [M, 2, BINS] -> [N, M]: 1 = the same, 0 = different.

    From the Bhattacharyya coefficient of the histograms, mean over the parts that both have.
    """
    overlap = np.einsum("npb,mpb->nmp", np.sqrt(a), np.sqrt(b))
    both = (a.sum(-1) > 0)[:, None] & (b.sum(-1) > 0)[None]
    coefficient = (overlap * both).sum(-1) / np.maximum(both.sum(-1), 1)
    return ((coefficient - COMMON) / (1 - COMMON)).clip(0, 1)
