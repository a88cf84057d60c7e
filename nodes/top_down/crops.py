"""Which parts of a picture to look at, who is seen in them, and each person only once.

A crop is an enlarged box, and everyone in it is found, not only the person whose box it is (paper 3.1). So neighbours are
seen several times; what the crops say of one person is merged here.
"""

from typing import NamedTuple

import numpy as np

from duopose.kernels.assignment import assign
from duopose.kernels.boxes import cover_matrix, iou_matrix
from duopose.kernels.crop import ENLARGE, apply, crop_affine, invert, warp
from duopose.kernels.grouping import NO_BOXES
from duopose.nodes.coincidence import coincidence
from duopose.nodes.decoding import decode
from duopose.nodes.extents import clip_boxes, extents
from duopose.nodes.tracking import Found

HEIGHT, WIDTH = 256, 192  # pixels of a crop
BATCH = 4  # crops a call, at most: on a CPU larger batches save nothing, and each size is compiled before the start

SMALLEST = 6  # px, width and height of a box that is worth a look
CLAIMED = 0.5  # box IoU from which a detector's box and a track are the same person
ONE_CROP = 0.7  # box IoU from which two boxes share a crop, which shows both people anyway
UNDETECTED = 0.6  # a box that the detector didn't confirm counts this much of the track's score

SAME_PERSON = 0.25  # share of a person's joints that someone else has, from which they are nobody new
PIECES = 0.5  # share of the joints of two finds, up to which they have both: pieces of one person lack each other's
INSIDE = 0.7  # share of one's extent that lies inside the other's, if they are
CENTRED = 0.3  # share of the crop's size: a person this far from its middle is supported exp(-1/2) as well

BOXED = 0.3  # IoU of that extent with a detector's box, from which it is the person's box
MOVED = 0.7  # and with one that was only moved on, from which it still fits
NOT_BOXED = 0.03  # what counts as the detector's score of a person whose box it didn't give
DETECTED = 0.25  # power to which that score counts in a person's: the joints tell more (tried: 0, 0.25, 0.5)


class Crops(NamedTuple):
    """Boxes to look at, best first."""

    boxes: np.ndarray  # float32 [M, 4], pixels: x, y, width, height
    scores: np.ndarray  # float32 [M]
    measured: np.ndarray  # bool [M]: the detector's, now or (moved on with the track) when it last looked
    fresh: bool  # whether it looked at this very picture


def union(a, b):
    """The smallest box around two."""
    corner = np.minimum(a[:2], b[:2])
    return np.concatenate([corner, np.maximum(a[:2] + a[2:], b[:2] + b[2:]) - corner])


def choose(detected, scores, fresh, expected, last, expected_scores, most):
    """Where to look, from the detector's boxes and from where the tracks expect their people.

    detected, scores           float32 [D, 4], [D]   the detector's boxes
    fresh                      whether it looked at this very picture
    expected, expected_scores  float32 [T, 4], [T]   boxes of the live tracks, moved on to this picture
    last                       float32 [T, 4]        the same when last seen: an old box is compared with these
    most                       crops at most
    ->                         Crops

    A track gets a crop even if the detector missed it. An old box gives way to the track that has moved on from it; one
    that no track claims is kept.
    """
    overlap = iou_matrix(detected, expected if fresh else last) >= CLAIMED
    if fresh:
        keep, left = np.ones(len(detected), bool), ~overlap.any(0)
        boxes = np.concatenate([detected, expected[left]])
        scores = np.concatenate([scores, UNDETECTED * expected_scores[left]])
        measured = np.arange(len(boxes)) < len(detected)
    else:
        keep, seen = ~overlap.any(1), overlap.any(0)
        best = np.where(overlap, scores[:, None], 0).max(0, initial=0)
        boxes = np.concatenate([detected[keep], expected])
        scores = np.concatenate([scores[keep], np.where(seen, best, UNDETECTED * expected_scores)])
        measured = np.concatenate([np.ones(keep.sum(), bool), seen])
    scores = np.where(boxes[:, 2:].min(1) >= SMALLEST, scores, -1)
    order = np.argsort(-scores, kind="stable")[:most]
    order = order[scores[order] >= 0]
    return Crops(boxes[order], scores[order].astype(np.float32), measured[order], fresh)


def share_crops(boxes):
    """Boxes to cut out, [M, 4] -> [K, 4], K <= M: strongly overlapping ones become one."""
    cut = []
    for box in boxes:
        for k, other in enumerate(cut):
            if iou_matrix(box[None], other[None])[0, 0] >= ONE_CROP:
                cut[k] = union(box, other)
                break
        else:
            cut.append(box)
    return np.array(cut, np.float32).reshape(-1, 4)


