"""Crops of a picture: which to cut out, who is detected in them, and each person only once.

A crop is an enlarged box. Everyone in it is detected, not only the person whose box it is (paper 3.1). So several crops
may show one person, and what they show is merged here.
"""

from typing import NamedTuple

import numpy as np

from duopose.kernels.assignment import assign
from duopose.kernels.boxes import cover_matrix, iou_matrix
from duopose.kernels.crop import ENLARGE, apply, crop_affine, invert, warp
from duopose.kernels.grouping import NO_BOXES
from duopose.nodes.decoding import decode
from duopose.nodes.extents import clip_boxes, extents
from duopose.nodes.shared_joints import shared_joints
from duopose.nodes.tracking import Found

WIDTH, HEIGHT = 192, 256  # pixels of a crop
# The same where a live run can't keep up, in turn: 0.7 and half of the work [OKS-AP -0.01, -0.03]
SIZES = ((WIDTH, HEIGHT), (160, 224), (128, 192))
# How much a box is enlarged for a crop of each size: with few pixels, more of them are for the person. [1.25 for all:
# OKS-AP -0.02 and -0.03, joints of rendered people in clips as much]
ENLARGED = (ENLARGE, 1.1, 1.1)
BATCH = 4  # crops a call, at most: on a CPU larger batches save nothing, and each size is compiled before the start

# Notes in brackets: what changes at 0.7 and 1.4 times the value (docs/experiments.md, Thresholds).
SMALLEST = 6  # px, least width and height of a box that gets a crop: a smaller person shows no joints [none]
# Box IoU from which a detector's box and a track are the same person. [false people in 100 frames: 4 and 1 more]
SAME_BOX = 0.5
# Box IoU from which two boxes share one crop: it shows both people anyway. [0.7: PCK -0.5; 1.4: none]
SHARE_CROP = 0.7
# Where there is no time for more crops, a box needs none of its own that another's shows: from this share of it that
# lies inside, and this ratio of their sizes. [40 % fewer crops in crowds, PCK -3; IDF1 -2.5 with the strictest]
SHOWN_INSIDE, SHOWN_SIZE = 0.95, 0.6

# Share of a person's joints that another one has too, from which the two are the same. [0.7: found -0.6; 1.4: 5 more
# false people in 100 frames]
SAME_PERSON = 0.25
# Share of the joints of the smaller of two pieces of one person that both may have, at most, and share of the box of
# one piece that lies inside the other's, at least. [none]
PIECES_SHARED, PIECES_INSIDE = 0.5, 0.7
# Share of the crop's size: a person so far from its middle counts exp(-1/2) times. [0.7: 4 more false people in 100
# frames; 1.4: PCK -0.8]
CENTRE_SIGMA = 0.3

FIT_BOX = 0.3  # IoU of a person's own box with a detector's box from which the latter is the person's [none]
FIT_OLD_BOX = 0.7  # the same for a box of an earlier frame, which was moved with the track [IDF1 -2, -3]
NO_BOX_SCORE = 0.07  # detector's score of a person without a detector's box: a quarter of the least it reports [small]
DETECTOR_POWER = 0.25  # exponent of the detector's score in a person's score (tried: 0, 0.25, 0.5) [small]


class Crops(NamedTuple):
    """Boxes whose crops are cut out, best first."""

    boxes: np.ndarray  # float32 [M, 4], pixels: x, y, width, height
    scores: np.ndarray  # float32 [M]
    measured: (
        np.ndarray
    )  # bool [M]: from the detector, in this frame or in an earlier one and then moved with the track
    fresh: bool  # whether the detector ran on this frame


class Tracked(NamedTuple):
    """What is known of the active tracks."""

    scores: np.ndarray  # float32 [T], of their people
    detector: np.ndarray  # float32 [T], the detector's when it last looked
    seen: np.ndarray  # bool [T], whether it saw them then


def union(a, b):
    """The smallest box around two."""
    corner = np.minimum(a[:2], b[:2])
    return np.concatenate([corner, np.maximum(a[:2] + a[2:], b[:2] + b[2:]) - corner])


