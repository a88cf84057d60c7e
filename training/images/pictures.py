"""Labelled pictures, real or rendered, and the views of them that the image networks learn from."""

from typing import NamedTuple

import cv2
import numpy as np

from duopose.kernels.crop import warp
from duopose.stream.skeleton import COCO_HIPS, COCO_MIRROR


class Guides(NamedTuple):
    """What the top-down branch said of a picture: G people."""

    joints: np.ndarray  # float32 [G, 17, 3]  COCO17: x, y, score; 0 = not found
    sizes: np.ndarray  # float32 [G]          pixels: root of the area of the person's box


class Picture(NamedTuple):
    """A picture with N labelled people. Pixels count from the centre of the top-left one."""

    image: np.ndarray  # uint8 [H, W, 3] RGB
    # float32 [N, 17, 3]  COCO17: x, y, confidence of the label 0..1; 0 = unknown or not in sight; negative = near here,
    # neither
    # joint nor background; NaN = not labelled by its set, it may be anywhere in the box
    joints: np.ndarray
    boxes: np.ndarray  # float32 [N, 4]       x, y, width, height of the visible person
    trust: np.ndarray  # float32 [N]          0..1: 1 = a human's or a renderer's label
    ignore: np.ndarray  # float32 [M, 4]      boxes in which there may be people without label
    complete: bool  # whether every person is labelled or within `ignore`
    depths: np.ndarray  # float32 [N, 17]     metres from the camera; NaN = unknown
    focal: float  # pixels; NaN = unknown
    guides: Guides | None = None  # None = nobody asked the top-down branch

    @property
    def size(self):
        """Width, height."""
        return self.image.shape[1], self.image.shape[0]


def root_depth(depths):
    """float32 [N, 17] metres, COCO17 -> float32 [N]: depth of the mid-hips."""
    return depths[:, COCO_HIPS].mean(1)


def bounds(affine, boxes):
    """Upright boxes around boxes [N, 4] that an affine [2, 3] may have turned."""
    x, y, w, h = boxes.T
    corners = np.stack([[x, y], [x + w, y], [x, y + h], [x + w, y + h]]).transpose(2, 0, 1)  # [N, 4, 2]
    corners = corners @ affine[:, :2].T + affine[:, 2]
    return np.concatenate([corners.min(1), corners.max(1) - corners.min(1)], 1).astype(np.float32)


def view(picture, affine, width, height):
    """What a window of width x height sees of a picture through an affine [2, 3] from the picture to the window.

    Joints outside lose their confidence; people of whom less than a tenth of the box is left lose their box and become
    an ignored area. A mirroring affine swaps left and right joints.
    """
    image = warp(picture.image, affine, height, width)
    joints, depths = seen_through(affine, picture.joints, width, height), picture.depths
    if np.linalg.det(affine[:, :2]) < 0:
        depths = depths[:, COCO_MIRROR]
    scale = np.sqrt(abs(np.linalg.det(affine[:, :2])))
    whole = bounds(affine, picture.boxes)
    boxes = clip(whole, width, height)
    left = boxes[:, 2] * boxes[:, 3] / np.maximum(whole[:, 2] * whole[:, 3], 1)
    stay = (left > 0.1) & (boxes[:, 2] > 2) & (boxes[:, 3] > 2)
    gone = boxes[~stay & (left > 0)]
    ignore = clip(bounds(affine, picture.ignore), width, height)
    ignore = np.concatenate([ignore[(ignore[:, 2:] > 0).all(1)], gone])
    guides = picture.guides
    if guides is not None:
        guides = Guides(seen_through(affine, guides.joints, width, height), guides.sizes * np.float32(scale))
    return Picture(
        image, joints[stay], boxes[stay], picture.trust[stay], ignore, picture.complete, depths[stay],
        picture.focal * scale, guides,
    )  # fmt: skip


def seen_through(affine, joints, width, height):
    """Joints [N, 17, 3] through an affine [2, 3] into a window; one that lies outside has the confidence 0."""
    joints = joints.copy()
    joints[..., :2] = joints[..., :2] @ affine[:, :2].T + affine[:, 2]
    if np.linalg.det(affine[:, :2]) < 0:
        joints = joints[:, COCO_MIRROR]
    joints[..., 2] *= ((joints[..., :2] > -0.5) & (joints[..., :2] < (width - 0.5, height - 0.5))).all(-1)
    return joints


