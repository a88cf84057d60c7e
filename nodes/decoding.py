"""Heatmaps and identity tags -> people. Both branches read their maps this way (paper 3.2)."""

import numpy as np

from duopose.kernels.grouping import NO_BOXES, group, refine_missing
from duopose.kernels.peaks import find_peaks, read, refine
from duopose.stream.skeleton import COCO_TRUNK

STRIDE = 4  # pixels of the network's input per cell of its maps; cell u stands for pixel 4 u + 1.5
CENTRE = (STRIDE - 1) / 2

# Notes in brackets: what changes at 0.7 and 1.4 times the value (docs/experiments.md, Thresholds).

# A joint is detected where its heatmap has a peak above this. [0.7: 4 more false people in 100 frames; 1.4: small. With
# the first weights 0.05 instead of 0.1 gave an AP of 0.27 instead of 0.34: docs/experiments.md, Top-down]
PEAK = 0.12
# Tags nearer than this may belong to one person; the reference has 1, but with known boxes 2 gives a higher AP. [0.7: 7
# more false people in 100 frames; 1.4: 1 more]
TAG_DISTANCE = 2.0
# Heatmap value from which a joint counts that is searched for after the grouping. [small both ways, but for one
# identity on one clip. 0.02 instead of 0.1: AP 0.315 to 0.34, docs/experiments.md, Top-down]
PEAK_MISSING = 0.03
MIN_JOINTS = 3  # people with fewer joints are false detections [one less: small; one more: IDF1 -1]
TOP_K = 30  # peaks per type of joint, at most: more people than the nodes report [none]


def to_cells(points):
    """Pixels of the network's input [..., 2] -> cells of its maps."""
    return (points - CENTRE) / STRIDE


def decode(heatmaps, tags, boxes=NO_BOXES):
    """People in one picture or crop. Who has fewer than MIN_JOINTS joints, or none of the trunk, is left out.

    heatmaps  float32 [17, H, W]  0..1, COCO17 order
    tags      float32 [17, H, W]
    boxes     float32 [R, 4]      x, y, width, height of people known to be there, pixels of the network's input
    ->        float32 [P, 17, 3]  x, y in pixels of the network's input, score; a joint that was not found is all 0
    """
    values, cells, count = find_peaks(heatmaps, PEAK, TOP_K)
    xy = refine(heatmaps, cells, count)
    regions = ((boxes - (CENTRE, CENTRE, 0, 0)) / STRIDE).astype(np.float32)
    tag = read(tags, cells)[..., None]
    people = group(values, xy, tag, threshold=PEAK, tag_threshold=TAG_DISTANCE, boxes=regions)
    found = people[..., 2] > 0
    enough = (found.sum(1) >= MIN_JOINTS) & found[:, COCO_TRUNK].any(1)
    people[~enough] = 0
    complete = refine_missing(people, heatmaps, tags[..., None], boxes=regions)
    complete[~is_believable(people, complete, tags)] = 0
    complete = complete[enough]
    return np.where(complete[..., 2:] > 0, complete * (STRIDE, STRIDE, 1) + (CENTRE, CENTRE, 0), 0).astype(np.float32)


def is_believable(people, complete, tags):
    """Which joints to keep after `refine_missing`, which finds a position for every joint, if need be another person's.

    A joint that was searched for is kept if its heatmap is high, its tag is the person's and nobody else has it.

    people    float32 [P, J, 4]  before the search: x, y in cells, value, tag
    complete  float32 [P, J, 3]  after it
    tags      float32 [J, H, W]
    ->        bool [P, J]
    """
    old = people[..., 2] > 0
    mean = (people[..., 3] * old).sum(1) / np.maximum(old.sum(1), 1)
    columns, rows = np.rint(complete[..., :2]).astype(np.int32).transpose(2, 0, 1)
    own = np.abs(tags[np.arange(tags.shape[0]), rows, columns] - mean[:, None]) < TAG_DISTANCE
    to_others = np.abs(complete[:, None, :, :2] - people[None, :, :, :2]).max(-1)  # [P, P, J]
    taken = ((to_others < 1) & old[None]).any(1)
    return old | ((complete[..., 2] >= PEAK_MISSING) & own & ~taken)