def choose_crops(detected, scores, fresh, predicted, tracked, most):
    """Which crops to cut out, from the detector's boxes and from where the tracks predict their people.

    detected, scores  float32 [D, 4], [D]   the detector's boxes; if they are old, only those that no track has taken
    fresh             whether the detector ran on this frame; else they are boxes of an earlier frame
    predicted         float32 [T, 4]        boxes of the active tracks in this frame
    tracked           Tracked of these
    most              crops at most
    ->                Crops

    A track gets a crop even if the detector missed it.
    """
    if fresh:
        missed = ~(iou_matrix(detected, predicted) >= SAME_BOX).any(0)
        boxes = np.concatenate([detected, predicted[missed]])
        scores = np.concatenate([scores, tracked.scores[missed]])
        measured = np.arange(len(boxes)) < len(detected)
    else:
        boxes = np.concatenate([detected, predicted])
        scores = np.concatenate([scores, np.where(tracked.seen, tracked.detector, tracked.scores)])
        measured = np.concatenate([np.ones(len(detected), bool), tracked.seen])
    scores = np.where(boxes[:, 2:].min(1) >= SMALLEST, scores, -1)
    order = np.argsort(-scores, kind="stable")[:most]
    order = order[scores[order] >= 0]
    return Crops(boxes[order], scores[order].astype(np.float32), measured[order], fresh)


def share_crops(boxes, few=False, enlarge=ENLARGE):
    """Boxes to cut out, [M, 4] -> [K, 4], K <= M: strongly overlapping ones become one.

    few      who is shown whole and large enough by the crop of another needs none
    enlarge  of a box, for its crop
    """
    cut = []
    for box in boxes:
        for k, other in enumerate(cut):
            if iou_matrix(box[None], other[None])[0, 0] >= SHARE_CROP:
                cut[k] = union(box, other)
                break
            if few and shows(other, box, enlarge):
                break
            if few and shows(box, other, enlarge):
                cut[k] = box
                break
        else:
            cut.append(box)
    return np.array(cut, np.float32).reshape(-1, 4)


def shows(box, other, enlarge=ENLARGE):
    """Whether the crop of a box shows another one, too, whole and large enough."""
    if min(other[2:]) <= 0 or max(other[2:]) < SHOWN_SIZE * max(box[2:]):
        return False
    w, h = box[2:]
    size = enlarge * np.array([max(w, h * WIDTH / HEIGHT), max(h, w * HEIGHT / WIDTH)])
    region = np.concatenate([box[:2] + (box[2:] - size) / 2, size]).astype(np.float32)
    return cover_matrix(other[None], region[None])[0, 0] >= SHOWN_INSIDE


def detect_in_crops(network, image, boxes, known=NO_BOXES, read=decode, enlarge=ENLARGE, size=(WIDTH, HEIGHT)):
    """Everyone in the crops of some boxes.

    network  crops uint8 [B, height, width, 3] -> heatmaps, tags [B, 17, height / 4, width / 4]
    image    uint8 [H, W, 3], RGB
    boxes    float32 [K, 4]
    known    float32 [M, 4]      boxes of all people who are known to be there
    read     makes people of a crop's maps; takes and gives what `nodes.decoding.decode` does
    enlarge  of a box, for its crop
    size     width, height of a crop
    ->       float32 [P, 17, 3]  COCO17: x, y pixels of the image, score; int [P]: in which crop
    """
    width, height = size
    affines = [crop_affine(box, width, height, enlarge) for box in boxes]
    people, crops = [np.zeros((0, 17, 3), np.float32)], [np.zeros(0, int)]
    for start in range(0, len(boxes), BATCH):
        batch = affines[start : start + BATCH]
        pictures = np.stack([warp(image, affine, height, width) for affine in batch])
        heatmaps, tags = network(pictures)
        for k, affine in enumerate(batch):
            seen = read(heatmaps[k], tags[k], boxes_in_crop(affine, known, size))
            seen[..., :2] = apply(invert(affine), seen[..., :2]) * (seen[..., 2:] > 0)
            people.append(seen)
            crops.append(np.full(len(seen), start + k))
    return np.concatenate(people), np.concatenate(crops)


