"""Labels of people that the shipped networks write themselves (the teacher of paper 3.4), in the form `people-v1`.

The teacher looks at each picture twice, the second time in a mirror, and names people whom it sees alike both times.
How far a label is to be trusted is said by three things: how well the two looks agree, and the two consistency errors
of the paper about the pose that the lifting networks make of it (training/unlabelled/consistency.py), easy people
first.
"""

from typing import NamedTuple

import cv2
import numpy as np
import torch

from duopose.kernels.assignment import assign
from duopose.kernels.camera import constants, undistort
from duopose.nodes.chain import Chain
from duopose.nodes.extents import clip_boxes
from duopose.nodes.fusion.matching import image_similarity
from duopose.stream.camera_file import Cameras
from duopose.stream.messages import Frame
from duopose.stream.skeleton import COCO_MIRROR, PELVIS, coco_to_body
from duopose.training.mocap import cameras
from duopose.training.unlabelled.consistency import (
    easy_first,
    multi_perspective_error,
    reprojection_error,
    turned_about_vertical,
)
from duopose.training.unlabelled.turned import lift_single_frame

LONGEST = 640  # pixels of a stored picture
SAME = 0.5  # OKS from which two looks mean the same person
NEAR = 0.06  # of the person's size: two looks at a joint that are nearer are one
ALONE = 0.5  # what counts of a score that only one of the looks supports
UNSURE = 0.25  # joints below are unknown (people-v1)
FEWEST = 6  # joints better than that which a label needs
KEPT = 0.5  # trust below which somebody is no label, but an area that is left out
TURNS = (np.pi / 2, np.pi, -np.pi / 2)  # rad, about the vertical: from where the multi-perspective error looks


class Seen(NamedTuple):
    """What the teacher says of one picture; N people with a label, M areas with somebody of whom it is not sure."""

    boxes: np.ndarray  # float32 [N, 4] x, y, width, height
    coco: np.ndarray  # float32 [N, 17, 3] x, y, confidence
    agreement: np.ndarray  # float32 [N] 0..1, of the two looks
    reprojection: np.ndarray  # float32 [N] E_rep
    perspective: np.ndarray  # float32 [N] E_mp, m^2
    ignore: np.ndarray  # float32 [M, 4]


def see_twice(networks, image):
    """The teacher's answer to a picture uint8 [H, W, 3] RGB. networks: nodes.chain.Networks -> Seen"""
    height, width = image.shape[:2]
    camera = Cameras().of(width, height)
    frame = Frame(0, None, 0.0, 0.0, width, height, camera, "", 0, 0, True)
    (plain, others), (mirrored, _) = (
        Chain.of(networks).branches(np.ascontiguousarray(view), frame) for view in (image, image[:, ::-1])
    )
    back_boxes, back = unmirrored(mirrored.boxes, mirrored.coco, width)
    pairs = matched(plain.coco, plain.boxes, back)
    first, second = (np.array([pair[side] for pair in pairs], int) for side in (0, 1))
    boxes = clip_boxes((plain.boxes[first] + back_boxes[second]) / 2, width, height)
    coco = merged(plain.coco[first], back[second], boxes)
    agreement = image_similarity(plain.coco, plain.boxes, back)[first, second]
    enough = (coco[..., 2] >= UNSURE).sum(1) >= FEWEST
    boxes, coco = boxes[enough], coco[enough]
    known = np.array([j for _, j in matched(coco, boxes, others.coco)], int)
    unsure = [
        np.delete(every, rows, 0)
        for every, rows in ((plain.boxes, first[enough]), (back_boxes, second[enough]), (others.boxes, known))
    ]
    errors = consistency(networks.lifting, coco, camera)
    return Seen(boxes, coco, agreement[enough], *errors, clip_boxes(np.concatenate(unsure), width, height))


def unmirrored(boxes, coco, width):
    """Boxes [N, 4] and joints [N, 17, 3] found in the mirror image -> where they are in the picture of that width."""
    boxes, coco = boxes.copy(), coco[:, COCO_MIRROR].copy()
    boxes[:, 0] = width - 1 - boxes[:, 0] - boxes[:, 2]
    coco[..., 0] = np.where(coco[..., 2] > 0, width - 1 - coco[..., 0], 0)
    return boxes, coco


def matched(coco, boxes, others):
    """Pairs (i, j) of people [N, 17, 3] with their boxes and others [M, 17, 3] who are the same."""
    alike = image_similarity(coco, boxes, others)
    found = assign(-alike.astype(np.float64))
    return [(i, int(j)) for i, j in enumerate(found) if j >= 0 and alike[i, j] >= SAME]


