"""When the detector looks: often while something is unclear or new, a few times a second otherwise.

All by media time and by what the detector itself has seen, so a file gives the same boxes however fast it is
processed. What the tracks know would come some frames late, and how late would depend on the machine.
"""

import cv2
import numpy as np

from duopose.kernels.boxes import iou_matrix

# s between two looks, at least; before CALM never at two frames in a row.
UNCLEAR = 0.06  # while looks disagree, and for SETTLED after that: who went behind somebody comes back
CHANGED = 0.12  # while the picture changes where nobody is
CALM = 0.22  # otherwise: who enters unnoticed is found within 0.3 s
EMPTY = 1.0  # where nobody was, and nothing at all has changed: nobody has entered

SETTLED = 0.5  # s
AGREE = 0.5  # IoU of a person's boxes in two looks: below it they move fast, came or went
CROWDED = 0.2  # IoU of two people from which they may change places, as in tracking.py

SAMPLED = 320  # pixels of a picture's longer side that are read to compare it
CELLS = 32, 18  # cells across and down in which brightness is compared
DIFFERENT = 8.0  # of 255: a cell that differs by more has changed. Noise of 25 a pixel is 3.5 of a cell's mean.
FEW = 2  # cells: less than that changes without a person
FINE = 64, 36  # cells in which nothing may change; the smallest people who are found fill several
SAME = 4.0  # of 255: a fine cell that differs by more has changed. Noise of 5 a pixel is less in all of them.
MARGIN = 0.3  # of a box, to each side: so far people move until the next look


class Reasons:
    """Whether to look at a picture, after the last looks. Knows no detector and no socket."""

    def __init__(self):
        self.clear = False  # the looks agree
        self.unclear_at = -np.inf  # s, when they last did not
        self.boxes = None  # float32 [N, 4] of the last look; None before the first
        self.number, self.stamp = 0, -np.inf  # of the frame of the last look; s
        self.grey = self.fine = None  # what the picture of the last look was like

    def may_look(self, frame):
        """Whether this Frame can be looked at; of others no pixels are needed."""
        passed = frame.stamp - self.stamp
        if 0 <= passed < CALM:
            return passed >= (CHANGED if self.clear else UNCLEAR) and frame.number - self.number > 1
        return True

    def look(self, image, frame):
        """Whether to look at this picture, uint8 [H, W, 3] RGB, and its Frame."""
        if not self.may_look(frame):
            return False
        passed = frame.stamp - self.stamp
        if not self.clear or not 0 <= passed < EMPTY:
            return True
        return self.changed(image) if passed < CALM else len(self.boxes) > 0 or not self.same(image)

    def looked(self, image, frame, boxes):
        """The detector has looked at this picture and found these boxes, float32 [N, 4]."""
        if self.boxes is not None and not (agree(self.boxes, boxes) and not crowded(boxes)):
            self.unclear_at = frame.stamp
        self.clear = self.boxes is not None and not 0 <= frame.stamp - self.unclear_at < SETTLED
        self.number, self.stamp, self.boxes = frame.number, frame.stamp, boxes
        self.grey, self.fine = brightness(image), brightness(image, FINE)

    def changed(self, image):
        """Whether the picture is another one than at the last look, somewhere away from the people."""
        different = difference(brightness(image), self.grey) > DIFFERENT
        different[covered(self.boxes, image.shape)] = False
        return bool(np.count_nonzero(different) >= FEW)

    def same(self, image):
        """Whether the picture is, but for noise, the one of the last look."""
        return bool((difference(brightness(image, FINE), self.fine) <= SAME).all())


def difference(grey, before):
    """By how much each cell has changed. Light that changes everywhere is nobody."""
    off = grey - before
    return np.abs(off - np.median(off))


def brightness(image, cells=CELLS):
    """Mean brightness of each cell of a picture -> float32 [18, 32], or as many cells as are wanted across and down."""
    step = max(1, max(image.shape) // SAMPLED)
    return cv2.resize(image[::step, ::step, 1], cells, interpolation=cv2.INTER_AREA).astype(np.float32)


def covered(boxes, shape):
    """The cells where people of these boxes may be by now -> bool [18, 32].

    shape   of the picture: height, width, ...
    """
    across, down = CELLS
    low = (boxes[:, :2] - MARGIN * boxes[:, 2:]) * (across / shape[1], down / shape[0])
    high = (boxes[:, :2] + (1 + MARGIN) * boxes[:, 2:]) * (across / shape[1], down / shape[0])
    out = np.zeros((down, across), bool)
    for (left, top), (right, bottom) in zip(low, high, strict=True):
        out[max(int(top), 0) : max(int(np.ceil(bottom)), 0), max(int(left), 0) : max(int(np.ceil(right)), 0)] = True
    return out


def agree(before, after):
    """Whether two looks show the same people, about where they were."""
    if len(before) != len(after):
        return False
    overlap = iou_matrix(before, after) >= AGREE
    return bool(overlap.any(0).all() and overlap.any(1).all())


def crowded(boxes):
    """Whether two of the boxes overlap."""
    return bool(((iou_matrix(boxes, boxes) > CROWDED).sum(1) > 1).any())
