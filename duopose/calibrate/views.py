"""The views of the board that a calibration is made from: different from each other, and all over the picture."""

import math

import cv2
import numpy as np

from duopose.calibrate.board import COLUMNS, ROWS, SQUARE
from duopose.calibrate.lens import TILT
from duopose.stream.errors import UsageError

NEAR = 0.06  # share of the picture's diagonal: a view whose outline is no farther from another one's adds little
MOST = 50  # views a calibration is made from: more take long and change nothing
ENOUGH = 15  # views after which nobody need hold the board on
FILLED = 8  # corners in a part of the picture from which it counts as covered
SLANTED = 1.12  # ratio of opposite sides of the board in the picture: that of 30 degrees at four times its width
ENOUGH_SLANTED = 4  # of the views
PARTS = (
    ("in the upper left corner", "at the upper edge", "in the upper right corner"),
    ("at the left edge", "in the middle", "at the right edge"),
    ("in the lower left corner", "at the lower edge", "in the lower right corner"),
)

_OUTLINE = np.array([(0, 0), (COLUMNS, 0), (COLUMNS, ROWS), (0, ROWS)], np.float32) * SQUARE / 1000


class Views:
    """The views that were kept; all of pictures of one size."""

    def __init__(self):
        self.kept = []
        self.outlines = []  # float32 [4, 2] of each, pixels; also where the board reaches out of the picture
        self.looked_at = self.found = 0

    def add(self, view):
        """A picture's View, None where it shows no board -> whether it was kept. UsageError at another size."""
        self.looked_at += 1
        if view is None:
            return False
        self.found += 1
        if self.kept and (view.width, view.height) != self.size:
            raise UsageError(
                f"{view.name} has {view.width}x{view.height} pixels, {self.kept[0].name} "
                f"{self.size[0]}x{self.size[1]}: a camera file is for one size, so calibrate each by itself"
            )
        outline = outline_of(view)
        if outline is None or any(self.apart(outline, other, view) < NEAR for other in self.outlines):
            return False
        self.kept.append(view)
        self.outlines.append(outline)
        return True

    @property
    def size(self):
        """(width, height) of the pictures."""
        return self.kept[0].width, self.kept[0].height

    @staticmethod
    def apart(a, b, view):
        """How far the outlines are apart, as a share of the picture's diagonal."""
        return np.linalg.norm(a - b, axis=1).max() / math.hypot(view.width, view.height)

    def chosen(self):
        """At most MOST of the views: those that differ most from each other, in the order in which they came."""
        if len(self.kept) <= MOST:
            return self.kept
        outlines = np.array(self.outlines).reshape(len(self.kept), 8)
        chosen, distance = [0], np.full(len(outlines), np.inf)
        while len(chosen) < MOST:
            distance = np.minimum(distance, np.linalg.norm(outlines - outlines[chosen[-1]], axis=1))
            chosen.append(int(distance.argmax()))
        return [self.kept[index] for index in sorted(chosen)]

    def slanted(self):
        """How many views show the board clearly tilted."""
        return sum(slant(outline) >= SLANTED for outline in self.outlines)

    def wishes(self):
        """What would make the calibration better: phrases for the user, the most urgent first."""
        if not self.kept:
            return ["hold the whole board into the picture"]
        wanted = []
        if self.slanted() < ENOUGH_SLANTED:
            wanted.append(TILT)
        count = coverage(self.kept)
        empty = [PARTS[row][column] for row, column in np.argwhere(count < FILLED)]
        if empty:
            wanted.append(f"hold it {', '.join(empty)}")
        if len(self.kept) < ENOUGH:
            wanted.append(f"hold it in more places: {len(self.kept)} of {ENOUGH} views that differ")
        return wanted


def coverage(views):
    """Corners in each ninth of the picture -> int [3, 3], as PARTS."""
    count = np.zeros((3, 3), int)
    for view in views:
        column, row = np.floor((view.pixels + 0.5) * 3 / (view.width, view.height)).astype(int).clip(0, 2).T
        np.add.at(count, (row, column), 1)
    return count


def outline_of(view):
    """Where the board's corners lie, by the part of it that is seen -> float32 [4, 2] or None."""
    homography, _ = cv2.findHomography(view.corners[:, :2], view.pixels)
    if homography is None:
        return None
    return cv2.perspectiveTransform(_OUTLINE[:, None], homography)[:, 0]


def slant(outline):
    """How much longer a side of the board looks than the opposite one, the larger of both ratios.

    >>> round(slant(np.array([(0, 0), (9, 0), (8, 6), (1, 6)])), 3)
    1.286
    """
    sides = np.linalg.norm(np.roll(outline, -1, axis=0) - outline, axis=1)
    ratios = sides[:2] / sides[2:]
    return float(np.maximum(ratios, 1 / ratios).max())