def merged(first, second, boxes):
    """Two looks at the same people [N, 17, 3], their boxes [N, 4] -> one: the weighted mean where they are near each
    other, else the surer of the two, which then counts less."""
    size = np.sqrt(np.prod(boxes[:, 2:], axis=1))[:, None]
    score = np.stack([first[..., 2], second[..., 2]])  # [2, N, 17]
    weight = score / np.maximum(score.sum(0), 1e-6)
    mean = weight[0, ..., None] * first[..., :2] + weight[1, ..., None] * second[..., :2]
    near = (np.linalg.norm(first[..., :2] - second[..., :2], axis=-1) < NEAR * size) & (score > 0).all(0)
    surer = np.where((score[0] >= score[1])[..., None], first[..., :2], second[..., :2])
    position = np.where(near[..., None], mean, surer)
    sure = np.where(near, score.mean(0), ALONE * score.max(0))
    return np.concatenate([position, sure[..., None]], -1).astype(np.float32)


def consistency(networks, coco, camera):
    """E_rep (eq. 15) and E_mp of the poses that the lifting networks (nodes.top_down.lifting.Networks) make of people
    [N, 17, 3] seen once
    -> float32 [N], float32 [N]"""
    if len(coco) == 0:
        return np.zeros(0, np.float32), np.zeros(0, np.float32)
    body = coco_to_body(coco)
    confidence = np.ascontiguousarray(body[..., 2])
    pixels = np.ascontiguousarray(body[..., :2].reshape(-1, 2))
    rays = undistort(pixels, *constants(camera)).reshape(-1, 17, 2)
    poses = lift_single_frame(networks, rays, confidence)
    extent = np.array(
        [np.ptp(ray[sure > 0], axis=0).max(initial=1e-3) for ray, sure in zip(rays, confidence, strict=True)]
    )
    rep = reprojection_error(*map(torch.from_numpy, (poses, rays, confidence, extent.astype(np.float32)))).numpy()
    perspective = np.zeros(len(poses), np.float32)
    for angle in TURNS:
        turned = turned_about_vertical(poses, np.full(len(poses), angle, np.float32))
        again = lift_single_frame(networks, cameras.rays_of(turned), confidence)
        relative = [torch.from_numpy(pose - pose[:, PELVIS : PELVIS + 1]) for pose in (again, turned)]
        perspective += multi_perspective_error(*relative).numpy() / len(TURNS)
    return rep, perspective


def trust(seen, epoch):
    """How far each of the people of `seen` (list of Seen) is trusted, 0..1: the agreement of the looks, times the
    weight of eq. 11 beside the easiest person's. epoch 1, 2, ...: later ones trust hard people more. -> list of [N]"""
    agreement, rep, perspective = (
        torch.from_numpy(np.concatenate([getattr(one, name) for one in seen]))
        for name in ("agreement", "reprojection", "perspective")
    )
    if len(agreement) == 0:
        return [np.zeros(0, np.float32) for _ in seen]
    weight = easy_first(rep, epoch) + easy_first(perspective, epoch)
    sure = (agreement * weight / weight.max()).numpy()
    return np.split(sure, np.cumsum([len(one.agreement) for one in seen])[:-1])


def entry(file, size, seen, sure, scale, source):
    """One picture of a label file.

    size   (width, height) of the stored picture;  scale   [2] stored pixels per pixel of what was looked at
    sure   [N] of `trust`;  source  where the picture came from
    """
    kept = sure >= KEPT
    persons = []
    for box, coco, agreement in zip(seen.boxes[kept], seen.coco[kept], sure[kept], strict=True):
        there = coco[:, 2:] >= 0.01
        joints = np.concatenate([(coco[:, :2] + 0.5) * scale - 0.5, coco[:, 2:]], -1) * there
        joints = joints.astype(float).round(2)
        persons.append(
            {
                "box": rescaled(box, scale),
                "keypoints": joints.ravel().tolist(),
                "num_keypoints": int((joints[:, 2] >= UNSURE).sum()),
                "agreement": round(float(agreement), 3),
                "gt": False,
                "world3d": None,
            }
        )
    ignore = [rescaled(box, scale) for box in np.concatenate([seen.ignore, seen.boxes[~kept]])]
    width, height = size
    return {
        "file": file, "width": width, "height": height, "source": source,
        "persons": persons, "ignore": ignore, "ignore_known": False,
    }  # fmt: skip


def rescaled(box, scale):
    """A box in pixels -> the same in a picture `scale` [2] times as large, as a list."""
    corner = (box[:2] + 0.5) * scale - 0.5
    return np.round(np.concatenate([corner, box[2:] * scale]).astype(float), 1).tolist()


def stored(image):
    """A picture as it is kept: uint8 [H, W, 3] RGB, its longer side at most LONGEST; and its scale."""
    scale = min(1.0, LONGEST / max(image.shape[:2]))
    height, width = (max(1, round(side * scale)) for side in image.shape[:2])
    small = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA) if scale < 1 else image
    return small, np.array([width / image.shape[1], height / image.shape[0]])