def clip(boxes, width, height):
    """Boxes [N, 4] cut to the picture; one outside it has no extent."""
    low = boxes[:, :2].clip(-0.5, (width - 0.5, height - 0.5))
    high = (boxes[:, :2] + boxes[:, 2:]).clip(-0.5, (width - 0.5, height - 0.5))
    return np.concatenate([low, high - low], 1).astype(np.float32)


def around(middle, scale, angle, mirrored, width, height):
    """Affine [2, 3] that puts `middle` (x, y) into the middle of a window, scaled, turned by `angle` radians."""
    c, s = scale * np.cos(angle), scale * np.sin(angle)
    turn = np.array([[c, -s], [s, c]]) @ np.diag([-1.0 if mirrored else 1.0, 1.0])
    return np.column_stack([turn, (np.array([width, height]) - 1) / 2 - turn @ middle])


def recolour(image, rng):
    """uint8 [H, W, 3] -> the same under other light, another camera, more noise."""
    x = image.astype(np.float32)
    if rng.random() < 0.05:
        x = np.repeat(x.mean(2, keepdims=True), 3, 2)
    if rng.random() < 0.8:
        grey = x.mean(2, keepdims=True)
        x = grey + (x - grey) * rng.uniform(0.6, 1.4)  # saturation
        x = x * rng.uniform(0.65, 1.35) * rng.uniform(0.9, 1.1, 3)  # brightness, colour of the light
        x = (x - 128) * rng.uniform(0.75, 1.25) + 128  # contrast
    if rng.random() < 0.2:
        x = cv2.GaussianBlur(x, (0, 0), rng.uniform(0.5, 1.5))
    if rng.random() < 0.3:
        noise = rng.integers(-60, 60, x.shape, np.int8)
        x = x + noise * np.float32(rng.uniform(0.02, 0.25))
    return x.clip(0, 255).astype(np.uint8)


def cover(image, rng, count=2):
    """Lay up to `count` patches of one colour or of another part of the picture over it, as things in the way do."""
    height, width = image.shape[:2]
    image = image.copy()
    for _ in range(rng.integers(0, count + 1)):
        w, h = (np.array([width, height]) * rng.uniform(0.08, 0.35, 2)).astype(int)
        x, y, u, v = rng.integers(0, (width - w, height - h, width - w, height - h))
        patch = image[v : v + h, u : u + w] if rng.random() < 0.5 else rng.integers(0, 256, 3).astype(np.uint8)
        image[y : y + h, x : x + w] = patch
    return image


def beside(first, second, below=False):
    """Two pictures of the same size as one, the second to the right of the first or below it."""
    width, height = (0, first.size[1]) if below else (first.size[0], 0)
    shift = np.array([width, height], np.float32)
    move = np.concatenate([shift, (0, 0)]).astype(np.float32)
    guides = None
    if first.guides is not None and second.guides is not None:
        joints = np.concatenate([first.guides.joints, moved(second.guides.joints, shift)])
        guides = Guides(joints, np.concatenate([first.guides.sizes, second.guides.sizes]))
    focal = first.focal if np.isfinite(first.focal) else second.focal
    return Picture(
        np.concatenate([first.image, second.image], 0 if below else 1),
        np.concatenate([first.joints, moved(second.joints, shift)]),
        np.concatenate([first.boxes, second.boxes + move]),
        np.concatenate([first.trust, second.trust]),
        np.concatenate([first.ignore, second.ignore + move]),
        first.complete and second.complete,
        np.concatenate([refocused(first, focal), refocused(second, focal)]),
        focal,
        guides,
    )


def moved(joints, shift):
    """Joints [N, 17, 3] moved by `shift` [2] pixels."""
    return np.concatenate([joints[..., :2] + shift, joints[..., 2:]], -1).astype(np.float32)


def refocused(picture, focal):
    """Depths [N, 17] of the people of a picture as a lens of another focal length (pixels) would show them alike.

    Everybody stands where depth over focal length is the same, and keeps their size: the joints move with the root, and
    stay as far in front of it or behind it as they are. NaN where the picture's own focal length is unknown.
    """
    root = root_depth(picture.depths)[:, None]
    return (picture.depths + root * (focal / picture.focal - 1)).astype(np.float32)
