"""Joints to people by identity tag (associative embedding): joints of one person have nearly the same tag.

Newell et al. 2017 as in the public HigherHRNet code, and in the paper authors' variant of it. Joint types are taken one
after the other. All detections of a type are assigned at once, at the least total cost: each to the person whose mean
tag is nearest, or it starts a new person.
"""

import numpy as np
from numba import types

from duopose.kernels.assignment import assign
from duopose.kernels.peaks import quarter
from duopose.kernels.types import In, Out, kernel

i4, i8, f8 = types.int32, types.int64, types.float64

# Joint types in the order in which they are assigned to people, the reliable ones first: the reference's.
COCO_ORDER = np.array([0, 1, 2, 3, 4, 5, 6, 11, 12, 7, 8, 9, 10, 13, 14, 15, 16], np.int32)
MUCO_ORDER = np.array([0, 1, 4, 2, 5, 3, 6, 7, 8, 11, 9, 12, 10, 13], np.int32)

# The public implementations round tag distances. Then costs are often equal, and the result depends on the solver.
# `exact` avoids that.
AUTHORS = {"exact": False, "padding": 0.0}
NO_BOXES = np.zeros((0, 4), np.float32)
FAR = 1e6  # largest distance, also of a tag that is not a number: beyond any threshold

# A known box starts a person even before any tag is known: joints in and near the box may join.
# Notes in brackets: what changes at 0.7 and 1.4 times the value (docs/experiments.md, Thresholds).
# Share of the box's longer side by which a joint may lie outside. [false people in 100 frames: 2 and 4 more]
OUTSIDE = 0.2
# Cost of a joint at the box's left or right side instead of its middle; a tag distance of 1 costs 1. [PCK_abs 0.7:
# -0.9]
ASIDE_WEIGHT = 0.3
# Gain of a peak of height 1 in the same unit: high peaks go to the people with boxes. [0.7: PCK_abs -1.4; 1.4: 10 more
# false people in 100 frames]
PEAK_WEIGHT = 1.5


def group(
    values,
    xy,
    tags,
    order=COCO_ORDER,
    threshold=0.1,
    tag_threshold=1.0,
    max_people=30,
    exact=True,
    padding=1e10,
    boxes=NO_BOXES,
):
    """Detections of each joint type -> people.

    values         float32 [J, K]       peaks, see `peaks.find_peaks`
    xy             float32 [J, K, 2]    their positions
    tags           float32 [J, K, T]    their tags
    order          int32 [J]            joint types, in the order they are taken
    threshold      a detection counts strictly above it
    tag_threshold  a detection may join a person whose mean tag is strictly nearer than this
    max_people     only so many people, the first ones, may get more joints
    exact          cost of a pair = distance * 100 - value, the same for all pairs too far apart to count
                   (False: the reference's round(distance) * 100 - value, at any distance)
    padding        cost of "no person" where there are more detections than people (the authors: 0)
    boxes          float32 [R, 4]       x, y, width, height of people known to be there, in the units of xy
                   Each starts a person, who takes joints in the box and near it. So positions decide where no tag is
                   known yet or tags are too similar. These are the first R people of the result, even without joints.
                   distance = (tag distance + outside / OUTSIDE + ASIDE_WEIGHT * aside) / (2 + 2 ASIDE_WEIGHT), see
                   `_offset_from_box`; cost = distance * 100 - value * 100 PEAK_WEIGHT, so high peaks are theirs
    ->             float32 [P, J, 3 + T]   x, y, value, tag; all 0 = no such joint. In the order in which they started.

    Every detection above the threshold is used exactly once.
    """
    near_boxes = OUTSIDE, ASIDE_WEIGHT, PEAK_WEIGHT
    return _group(values, xy, tags, order, threshold, tag_threshold, max_people, exact, padding, boxes, near_boxes)


@kernel(types.UniTuple(f8, 2)(In(1), f8, f8))
def _offset_from_box(box, x, y):
    """How far x, y lies outside a box (in longer sides of it), and beside its middle (in halves of its width)."""
    outside = max(max(box[0] - x, x - box[0] - box[2]), max(box[1] - y, y - box[1] - box[3]))
    return max(outside, 0.0) / max(box[2], box[3], 1e-6), abs(x - box[0] - box[2] / 2) / max(box[2] / 2, 1e-6)


