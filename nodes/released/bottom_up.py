"""The authors' bottom-up branch: the frame and the top-down joints as heatmaps -> 14 joints and depths of everyone.

As in their programs the maps are enlarged to the size of the input, joints are grouped by tags, and depths are read at
the joints. `Transform` makes 17 joints of the 14. It knows neither metres nor the camera, so its pose is fitted to the
14 joints in camera space.
"""

import os

import cv2
import numpy as np

from duopose.kernels.crop import apply, invert, letterbox, warp
from duopose.kernels.grouping import AUTHORS, MUCO_ORDER, adjust, group, refine_missing
from duopose.kernels.peaks import find_peaks, read
from duopose.kernels.procrustes import procrustes
from duopose.kernels.render import SPREAD, draw_joints
from duopose.networks.released.skeletons import FROM_MUPOTS, MUCO14, MUCO_IN_COCO, MUCO_TO_BODY, MUCO_TO_COCO
from duopose.nodes.bottom_up.bottom_up import FARTHEST, NEAREST, read_around
from duopose.nodes.decoding import MIN_JOINTS, TOP_K
from duopose.nodes.extents import clip_boxes, extents
from duopose.nodes.placement import rays_of
from duopose.stream.messages import Poses
from duopose.stream.skeleton import BODY17, COCO17, coco_to_body

SHORT, STEP = 512, 64  # pixels of the network's input: its shorter side; its longer side is a multiple of STEP
DEVIATION = 4.0  # px of the input, of the Gaussian that stands for a top-down joint; its height is 1
PEAK, TAG_DISTANCE, TAG_DIVISOR = 0.1, 1.0, 1.5  # the authors' own

# The root depth map holds Z / 2.5 m - 1.45. It was trained on MuCo-3DHP, whose camera has a focal length of 1500 of
# 2048 pixels. With another camera Z is in proportion to its focal length (paper, supplement 1).
ROOT_UNIT, ROOT_MEAN, FOCAL = 2.5, 1.45, 1500 * SHORT / 2048
HIPS = [MUCO14.index("left_hip"), MUCO14.index("right_hip")]
MADE = [BODY17.index(name) for name in ("thorax", "spine", "head_top")]  # joints that only Transform has


