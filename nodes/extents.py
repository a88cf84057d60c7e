"""Bounding boxes of the visible part of people, estimated from their joints."""

import numpy as np

# How far the visible person reaches beyond the joints: left, top, right, bottom, as a share of the larger side of the
# joints' box. Medians over the 5,086 human-labelled people above 40 px of the training pictures.
MARGINS = np.array([0.07, 0.12, 0.07, 0.09], np.float32)


def extents(people):
    """Boxes [N, 4] of visible people, estimated from their joints [N, 17, 3]."""
    found = people[..., 2:] > 0
    low = np.where(found, people[..., :2], np.inf).min(1)
    high = np.where(found, people[..., :2], -np.inf).max(1)
    margin = MARGINS * (high - low).max(1, keepdims=True)
    return np.concatenate([low - margin[:, :2], high - low + margin[:, :2] + margin[:, 2:]], 1).astype(np.float32)


def clip_boxes(boxes, width, height):
    """The part of each box [N, 4] that lies in a picture of that size; its pixels reach from -0.5 to width - 0.5."""
    edge = (width - 0.5, height - 0.5)
    low, high = boxes[:, :2].clip(-0.5, edge), (boxes[:, :2] + boxes[:, 2:]).clip(-0.5, edge)
    return np.concatenate([low, high - low], 1).astype(np.float32)
