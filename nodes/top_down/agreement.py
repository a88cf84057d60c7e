"""Several views of a still: each joint is where most of them agree.

In a clip the frames before even out the errors of the network. A still has no such frames, but it has more time. So
each person found in it is cut out again around their joints: closer and wider, as they are and mirrored.
docs/experiments.md says what each view brought.
"""

import numpy as np

from duopose.nodes.shared_joints import shared_joints
from duopose.stream.skeleton import COCO_MIRROR

# Each further view: how much the box of the joints is enlarged, and whether it is mirrored.
VIEWS = ((1.0, False), (1.5, False), (1.0, True), (1.5, True))
# Notes in brackets: what changes at 0.7 and 1.4 times the value (docs/experiments.md, Thresholds).

# Share of a person's joints that somebody in a further view has too, from which the two are the same. [false people in
# 100 stills: 2 more; 15 fewer, but 1 % fewer found and PCK -0.9]
SAME_PERSON = 0.4
# Of a person's size: the joints of two views agree if they are nearer than this. [PCK_abs -2.5 both ways]
AGREE_WITHIN = 0.1


def agree_over_views(view, people, extents):
    """People of the first view, each joint where the views agree. People whom only a further view shows are left out.

    view     boxes [M, 4], enlargement, whether mirrored -> float32 [P, 17, 3]: everyone in these boxes, COCO17: x, y
             pixels, score
    people   float32 [N, 17, 3]   found in the first view
    extents  float32 [N, 4]       their boxes in the picture
    ->       float32 [N, 17, 3]
    """
    if not len(people):
        return people
    views = [people]
    for enlarge, mirrored in VIEWS:
        seen, again = view(extents, enlarge, mirrored), np.zeros_like(people)
        if len(seen):
            shared = shared_joints(seen, people, extents).T
            best = shared.argmax(1)
            same = shared[np.arange(len(people)), best] >= SAME_PERSON
            again[same] = seen[best[same]]
        views.append(again)
    return agree(np.stack(views), np.sqrt(extents[:, 2:].prod(1)))


def mirror_boxes(boxes, width):
    """Boxes [N, 4] of a picture that is so many pixels wide -> the same boxes in its mirror image.

    >>> mirror_boxes(np.array([[0, 5, 10, 20]]), 100).tolist()
    [[89, 5, 10, 20]]
    """
    x, y, across, down = boxes.T
    return np.stack([width - 1 - x - across, y, across, down], -1)


def mirror_people(people, width):
    """The same for COCO17 joints [N, 17, 3]: left ones become right ones; a joint that was not found stays 0, 0, 0."""
    x, y, score = np.moveaxis(people[:, COCO_MIRROR], -1, 0)
    return np.stack([np.where(score > 0, width - 1 - x, 0), y, score], -1).astype(np.float32)


def agree(views, sizes):
    """Each joint at the mean of the views that agree most. Its score: the sum of theirs by the number of all views.

    views  float32 [K, N, 17, 3]   x, y pixels, score; 0 = not found
    sizes  float32 [N]             pixels
    ->     float32 [N, 17, 3]

    >>> joint = np.float32([[10, 20, 0.6], [12, 20, 0.6], [50, 20, 0.9]]).reshape(3, 1, 1, 3)
    >>> agree(joint, np.float32([100])).astype(float).round(3).tolist()
    [[[11.0, 20.0, 0.4]]]
    """
    positions, scores = views[..., :2], views[..., 2]
    apart = np.linalg.norm(positions[:, None] - positions[None], axis=-1)  # [K, K, N, 17]
    both = (scores[:, None] > 0) & (scores[None] > 0)
    weight = np.where((apart < AGREE_WITHIN * sizes[:, None]) & both, scores[None], 0)
    best = weight.sum(1).argmax(0)  # [N, 17], the view that the others support most
    weight = np.take_along_axis(weight, best[None, None], 0)[0]  # [K, N, 17]
    total = weight.sum(0)
    middle = (positions * weight[..., None]).sum(0) / np.maximum(total, 1e-9)[..., None]
    return np.concatenate([middle, total[..., None] / len(views)], -1).astype(np.float32)
