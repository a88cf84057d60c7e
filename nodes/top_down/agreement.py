"""Several looks at one picture: a joint is where they agree.

A picture that comes alone has time, and no frames before it that would even out what a network sees a little to the left and
what a little to the right. So the people found in it are cut out again around their own joints: closer and wider, as they
are and in a mirror. docs/experiments.md says what each look brought.
"""

import numpy as np

from duopose.nodes.coincidence import coincidence
from duopose.stream.skeleton import COCO_MIRROR

# Each further look: how much the extent of the joints found is enlarged, and whether in a mirror.
AGAIN = ((1.0, False), (1.5, False), (1.0, True), (1.5, True))
SAME = 0.4  # share of a person's joints that a further look must show at the same place, to be of the same person
NEAR = 0.1  # of a person's size: joints of two looks that are nearer agree


def look_again(look, people, extents):
    """Everyone found at a first look, as it and further ones agree on. Whom only a further look shows stays out.

    look     boxes [M, 4], enlargement, whether in a mirror -> float32 [P, 17, 3]: everyone in these boxes, COCO17: x, y
             pixels, score
    people   float32 [N, 17, 3]   found at the first look
    extents  float32 [N, 4]       their boxes in the picture
    ->       float32 [N, 17, 3]
    """
    if not len(people):
        return people
    looks = [people]
    for enlarge, mirrored in AGAIN:
        seen, again = look(extents, enlarge, mirrored), np.zeros_like(people)
        if len(seen):
            shared = coincidence(seen, people, extents).T
            best = shared.argmax(1)
            same = shared[np.arange(len(people)), best] >= SAME
            again[same] = seen[best[same]]
        looks.append(again)
    return agree(np.stack(looks), np.sqrt(extents[:, 2:].prod(1)))


def mirror_boxes(boxes, width):
    """Boxes [N, 4] of a picture that many pixels wide -> where they lie in its mirror image.

    >>> mirror_boxes(np.array([[0, 5, 10, 20]]), 100).tolist()
    [[89, 5, 10, 20]]
    """
    x, y, across, down = boxes.T
    return np.stack([width - 1 - x - across, y, across, down], -1)


def mirror_people(people, width):
    """The same for COCO17 joints [N, 17, 3]: left ones become right ones; what was not found stays 0, 0, 0."""
    x, y, score = np.moveaxis(people[:, COCO_MIRROR], -1, 0)
    return np.stack([np.where(score > 0, width - 1 - x, 0), y, score], -1).astype(np.float32)


def agree(looks, sizes):
    """Each joint at the mean of those looks that agree with each other most; its score is their sum by the number of looks.

    looks  float32 [K, N, 17, 3]   x, y pixels, score; 0 = not found
    sizes  float32 [N]             pixels
    ->     float32 [N, 17, 3]

    >>> joint = np.float32([[10, 20, 0.6], [12, 20, 0.6], [50, 20, 0.9]]).reshape(3, 1, 1, 3)
    >>> agree(joint, np.float32([100])).astype(float).round(3).tolist()
    [[[11.0, 20.0, 0.4]]]
    """
    places, scores = looks[..., :2], looks[..., 2]
    apart = np.linalg.norm(places[:, None] - places[None], axis=-1)  # [K, K, N, 17]
    both = (scores[:, None] > 0) & (scores[None] > 0)
    weight = np.where((apart < NEAR * sizes[:, None]) & both, scores[None], 0)
    best = weight.sum(1).argmax(0)  # [N, 17], the look whose place the others support most
    weight = np.take_along_axis(weight, best[None, None], 0)[0]  # [K, N, 17]
    total = weight.sum(0)
    middle = (places * weight[..., None]).sum(0) / np.maximum(total, 1e-9)[..., None]
    return np.concatenate([middle, total[..., None] / len(looks)], -1).astype(np.float32)
