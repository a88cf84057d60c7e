"""People whom the top-down branch knows, in the bottom-up branch's answer: first, in its order, each in one piece.

The top-down branch looks at people from nearer, so it knows better where their joints are in the picture. What the
bottom-up branch adds are their depths, read there, and people who were overlooked.
"""

import numpy as np

from duopose.nodes.decoding import MIN_JOINTS, PEAK_MISSING, to_cells
from duopose.nodes.shared_joints import shared_joints
from duopose.stream.skeleton import COCO_TRUNK

# Share of the joints of somebody found that a known person has too, from which it is this person or a piece of them: as
# fusion's SAME_JOINTS, which asks the same.
SAME_PERSON = 0.4


def height_at(heatmaps, joints):
    """Largest value of its heatmap in the 3 x 3 cells around each joint; 0 for a joint that is not there.

    heatmaps  float32 [17, H, W]
    joints    float32 [N, 17, 3]  x, y in pixels of the network's input, score
    ->        float32 [N, 17]
    """
    _, height, width = heatmaps.shape
    columns, rows = np.rint(to_cells(joints[..., :2])).astype(np.int32).transpose(2, 0, 1)
    out = np.zeros(joints.shape[:2], np.float32)
    for down in (-1, 0, 1):
        for across in (-1, 0, 1):
            at = (rows + down).clip(0, height - 1), (columns + across).clip(0, width - 1)
            out = np.maximum(out, heatmaps[np.arange(17)[None], *at])
    return np.where(joints[..., 2] > 0, out, 0)


def gather(seen, guide, boxes, heatmaps):
    """Pieces of known people become one person each, whose joints are where the top-down branch measured them.

    A joint that it did not find, or where the heatmap has nothing, is taken from the pieces. Known people of whom the
    heatmaps show too little are left out.

    seen      float32 [P, 17, 3]   people as decoded: x, y in pixels of the network's input, score; 0 0 0 = not found
    guide     float32 [G, 17, 3]   people whom the top-down branch knows, the same way
    boxes     float32 [G, 4]       x, y, width, height of these
    heatmaps  float32 [17, H, W]
    ->        float32 [K, 17, 3]   known people in their order, then the others
    """
    if not len(guide):
        return seen
    shared = shared_joints(seen, guide, boxes)  # [P, G]
    owner = np.where(shared.max(1, initial=0) >= SAME_PERSON, shared.argmax(1), -1)
    heights = height_at(heatmaps, guide)
    known = np.concatenate([guide[..., :2], heights[..., None]], -1)
    for person in range(len(guide)):
        pieces = seen[owner == person]
        lacking = heights[person] < PEAK_MISSING
        known[person, lacking] = 0
        if len(pieces):
            best = pieces[..., 2].argmax(0)
            known[person, lacking] = pieces[best[lacking], lacking]
    found = known[..., 2] > 0
    shown = (found.sum(1) >= MIN_JOINTS) & found[:, COCO_TRUNK].any(1)
    return np.concatenate([known[shown], seen[owner < 0]]).astype(np.float32)
