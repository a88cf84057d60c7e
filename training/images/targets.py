"""What the maps of the image networks should look like, drawn from labels. Kernels: everything in cells of the map.

Cell (u, v) of a map stands for the pixel (4 u + 1.5, 4 v + 1.5) of the network's input.
"""

import numpy as np
from numba import njit

from duopose.nodes.decoding import STRIDE, to_cells
from duopose.stream.skeleton import COCO_HIPS, COCO_TRUNK
from duopose.training.images.pictures import root_depth

BOOST = 3.0  # how much more a cell on a joint counts than one on the background
INCOMPLETE = 0.5  # weight of the background where people may be without label
REACH = 3.0  # standard deviations after which a joint's peak has ended
PEOPLE = 16  # most people in one sample whose tags and depths are learned


@njit(cache=True)
def draw(target, weight, x, y, sigma, trust, confidence):
    """Draw one joint into target [H, W] and its weight [H, W]. A negative confidence only wipes the weight."""
    height, width = target.shape
    reach = REACH * sigma
    for v in range(max(0, int(np.ceil(y - reach))), min(height, int(np.floor(y + reach)) + 1)):
        for u in range(max(0, int(np.ceil(x - reach))), min(width, int(np.floor(x + reach)) + 1)):
            value = np.exp(-((u - x) ** 2 + (v - y) ** 2) / (2 * sigma**2))
            if confidence < 0:
                if target[v, u] < 0.05:
                    weight[v, u] = 0
            elif value > target[v, u]:
                target[v, u] = value
                weight[v, u] = trust * confidence * (1 + BOOST * value)


@njit(cache=True)
def wipe(weight, boxes):
    """Set the weight [H, W] to 0 inside boxes [M, 4], in cells."""
    height, width = weight.shape
    for x, y, w, h in boxes:
        for v in range(max(0, int(np.floor(y))), min(height, int(np.ceil(y + h)) + 1)):
            for u in range(max(0, int(np.floor(x))), min(width, int(np.ceil(x + w)) + 1)):
                weight[v, u] = 0


def spread(boxes):
    """Standard deviation of a person's peaks in cells, by the longer side of the box [N, 4] in pixels.

    0.8 to 1.1, as sharp as MoveNet's own: with wider ones the network first forgets where joints are.
    """
    return np.clip(0.02 * boxes[:, 2:].max(1) / STRIDE, 0.8, 1.1)


