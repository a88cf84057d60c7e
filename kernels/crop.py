"""Cuts what a network wants to see out of a picture, by an affine map that can be inverted exactly.

An affine is float64 [2, 3]: x, y of the picture -> x, y of the crop. (0, 0) is the CENTRE of the top-left pixel in
both, so a picture of width W reaches from -0.5 to W - 0.5.
"""

import math

import cv2
import numpy as np

ENLARGE = 1.25  # of a box, for its crop: boxes are inaccurate and the context helps


def crop_affine(box, width, height, enlarge=ENLARGE):
    """Map of a box, enlarged about its centre and widened to the shape of the crop, onto a crop of width x height.

    box [4] x, y, width, height in pixels, not empty -> float64 [2, 3]

    >>> crop_affine((10, 20, 30, 80), width=48, height=64, enlarge=1.0)
    array([[  0.8,   0. ,   3.5],
           [  0. ,   0.8, -16.5]])
    """
    x, y, w, h = (float(value) for value in box)
    scale = min(width / w, height / h) / enlarge
    return _centred(x + w / 2, y + h / 2, width, height, scale)


def letterbox(width, height, out_width, out_height):
    """Map of a whole picture into the middle of out_width x out_height, as large as it fits -> float64 [2, 3]."""
    scale = min(out_width / width, out_height / height)
    return _centred((width - 1) / 2, (height - 1) / 2, out_width, out_height, scale)


def _centred(x, y, width, height, scale):
    """Map that scales and takes the point x, y to the middle of width x height."""
    return np.array([[scale, 0, (width - 1) / 2 - scale * x], [0, scale, (height - 1) / 2 - scale * y]])


def apply(affine, points):
    """points [..., 2] x, y -> float32 [..., 2]. Any numbers may follow x, y: they stay as they are."""
    points = np.asarray(points)
    out = points.astype(np.float32)
    out[..., :2] = points[..., :2] @ affine[:, :2].T + affine[:, 2]
    return out


def invert(affine):
    """The inverse map: crop -> picture, float64 [2, 3]."""
    inverse = np.linalg.inv(affine[:, :2])
    return np.column_stack([inverse, -inverse @ affine[:, 2]])


def scale_of(affine):
    """Pixels of the crop for one pixel of the picture."""
    return math.sqrt(abs(float(np.linalg.det(affine[:, :2]))))


def warp(image, affine, height, width):
    """The crop itself; black where the picture does not reach.

    image  uint8 [H, W, 3]
    ->     uint8 [height, width, 3]

    Bilinear. Where the crop has less than half the picture's resolution, blocks of pixels are averaged first, so that
    small things fade instead of flickering. (OpenCV: about twice as fast as the same loops in Numba.)
    """
    block = max(int(1 / scale_of(affine)), 1)
    # the part of the picture that the crop sees, with a block to spare, in whole blocks
    corners = apply(invert(affine), [(0, 0), (width - 1, 0), (0, height - 1), (width - 1, height - 1)])
    left, top = np.maximum(np.floor(corners.min(0)).astype(int) - block, 0)
    right, bottom = np.minimum(np.ceil(corners.max(0)).astype(int) + 1 + block, (image.shape[1], image.shape[0]))
    if right <= left or bottom <= top:
        return np.zeros((height, width, 3), np.uint8)
    seen = slice(top, bottom), slice(left, right)
    if block == 1:
        return _sample(image, affine, height, width, seen)
    part = image[seen]
    spare_y, spare_x = -part.shape[0] % block, -part.shape[1] % block
    if spare_y or spare_x:
        part = cv2.copyMakeBorder(part, 0, spare_y, 0, spare_x, cv2.BORDER_REPLICATE)
    size = (part.shape[1] // block, part.shape[0] // block)
    small = cv2.resize(part, size, interpolation=cv2.INTER_AREA)
    middle = np.array([left, top]) + (block - 1) / 2  # of the first block
    from_small = np.column_stack([affine[:, :2] * block, affine[:, :2] @ middle + affine[:, 2]])
    return _sample(small, from_small, height, width)


def _sample(image, affine, height, width, seen=...):
    """The crop of a picture, of which it sees the part `seen`, bilinear.

    OpenCV is faster with four channels than with three by more than the way there and back, and gives the same numbers.
    """
    four = np.empty((*image.shape[:2], 4), np.uint8)
    cv2.cvtColor(image[seen], cv2.COLOR_RGB2RGBA, dst=four[seen])
    return cv2.cvtColor(cv2.warpAffine(four, affine, (width, height), flags=cv2.INTER_LINEAR), cv2.COLOR_RGBA2RGB)
