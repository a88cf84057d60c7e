"""What people wear, as the tracker remembers them: a small colour histogram of the torso and one of the thighs.

Cheap enough for every person of every frame: 64 pixels a person are looked at, all people in one go.
"""

import cv2
import numpy as np

from duopose.stream.skeleton import COCO17, COCO_TRUNK

HUES, GREYS = 12, 6  # bins: of hue, for what has a colour; of brightness, for what is near white, grey or black
BINS = HUES + GREYS
COLOURFUL = 0.15, 0.35  # saturation below which a pixel counts as grey, above which as coloured; shared in between
COMMON = 0.5  # Bhattacharyya coefficient that counts as nothing alike: of people dressed differently it is 0.5 to 0.7
DARK = 40.0  # of 255: saturation means little in darker pixels, they count as less coloured

_THIGHS = [COCO17.index(name) for name in ("left_hip", "right_hip", "left_knee", "right_knee")]


def _grid(across, down):
    """Shares [points, 4] of the corners (upper left and right, lower left and right) in a grid of points between them."""
    u, v = (share.ravel() for share in np.meshgrid(across, down))
    return np.stack([(1 - u) * (1 - v), u * (1 - v), (1 - u) * v, u * v], -1).astype(np.float32)


_TORSO_GRID = _grid(np.linspace(0.1, 0.9, 5), np.linspace(0.1, 0.9, 8))  # clear of the background at the outline
_THIGH_GRID = _grid([-0.08, 0.08, 0.92, 1.08], np.linspace(0.15, 0.9, 6))  # along each thigh, not between the two
_BOX_TORSO = np.array([[0.35, 0.2], [0.65, 0.2], [0.35, 0.5], [0.65, 0.5]], np.float32)  # of a box, where joints lack


def _corners(coco, boxes, joints, instead):
    """[N, 4, 2] positions of four joints; for people who lack one, that part of the box (None: NaN)."""
    corners = coco[:, joints, :2].copy()
    lacks = (coco[:, joints, 2] <= 0).any(1)
    corners[lacks] = np.nan if instead is None else boxes[lacks, None, :2] + instead * boxes[lacks, None, 2:]
    return corners


def _histograms(image, points):
    """Share of each colour among the pixels of `image` at `points` [N, P, 2]; zeros where a point is NaN -> [N, BINS]."""
    height, width = image.shape[:2]
    known = ~np.isnan(points).any((1, 2))
    columns, rows = np.nan_to_num(points + 0.5).astype(np.int32).transpose(2, 0, 1)
    pixels = image[rows.clip(0, height - 1), columns.clip(0, width - 1)]  # [N, P, 3]
    hue, saturation, value = np.moveaxis(cv2.cvtColor(pixels, cv2.COLOR_RGB2HSV).astype(np.float32), -1, 0)
    low, high = COLOURFUL
    coloured = ((saturation / 255 - low) / (high - low)).clip(0, 1) * (value / DARK).clip(0, 1)
    out = np.zeros((len(points), BINS), np.float32)
    who = np.arange(len(points))[:, None]
    place = hue * (HUES / 180)  # OpenCV counts hue in steps of two degrees
    first = place.astype(np.int32) % HUES
    share = place % 1
    np.add.at(out, (who, first), coloured * (1 - share))
    np.add.at(out, (who, (first + 1) % HUES), coloured * share)
    place = value * ((GREYS - 1) / 255)
    first = np.minimum(place.astype(np.int32), GREYS - 2)
    share = place - first
    np.add.at(out, (who, HUES + first), (1 - coloured) * (1 - share))
    np.add.at(out, (who, HUES + first + 1), (1 - coloured) * share)
    return out * known[:, None] / points.shape[1]


def describe(image, coco, boxes):
    """The looks of people.

    image  uint8 [H, W, 3]     RGB
    coco   float32 [N, 17, 3]  x, y pixels, score; 0 = missing
    boxes  float32 [N, 4]      x, y, width, height: tells where the torso is of those who lack a shoulder or a hip
    ->     float32 [N, 2, BINS]  torso and thighs; each sums to 1, the thighs to 0 where a joint of them is missing
    """
    if not len(coco):
        return np.zeros((0, 2, BINS), np.float32)
    torso = np.einsum("pc,ncd->npd", _TORSO_GRID, _corners(coco, boxes, COCO_TRUNK, _BOX_TORSO))
    thighs = np.einsum("pc,ncd->npd", _THIGH_GRID, _corners(coco, boxes, _THIGHS, None))
    return np.stack([_histograms(image, torso), _histograms(image, thighs)], 1)


def likeness(a, b):
    """How alike the looks of every one of a [N, 2, BINS] and of b [M, 2, BINS] are -> [N, M]: 1 = the same, 0 = nothing alike.

    From the Bhattacharyya coefficient, mean over the parts that both show.
    """
    overlap = np.einsum("npb,mpb->nmp", np.sqrt(a), np.sqrt(b))
    both = (a.sum(-1) > 0)[:, None] & (b.sum(-1) > 0)[None]
    coefficient = (overlap * both).sum(-1) / np.maximum(both.sum(-1), 1)
    return ((coefficient - COMMON) / (1 - COMMON)).clip(0, 1)