def heatmap_targets(picture):
    """Picture of the network's input size -> target, weight float32 [17, H/4, W/4]; the weight is 0 in ignored
    areas."""
    width, height = (side // STRIDE for side in picture.size)
    target = np.zeros((17, height, width), np.float32)
    background = np.full((height, width), 1.0 if picture.complete else INCOMPLETE, np.float32)
    ignore = picture.ignore.astype(np.float64) / STRIDE
    wipe(background, ignore)
    weight = np.repeat(background[None], 17, 0)
    order = np.argsort(picture.joints[..., 2] >= 0, axis=0)[::-1]  # what is known last wins over what is unknown
    sigma = spread(picture.boxes)
    unlabelled = np.isnan(picture.joints[..., 2])
    for joint in range(17):
        wipe(weight[joint], picture.boxes[unlabelled[:, joint]].astype(np.float64) / STRIDE)
        for person in order[:, joint]:
            x, y, confidence = picture.joints[person, joint]
            if confidence != 0 and not unlabelled[person, joint]:
                x, y = to_cells(np.array([x, y], np.float64))
                draw(target[joint], weight[joint], x, y, sigma[person], picture.trust[person], confidence)
    return target, weight


def joint_cells(picture):
    """Where each joint's tag and depth are read: int64 [PEOPLE, 17] index into H/4 * W/4, bool [PEOPLE, 17] known."""
    width, height = (side // STRIDE for side in picture.size)
    index, known = np.zeros((PEOPLE, 17), np.int64), np.zeros((PEOPLE, 17), bool)
    joints = picture.joints[:PEOPLE]
    cells = np.rint(to_cells(joints[..., :2])).astype(np.int64).clip(0, (width - 1, height - 1))
    index[: len(joints)] = cells[..., 1] * width + cells[..., 0]
    known[: len(joints)] = joints[..., 2] > 0
    index[~known] = 0
    return index, known


def box_targets(picture):
    """Picture of the network's input size -> what the detector should say.

    centre   float32 [H/4, W/4]     1 in the cell at a person's middle, falling off with the person's width and height
    weight   float32 [H/4, W/4]     0 in ignored areas
    sides    float32 [4, H/4, W/4]  pixels from the cell's middle to the left, top, right and bottom side
    trust    float32 [H/4, W/4]     weight of the sides, 0 where there is no person's middle
    """
    width, height = (side // STRIDE for side in picture.size)
    centre, trust = np.zeros((height, width), np.float32), np.zeros((height, width), np.float32)
    weight = np.full((height, width), 1.0 if picture.complete else INCOMPLETE, np.float32)
    wipe(weight, picture.ignore.astype(np.float64) / STRIDE)
    sides = np.ones((4, height, width), np.float32)
    v, u = np.mgrid[:height, :width]
    x, y = u * STRIDE + (STRIDE - 1) / 2, v * STRIDE + (STRIDE - 1) / 2
    for person in np.argsort(-picture.boxes[:, 2] * picture.boxes[:, 3]):  # small people over large ones
        left, top, w, h = picture.boxes[person]
        mid = np.rint(to_cells(np.array([left + w / 2, top + h / 2]))).clip(0, (width - 1, height - 1))
        away = ((u - mid[0]) / max(0.7, 0.06 * w / STRIDE)) ** 2 + ((v - mid[1]) / max(0.7, 0.06 * h / STRIDE)) ** 2
        peak = np.exp(-away / 2)
        near = peak > 0.3
        centre = np.maximum(centre, peak).astype(np.float32)
        weight[peak > 0.05] = np.maximum(weight, picture.trust[person])[peak > 0.05]
        to = np.stack([x - left, y - top, left + w - x, top + h - y])
        near &= (to > 0).all(0)
        sides[:, near] = to[:, near]
        trust[near] = picture.trust[person] * peak[near]
    return centre, weight, sides, trust


def depth_targets(picture):
    """What the depth maps should say, at the cells of targets.joint_cells.

    -> relative float32 [PEOPLE, 17] metres, known bool [PEOPLE, 17]
       root float32 [PEOPLE] log of Z / f, index int64 [PEOPLE, 5] cells of mid-hips, shoulders, hips, known bool
       [PEOPLE, 5]
    """
    width, _ = (side // 4 for side in picture.size)
    index, known = joint_cells(picture)
    relative, root = np.zeros((PEOPLE, 17), np.float32), np.zeros(PEOPLE, np.float32)
    places, placed = np.zeros((PEOPLE, 5), np.int64), np.zeros((PEOPLE, 5), bool)
    depths = picture.depths[:PEOPLE]
    count = len(depths)
    depth = root_depth(depths)
    told = np.isfinite(depth) & (np.nan_to_num(depth) > 0.2)
    relative[:count] = np.nan_to_num(depths - depth[:, None])
    known[:count] &= told[:, None] & np.isfinite(depths)
    known[count:] = False
    root[:count][told] = np.log(depth[told] / picture.focal)
    places[:, 1:], placed[:, 1:] = index[:, COCO_TRUNK], known[:, COCO_TRUNK]
    hips = picture.joints[:PEOPLE, COCO_HIPS]
    middle = np.rint(to_cells(hips[..., :2].mean(1))).astype(np.int64)
    both = (hips[..., 2] > 0).all(1) & told
    places[:count, 0] = np.where(both, middle[:, 1] * width + middle[:, 0], 0)
    placed[:count, 0] = both
    return relative, known, root, places, placed