def input_size(width, height):
    """Width and height of the network's input for a picture of that size.

    >>> input_size(1920, 1080), input_size(480, 640)
    ((960, 512), (512, 704))
    """
    long = -(-SHORT * max(width, height) // min(width, height) // STEP) * STEP
    return (long, SHORT) if width >= height else (SHORT, long)


def decode(heatmaps, tags, most):
    """Heatmaps and tags [14, H, W] of the size of the input -> people [P, 14, 3]: x, y in pixels, value; P <= most."""
    values, cells, _ = find_peaks(heatmaps, PEAK, TOP_K)
    tag = read(tags, cells)[..., None]
    people = group(values, cells.astype(np.float32), tag, MUCO_ORDER, PEAK, TAG_DISTANCE, TOP_K, **AUTHORS)
    enough = (people[..., 2] > 0).sum(1) >= MIN_JOINTS
    people = people[enough]
    people = people[np.argsort(-people[..., 2].sum(1), kind="stable")[:most]]
    return refine_missing(adjust(people, heatmaps), heatmaps, tags[..., None], TAG_DIVISOR)


def roots(people):
    """Position of each person's root: the pelvis, else the middle of the hips found, else of all joints found.

    people [P, 14, 3] -> [P, 2]
    """
    out = np.zeros((len(people), 2), np.float32)
    for n, person in enumerate(people):
        for joints in ([0], HIPS, range(len(MUCO14))):
            seen = person[list(joints)]
            seen = seen[seen[:, 2] > 0, :2]
            if len(seen):
                out[n] = seen.mean(0)
                break
    return out


def normalise(points, relative):
    """The input of Transform: points [P, 14, 2], relative depths [P, 14] in metres -> [P, 14, 3].

    x and y are relative to the pelvis and divided by the sum of the other joints' distances from it by 12 (sic: there
    are 13).
    """
    points = points - points[:, :1]
    size = np.linalg.norm(points[:, 1:], axis=-1).sum(1) / (len(MUCO14) - 2)
    points = points / np.maximum(size, 1e-6)[:, None, None]
    return np.concatenate([points, relative[..., None]], -1).astype(np.float32)


class BottomUp:
    """The bottom-up branch. Knows nothing of sockets, and nothing of earlier frames.

    network     frames uint8 [1, H, W, 3], guides uint8 [1, 17, H, W]
                -> heatmaps, tags, root, relative [1, ..., H/2, W/2]
    transform   [P, 14, 3] -> [P, 17, 3], MuPoTS-3D's order
    max_people  people at most
    """

    def __init__(self, network, transform, max_people):
        self.network, self.transform, self.max_people = network, transform, max_people

    def step(self, image, people):
        """image uint8 [H, W, 3] RGB, People of that frame -> Poses, ids 0."""
        frame = people.frame
        across, down = input_size(frame.width, frame.height)
        affine = letterbox(frame.width, frame.height, across, down)
        guide = coco_to_body(people.coco)
        guide[..., :2] = apply(affine, guide[..., :2])
        guide[..., 2] = guide[..., 2] > 0
        sizes = np.full(len(guide), DEVIATION / SPREAD, np.float32)
        planes = draw_joints(guide, sizes, down, across)
        heatmaps, tags, root, relative = (
            maps[0] for maps in self.network(warp(image, affine, down, across)[None], planes[None])
        )
        seen = decode(enlarge(heatmaps, across, down), enlarge(tags, across, down), self.max_people)
        seen[..., 2] = seen[..., 2].clip(0, 1)
        pixels = seen.copy()
        pixels[..., :2] = apply(invert(affine), seen[..., :2]) * (seen[..., 2:] > 0)
        joints = self.to_camera_space(seen, pixels, root, relative, frame.camera, affine[0, 0])
        coco = np.zeros((len(seen), len(COCO17), 3), np.float32)
        coco[:, MUCO_TO_COCO] = pixels[:, MUCO_IN_COCO]
        body = coco_to_body(coco)[..., 2]
        confidence = np.zeros((len(seen), len(BODY17)), np.float32)
        confidence[:, MADE] = body[:, MADE]
        confidence[:, MUCO_TO_BODY] = seen[..., 2]
        scores = seen[..., 2].sum(1) / np.maximum((seen[..., 2] > 0).sum(1), 1)
        boxes = clip_boxes(extents(pixels), frame.width, frame.height)
        return Poses(frame, np.zeros(len(seen), np.int32), scores.astype(np.float32), boxes, coco, joints, confidence)

    def to_camera_space(self, seen, pixels, root, relative, camera, scale):
        """Joints in camera space.

        seen      float32 [P, 14, 3]  x, y in pixels of the network's input, value
        pixels    float32 [P, 14, 3]  the same in pixels of the frame
        root      float32 [1, h, w], relative [13, h, w]   depth maps, at half the size of the input
        scale     pixels of the network's input per pixel of the frame
        ->        float32 [P, 17, 3] BODY17 metres, complete
        """
        if len(seen) == 0:
            return np.zeros((0, 17, 3), np.float32)
        found = seen[..., 2:] > 0
        points = np.where(found, seen[..., :2], roots(seen)[:, None])  # a joint that was not found counts as the root
        cells = ((points - 0.5) / 2).astype(np.float32)
        depth = read_around(root, cells[:, :1])  # [P, 1]
        depth = (depth + ROOT_MEAN) * ROOT_UNIT * ((camera.fx + camera.fy) / 2 * scale / FOCAL)
        offset = np.concatenate([np.zeros_like(depth), read_around(relative, cells[:, 1:])], 1) * found[..., 0]
        z = np.maximum(depth.clip(NEAREST, FARTHEST) + offset, NEAREST)[..., None]
        positions = np.where(found, pixels[..., :2], roots(pixels)[:, None])
        measured = np.concatenate([rays_of(positions, camera) * z, z], -1)
        (pose,) = self.transform(normalise(points, offset))
        goal, weight = np.zeros_like(pose), np.zeros(pose.shape[:2])
        goal[:, MUCO_TO_BODY], weight[:, MUCO_TO_BODY] = measured, found[..., 0]
        return procrustes(pose[:, FROM_MUPOTS], goal, weight=weight).astype(np.float32)


def prepare(network):
    """The network; torch may use half the cores: HRNet at this size takes seconds on one."""
    import torch

    torch.set_num_threads(max(1, (os.cpu_count() or 1) // 2))
    return network


def enlarge(maps, width, height):
    """Maps [J, h, w] -> [J, height, width], bilinear."""
    return np.stack([cv2.resize(plane, (width, height), interpolation=cv2.INTER_LINEAR) for plane in maps])
