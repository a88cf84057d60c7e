"""BlazePose (Google, Apache-2.0; MediaPipe) as somebody would use it to place several people in front of a known
camera.

It sees one person in a crop, so it gets the boxes of the people that Duopose found. Its world landmarks, metres about
the hips, are put where they are seen best along the rays of its own landmarks in the picture. Crops are upright; a
second one around what the first showed, as MediaPipe follows people in a video, and crops that are wider or closer made
its figures worse here.
"""

from pathlib import Path

import numpy as np

from duopose.kernels.crop import ENLARGE, apply, crop_affine, invert, warp
from duopose.kernels.reprojection import fit_depth, root_at
from duopose.networks.runtime import core
from duopose.nodes.placement import HEAD, rays_of
from duopose.stream.errors import UsageError
from duopose.stream.skeleton import PELVIS, coco_to_body

FILES = ("pose_landmark_heavy.tflite", "pose_landmark_full.tflite")  # the better one first
SIDE = 256  # pixels of a crop
LANDMARKS = 39  # 33 and some that say where to look next
# Landmark of each joint of COCO17.
COCO = [0, 2, 5, 7, 8, 11, 12, 13, 14, 15, 16, 23, 24, 25, 26, 27, 28]


def load(folder):
    """crop uint8 [256, 256, 3] RGB -> landmarks [17, 3] (x, y pixels of the crop, visibility), world landmarks [17, 3]
    (metres), both COCO17. Raises UsageError where the folder has no model."""
    paths = [Path(folder) / name for name in FILES if (Path(folder) / name).exists()]
    if not paths:
        raise UsageError(f"{folder} has neither {' nor '.join(FILES)}: they come with npm's @mediapipe/pose")
    network = core().compile_model(paths[0], "CPU", {"INFERENCE_PRECISION_HINT": "f32"})

    def call(crop):
        by_size = {out.size: out for out in network(crop[None].astype(np.float32) / 255).values()}
        seen = by_size[LANDMARKS * 5].reshape(LANDMARKS, 5)[COCO]
        visibility = 1 / (1 + np.exp(-seen[:, 3:4]))
        return np.concatenate([seen[:, :2], visibility], 1), by_size[LANDMARKS * 3].reshape(LANDMARKS, 3)[COCO]

    return call


def landmarks(network, image, box):
    """One person -> COCO17 joints [17, 3] in pixels of the picture, with visibility, and [17, 3] in metres."""
    affine = crop_affine(box, SIDE, SIDE, ENLARGE)
    seen, world = network(warp(image, affine, SIDE, SIDE))
    return apply(invert(affine), seen), world


def place(seen, world, camera):
    """Poses in metres where they are seen best.

    seen    [N, 17, 3]  COCO17: x, y pixels, visibility
    world   [N, 17, 3]  COCO17, metres
    camera  stream.messages.Camera
    ->      float32 [N, 17, 3]  BODY17, metres, camera frame; NaN where no place in front of the camera fits
    """
    body = coco_to_body(seen)
    pose = coco_to_body(np.concatenate([world, np.ones_like(world[..., :1])], -1))[..., :3]
    pose = pose - pose[:, PELVIS : PELVIS + 1]
    rays, weight = rays_of(body, camera), np.ascontiguousarray(body[..., 2])
    weight[:, HEAD] = 0
    root = root_at(pose, rays, weight, fit_depth(pose, rays, weight))
    return pose + root[:, None]


def poses(network, image, boxes, camera):
    """What BlazePose says of the people in these boxes [N, 4] of a picture uint8 [H, W, 3] RGB -> as `place`."""
    found = [landmarks(network, image, box) for box in boxes]
    seen, world = (np.array([pair[part] for pair in found]).reshape(-1, 17, 3) for part in (0, 1))
    return place(seen, world, camera)
