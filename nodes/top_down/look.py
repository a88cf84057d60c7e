"""What the detector's last look said of the tracks. It holds until the next look; in between people move on."""

import numpy as np

from duopose.kernels.boxes import iou_matrix
from duopose.nodes.top_down.crops import SAME_BOX


class Look:
    """
    boxes, scores  float32 [D, 4], [D]   the detector's
    ids            int [N]               identities of who was found in that frame, 0 = none
    people         float32 [N, 4]        their boxes
    """

    def __init__(self, boxes=(), scores=(), ids=(), people=()):
        self.boxes = np.array(boxes, np.float32).reshape(-1, 4)
        overlap = iou_matrix(self.boxes, np.array(people, np.float32).reshape(-1, 4)) >= SAME_BOX
        overlap &= np.array(ids, int) > 0
        self.taken = overlap.any(1)
        best = np.where(overlap, np.array(scores, np.float32)[:, None], 0).max(0, initial=0)
        self.scores = {identity: score for identity, score in zip(ids, best.tolist(), strict=True) if score}

    def strangers(self, boxes):
        """Which of the boxes [D, 4] that the detector repeats belong to no track -> bool [D]."""
        return ~self.taken if np.array_equal(boxes, self.boxes) else np.ones(len(boxes), bool)

    def tracks(self, ids):
        """Of each identity: the detector's score, whether it saw that person -> float32 [T], bool [T]."""
        scores = np.array([self.scores.get(identity, 0) for identity in ids], np.float32)
        return scores, scores > 0