def look(network, image, boxes, known=NO_BOXES, read=decode, enlarge=ENLARGE):
    """Everyone seen in the crops of some boxes.

    network  crops uint8 [B, HEIGHT, WIDTH, 3] -> heatmaps, tags [B, 17, HEIGHT / 4, WIDTH / 4]
    image    uint8 [H, W, 3], RGB
    boxes    float32 [K, 4]
    known    float32 [M, 4]      boxes of all people who are known to be there
    read     how a crop's maps become people; called and answers as `nodes.decoding.decode`
    enlarge  of a box, for its crop
    ->       float32 [P, 17, 3]  COCO17: x, y pixels of the image, score; int [P]: in which crop
    """
    affines = [crop_affine(box, WIDTH, HEIGHT, enlarge) for box in boxes]
    people, crops = [np.zeros((0, 17, 3), np.float32)], [np.zeros(0, int)]
    for start in range(0, len(boxes), BATCH):
        batch = affines[start : start + BATCH]
        pictures = np.stack([warp(image, affine, HEIGHT, WIDTH) for affine in batch])
        heatmaps, tags = network(pictures)
        for k, affine in enumerate(batch):
            seen = read(heatmaps[k], tags[k], boxes_in(affine, known))
            seen[..., :2] = apply(invert(affine), seen[..., :2]) * (seen[..., 2:] > 0)
            people.append(seen)
            crops.append(np.full(len(seen), start + k))
    return np.concatenate(people), np.concatenate(crops)


def boxes_in(affine, boxes):
    """Boxes [M, 4] of the picture in pixels of a crop, those whose middle the crop shows."""
    low, high = apply(affine, boxes[:, :2]), apply(affine, boxes[:, :2] + boxes[:, 2:])
    middle = (low + high) / 2
    inside = ((middle >= 0) & (middle < (WIDTH, HEIGHT))).all(1)
    return np.concatenate([low, high - low], 1)[inside]


def merge(people, crops, boxes, enlarge=ENLARGE):
    """Each person once, as the crop says that shows them best; joints that it lacks from the other crops.

    people  float32 [P, 17, 3]  as `look` gives them
    crops   int [P]             in which crop
    boxes   float32 [K, 4]      the box of each crop
    enlarge                     of the boxes, for the crops
    ->      float32 [N, 17, 3]  N <= P, the best supported first
    """
    if len(people) < 2:
        return people
    found = people[..., 2] > 0
    size = boxes[crops, 2:].max(1) * enlarge
    middle = (people[..., :2] * found[..., None]).sum(1) / found.sum(1)[:, None]
    off = np.linalg.norm(middle - boxes[crops, :2] - boxes[crops, 2:] / 2, axis=1) / (CENTRED * size)
    support = people[..., 2].sum(1) * np.exp(-(off**2) / 2)
    kept = []
    for index in np.argsort(-support, kind="stable"):
        person = people[index]
        if kept:
            others = np.stack(kept)
            shared = coincidence(person[None], others, extents(others))[0]
            same = (shared >= SAME_PERSON) | are_pieces(person, others)
            if same.any():
                best = np.where(same, shared, -1).argmax()
                kept[best] = np.where(kept[best][:, 2:] > 0, kept[best], person)
                continue
        kept.append(person)
    return np.stack(kept)


def are_pieces(person, others):
    """Whether a find [17, 3] and each of others [N, 17, 3] are parts of one person, whom something hides in the middle -> bool [N]."""
    found, theirs = person[:, 2] > 0, others[..., 2] > 0
    apart = (found & theirs).sum(1) <= PIECES * np.minimum(found.sum(), theirs.sum(1))
    box, boxes = extents(person[None]), extents(others)
    return apart & (np.maximum(cover_matrix(box, boxes)[0], cover_matrix(boxes, box)[:, 0]) >= INSIDE)


def describe(people, crops, width, height):
    """Extent and score of merged people: with the detector's box where one fits, else from the joints alone.

    people         float32 [N, 17, 3]
    crops          Crops
    width, height  of the picture, pixels
    ->             Found of the same N
    """
    boxes = extents(people)
    sure = np.full(len(people), NOT_BOXED, np.float32)
    overlap = iou_matrix(boxes, crops.boxes[crops.measured])
    for person, box in enumerate(assign(-overlap.astype(np.float64))):
        if box >= 0 and overlap[person, box] >= BOXED:
            if crops.fresh or overlap[person, box] >= MOVED:
                boxes[person] = crops.boxes[crops.measured][box]
            sure[person] = crops.scores[crops.measured][box]
    boxes = clip_boxes(boxes, width, height)
    total, found = people[..., 2].sum(1), (people[..., 2] > 0).sum(1)
    # Between the mean over the joints found and over all 17: people are sure if most of them shows, and shows clearly.
    scores = total / np.sqrt(17 * np.maximum(found, 1)) * sure**DETECTED
    return Found(people, boxes, scores.astype(np.float32))