def boxes_in_crop(affine, boxes, size):
    """The boxes [M, 4] of the picture whose middle lies in a crop of that size, in pixels of the crop."""
    low, high = apply(affine, boxes[:, :2]), apply(affine, boxes[:, :2] + boxes[:, 2:])
    middle = (low + high) / 2
    inside = ((middle >= 0) & (middle < size)).all(1)
    return np.concatenate([low, high - low], 1)[inside]


def merge_people(people, crops, boxes, enlarge=ENLARGE):
    """Each person once, from the crop that shows them best; the joints missing there come from the other crops.

    A crop shows a person well if the joints' scores are high and the person is near its middle.

    people  float32 [P, 17, 3]  as `detect_in_crops` gives them
    crops   int [P]             in which crop
    boxes   float32 [K, 4]      the box of each crop
    enlarge                     of the boxes, for the crops
    ->      float32 [N, 17, 3]  N <= P, best shown first
    """
    if len(people) < 2:
        return people
    found = people[..., 2] > 0
    size = boxes[crops, 2:].max(1) * enlarge
    middle = (people[..., :2] * found[..., None]).sum(1) / found.sum(1)[:, None]
    off = np.linalg.norm(middle - boxes[crops, :2] - boxes[crops, 2:] / 2, axis=1) / (CENTRE_SIGMA * size)
    support = people[..., 2].sum(1) * np.exp(-(off**2) / 2)
    kept = []
    for index in np.argsort(-support, kind="stable"):
        person = people[index]
        if kept:
            others = np.stack(kept)
            shared = shared_joints(person[None], others, extents(others))[0]
            same = (shared >= SAME_PERSON) | are_pieces(person, others)
            if same.any():
                best = np.where(same, shared, -1).argmax()
                kept[best] = np.where(kept[best][:, 2:] > 0, kept[best], person)
                continue
        kept.append(person)
    return np.stack(kept)


def are_pieces(person, others):
    """Whether somebody [17, 3] and each of the others [N, 17, 3] are pieces of one person -> bool [N].

    An obstacle in front of a person can split them into two detections. These have few types of joints in common, and
    one lies inside the other's box.
    """
    found, theirs = person[:, 2] > 0, others[..., 2] > 0
    few_shared = (found & theirs).sum(1) <= PIECES_SHARED * np.minimum(found.sum(), theirs.sum(1))
    box, boxes = extents(person[None]), extents(others)
    covered = np.maximum(cover_matrix(box, boxes)[0], cover_matrix(boxes, box)[:, 0])
    return few_shared & (covered >= PIECES_INSIDE)


def assign_boxes(people, crops, width, height):
    """Boxes and scores of merged people. The box is the detector's where one fits, else estimated from the joints.

    people         float32 [N, 17, 3]
    crops          Crops
    width, height  of the picture, pixels
    ->             Found of the same N
    """
    boxes = extents(people)
    sure = np.full(len(people), NO_BOX_SCORE, np.float32)
    overlap = iou_matrix(boxes, crops.boxes[crops.measured])
    for person, box in enumerate(assign(-overlap.astype(np.float64))):
        if box >= 0 and overlap[person, box] >= FIT_BOX:
            if crops.fresh or overlap[person, box] >= FIT_OLD_BOX:
                boxes[person] = crops.boxes[crops.measured][box]
            sure[person] = crops.scores[crops.measured][box]
    boxes = clip_boxes(boxes, width, height)
    total, found = people[..., 2].sum(1), (people[..., 2] > 0).sum(1)
    # Between the mean over the found joints and the mean over all 17: a score is high if most joints are found, and
    # clearly.
    scores = total / np.sqrt(17 * np.maximum(found, 1)) * sure**DETECTOR_POWER
    return Found(people, boxes, scores.astype(np.float32))
