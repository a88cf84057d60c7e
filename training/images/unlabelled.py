"""People in photographs whom nobody labelled: no background to learn from.

Photographs from COCO have labels of those people only whose joints a human marked; small ones and crowds stand there
without. A network that takes them for background learns to miss people.
"""

import numpy as np

from duopose.kernels.boxes import iou_matrix
from duopose.nodes.detection.detection import SIZES_STILL

LIKELY = 0.08  # score from which there may be somebody
SAME = 0.4  # IoU of a box and a labelled one from which they are of the same person


class Careful:
    """Pictures that ignore where a detector sees somebody without a label.

    pictures    pictures[i] -> Picture, len(pictures)
    detection   nodes.detection.detection.Detection, asked once about each picture
    """

    def __init__(self, pictures, detection):
        self.pictures, self.detection = pictures, detection
        self.seen = {}  # number of the picture -> boxes [N, 4] of people without a label

    def __len__(self):
        return len(self.pictures)

    def __getitem__(self, index):
        picture = self.pictures[index]
        if picture.complete:
            return picture
        if index not in self.seen:
            boxes, _ = self.detection.detect(picture.image, SIZES_STILL, LIKELY)
            known = iou_matrix(boxes, picture.boxes).max(1, initial=0) >= SAME
            self.seen[index] = boxes[~known]
        return picture._replace(ignore=np.concatenate([picture.ignore, self.seen[index]]))