@kernel(Out(3)(In(2), In(3), In(3), In(1, i4), f8, f8, i8, types.boolean, f8, In(2), types.UniTuple(f8, 3)))
def _group(values, xy, tags, order, threshold, tag_threshold, max_people, exact, padding, boxes, near_boxes):
    most_outside, aside_weight, peak_weight = near_boxes
    joints, top_k, tag_size = tags.shape
    total = 0
    for j in range(joints):
        for k in range(top_k):
            total += values[j, k] > threshold
    known_boxes = len(boxes)
    people = np.zeros((known_boxes + total, joints, 3 + tag_size), np.float32)
    sums = np.zeros((known_boxes + total, tag_size))  # of the tags of each person's joints
    sizes = np.zeros(known_boxes + total)
    rows = np.zeros(top_k, np.int32)
    found = known_boxes
    for j in order:
        count = 0
        for k in range(top_k):
            if values[j, k] > threshold:
                rows[count] = k
                count += 1
        known = min(found, max_people)
        distance = np.full((count, max(count, known)), FAR)
        cost = np.full((count, max(count, known)), padding)
        for row in range(count):
            k = rows[row]
            for person in range(known):
                square = 0.0
                if sizes[person] > 0:
                    for t in range(tag_size):
                        square += (tags[j, k, t] - sums[person, t] / sizes[person]) ** 2
                apart = np.sqrt(square) if square < FAR * FAR else FAR
                if person < known_boxes:
                    outside, aside = _offset_from_box(boxes[person], xy[j, k, 0], xy[j, k, 1])
                    if outside >= most_outside:
                        apart = FAR
                    elif apart < tag_threshold:
                        apart = (apart + outside / most_outside + aside_weight * aside) / (2 + 2 * aside_weight)
                distance[row, person] = apart
                if not exact:
                    cost[row, person] = np.rint(apart) * 100 - values[j, k]
                elif apart < tag_threshold:
                    cost[row, person] = apart * 100 - values[j, k] * (100 * peak_weight if person < known_boxes else 1)
                else:
                    cost[row, person] = tag_threshold * 100
        columns = assign(cost)
        for row in range(count):
            k = rows[row]
            person = columns[row]
            if person >= known or not distance[row, person] < tag_threshold:
                person = found
                found += 1
            people[person, j, :2] = xy[j, k]
            people[person, j, 2] = values[j, k]
            people[person, j, 3:] = tags[j, k]
            sums[person] += tags[j, k]
            sizes[person] += 1
    return people[:found].copy()


@kernel(Out(3)(In(3), In(3)))
def adjust(people, heatmaps):
    """People at cells -> at the reference's quarter-pixel positions (less its + 0.5: here (0, 0) is a centre).

    people float32 [P, J, 3 + T], heatmaps float32 [J, H, W] -> float32 [P, J, 3 + T]
    """
    out = people.copy()
    for person in range(people.shape[0]):
        for j in range(people.shape[1]):
            if people[person, j, 2] > 0:
                x, y = quarter(heatmaps[j], int(people[person, j, 0]), int(people[person, j, 1]))
                out[person, j, 0] = x
                out[person, j, 1] = y
    return out


def refine_missing(people, heatmaps, tagmaps, divisor=1.0, boxes=NO_BOXES):
    """Search for the missing joints of people: where the heatmap is high and the tag is theirs.

    people    float32 [P, J, 3 + T]   of `group`; positions may be sub-pixel
    heatmaps  float32 [J, H, W]
    tagmaps   float32 [J, H, W, T]
    divisor   of the tag distance before it is rounded (the authors: 1.5)
    boxes     float32 [R, 4]          of the first R people, as for `group`: joints are searched for in and near them
    ->        float32 [P, J, 3]       x, y, value

    The position is where heatmap - round(distance to the person's mean tag / divisor) is largest, a quarter cell
    towards the higher neighbour; it counts if the heatmap is above 0 there. Several people may get the same one.
    """
    return _refine_missing(people, heatmaps, tagmaps, divisor, boxes, OUTSIDE)


@kernel(Out(3)(In(3), In(3), In(4), f8, In(2), f8))
def _refine_missing(people, heatmaps, tagmaps, divisor, boxes, most_outside):
    joints, height, width, tag_size = tagmaps.shape
    out = people[:, :, :3].copy()
    for person in range(people.shape[0]):
        mean = np.zeros(tag_size)
        size = 0
        for j in range(joints):
            if people[person, j, 2] > 0:
                x = min(max(int(np.rint(people[person, j, 0])), 0), width - 1)
                y = min(max(int(np.rint(people[person, j, 1])), 0), height - 1)
                mean += tagmaps[j, y, x]
                size += 1
        if size == 0:
            continue
        mean /= size
        left, top, right, bottom = 0, 0, width, height
        if person < len(boxes):
            box = boxes[person]
            spare = most_outside * max(box[2], box[3])
            left, right = max(int(np.ceil(box[0] - spare)), 0), min(int(box[0] + box[2] + spare) + 1, width)
            top, bottom = max(int(np.ceil(box[1] - spare)), 0), min(int(box[1] + box[3] + spare) + 1, height)
        for j in range(joints):
            if people[person, j, 2] > 0:
                continue
            best, best_x, best_y = -np.inf, 0, 0
            for y in range(top, bottom):
                for x in range(left, right):
                    value = heatmaps[j, y, x]
                    if value > best:  # else it can't become the best, whatever its tag is
                        square = 0.0
                        for t in range(tag_size):
                            square += (tagmaps[j, y, x, t] - mean[t]) ** 2
                        value -= np.rint(np.sqrt(square) / divisor)
                        if value > best:
                            best, best_x, best_y = value, x, y
            if best > -np.inf and heatmaps[j, best_y, best_x] > 0:
                x, y = quarter(heatmaps[j], best_x, best_y)
                out[person, j, 0] = x
                out[person, j, 1] = y
                out[person, j, 2] = heatmaps[j, best_y, best_x]
    return out
