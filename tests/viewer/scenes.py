"""People who stand before a camera, as scenes for the viewer, and what is colourful in a picture of them."""

import numpy as np

from duopose.stream.messages import Camera, Frame, Scene
from duopose.stream.skeleton import BODY17, COCO17

WIDTH, HEIGHT = 640, 360
LENS = Camera(560.0, 560.0, 330.0, 170.0, "file")  # not centred, so that a lost offset shows
STANDING = np.float32(  # right, up, away from the camera; m over the floor
    [
        (0, 0.95, 0), (-0.13, 0.93, 0), (-0.14, 0.5, 0.04), (-0.15, 0.09, -0.1), (0.13, 0.93, 0), (0.14, 0.5, 0.02),
        (0.15, 0.09, 0.1), (0, 1.2, 0), (0, 1.45, 0), (0, 1.56, -0.09), (0, 1.74, 0), (0.18, 1.42, 0),
        (0.27, 1.15, 0.03), (0.25, 0.92, -0.1), (-0.18, 1.42, 0), (-0.3, 1.2, 0), (-0.35, 1.45, -0.15),
    ]
)  # fmt: skip


def person(x, z, camera_height=1.4):
    """A standing person in the camera frame, float32 [17, 3]."""
    return STANDING * np.float32((1, -1, 1)) + np.float32((x, camera_height, z))


def project(points):
    return points[..., :2] / points[..., 2:] * (LENS.fx, LENS.fy) + (LENS.cx, LENS.cy)


def make_scene(people, ids=None, sources=None, number=0, stamp=0.0):
    joints = np.float32(people).reshape(-1, 17, 3)
    count = len(joints)
    coco = np.full((count, 17, 3), 0.9, np.float32)
    for joint, name in enumerate(COCO17):
        coco[:, joint, :2] = project(joints[:, BODY17.index(name if name in BODY17 else "nose")])
    low, high = coco[..., :2].min(1), coco[..., :2].max(1)
    return Scene(
        frame=Frame(number, None, stamp, 0.0, WIDTH, HEIGHT, LENS, "ring", 0, 2, False),
        fused_at=0.05,
        ids=np.array(ids if ids is not None else range(1, count + 1), np.int32),
        scores=np.ones(count, np.float32),
        sources=np.array(sources if sources is not None else [3] * count, np.uint8),
        boxes=np.concatenate([low, high - low], 1),
        coco=coco,
        joints=joints,
        top_down=joints * np.float32(np.nan),
        bottom_up=joints * np.float32(np.nan),
        depth_sd=np.full(count, np.nan, np.float32),
        joint_sd=np.full((count, 17), np.nan, np.float32),
    )


def colourfulness(pixels):
    """How far a pixel is from grey, 0..255; everything but people and their tags is nearly grey."""
    pixels = pixels[..., :3].astype(int)
    return pixels.max(-1) - pixels.min(-1)
