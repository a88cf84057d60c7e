"""The lens that explains the views of the board best (cv2.calibrateCamera), and whether it is good enough."""

import math
from typing import NamedTuple

import cv2
import numpy as np

from duopose.stream.camera_file import Intrinsics
from duopose.stream.errors import UsageError

LEAST_VIEWS = 8
STRAY = 2.5  # times the median error, from which a view is taken for a bad one: blurred, or the board was bent
SLIGHT = 0.3  # pixels: no view with less is bad
ROUNDS = 4  # of leaving bad views out
CLEAR = (
    3.0  # standard deviations from which k3 is more than noise; else it bends the corners of the picture for nothing
)
# Error of a corner: pixels, or a share of the picture's width where that is more, 0.8 pixels at 1280. Pictures of two
# zooms come close to it, from below.
MOST_ERROR = 0.4, 0.0006
BLOCKS = 4  # of views, each left out once, to see what that does to the focal length
MOST_FOCAL_SD = 0.01  # of the focal length: depths come out wrong by as much
# Degrees between the board and the picture's plane, and in how many views. Without, distance and focal length can't be
# told apart, and the standard deviation does not notice: it is that of a wrong minimum.
TILTED, LEAST_TILTED = 15.0, 3
TILT = "tilt the board by 30 degrees or more, each time to another side"


class Lens(NamedTuple):
    intrinsics: Intrinsics
    error: float  # pixels, root mean square over all corners of how far they lie from where this lens puts them
    focal_sd: float  # standard deviation of fx, as a share
    views: list  # that were used
    bad: list  # names of those that were left out

    @property
    def fields(self):
        """Horizontal and vertical field of view, degrees, without distortion."""
        lens = self.intrinsics
        return [
            math.degrees(2 * math.atan(side / 2 / focal))
            for side, focal in ((lens.width, lens.fx), (lens.height, lens.fy))
        ]


def fit(views):
    """Views of one size -> Lens. UsageError where they don't say enough."""
    if len(views) < LEAST_VIEWS:
        raise UsageError(f"{len(views)} views that differ are too few, {LEAST_VIEWS} are needed")
    bad = []
    for _ in range(ROUNDS):
        found = solve(views)
        limit = max(STRAY * np.median(found.errors), SLIGHT)
        good = [view for view, error in zip(views, found.errors, strict=True) if error <= limit]
        if len(good) == len(views) or len(good) < LEAST_VIEWS:
            break
        bad += [view.name for view, error in zip(views, found.errors, strict=True) if error > limit]
        views = good
    return check(Lens(intrinsics_of(found, views[0]), found.error, found.focal_sd, views, bad), found.tilts)


def check(lens, tilts):
    """The Lens, if it is good enough. UsageError says in one line what is wrong with it, and with the views.

    tilts   degrees, of the board in each view
    """
    width, height = lens.intrinsics.width, lens.intrinsics.height
    if lens.error > max(MOST_ERROR[0], MOST_ERROR[1] * width):
        raise UsageError(
            f"the corners lie {lens.error:.1f} pixels from where any lens would put them: hold the board still and in "
            f"good light, keep it flat, and let nothing zoom"
        )
    if (tilted := int((tilts >= TILTED).sum())) < LEAST_TILTED:
        raise UsageError(f"the board is tilted in {tilted} views, {LEAST_TILTED} are needed: {TILT}")
    centre = abs(lens.intrinsics.cx / width - 0.5) < 0.5 and abs(lens.intrinsics.cy / height - 0.5) < 0.5
    if not lens.focal_sd <= MOST_FOCAL_SD or not centre:
        raise UsageError(
            f"these views leave the focal length open by {100 * min(lens.focal_sd, 9.99):.1f} %: {TILT}, fill the "
            f"picture with it, keep it flat, and let nothing zoom"
        )
    return lens


class Solution(NamedTuple):
    error: float  # pixels
    matrix: np.ndarray  # float64 [3, 3]
    distortion: np.ndarray  # float64 [5]  k1 k2 p1 p2 k3
    focal_sd: float
    errors: np.ndarray  # float64 [V]  pixels, of each view
    tilts: np.ndarray  # float64 [V]  degrees between the board and the picture's plane


def solve(views):
    """The lens of all these views -> Solution; with k3 only where it is clearly not 0."""
    full, sd = solve_with(views, 0)
    flags = 0 if abs(full.distortion[4]) > CLEAR * sd else cv2.CALIB_FIX_K3
    found = full if flags == 0 else solve_with(views, flags)[0]
    return found._replace(focal_sd=max(found.focal_sd, jackknife(views, flags)))


def jackknife(views, flags):
    """Standard deviation of fx, as a share, from leaving out a block of views in turn.

    The one that least squares give knows of independent errors only. This one sees, too, that a lens has zoomed, that
    the board was bent or that the pictures are skewed by motion.
    """
    blocks = np.arange(len(views)) * BLOCKS // len(views)
    left = [[view for view, of in zip(views, blocks, strict=True) if of != block] for block in range(BLOCKS)]
    logs = np.log([solve_with(some, flags)[0].matrix[0, 0] for some in left])
    return float(np.sqrt((BLOCKS - 1) * logs.var()))


def solve_with(views, flags):
    """-> Solution, standard deviation of k3."""
    try:
        error, matrix, distortion, turns, _, sd, _, errors = cv2.calibrateCameraExtended(
            [view.corners for view in views], [view.pixels for view in views], views[0][1:3], None, None, flags=flags
        )
    except cv2.error:
        raise UsageError(f"no lens explains these views: {TILT}") from None
    tilts = np.degrees(np.arccos([min(abs(cv2.Rodrigues(turn)[0][2, 2]), 1.0) for turn in turns]))
    focal_sd = float(sd[0, 0] / matrix[0, 0])
    return Solution(error, matrix, distortion.ravel()[:5], focal_sd, errors[:, 0], tilts), sd[8, 0]


def intrinsics_of(found, view):
    k1, k2, p1, p2, k3 = map(float, found.distortion)
    (fx, _, cx), (_, fy, cy), _ = found.matrix.tolist()
    return Intrinsics(fx, fy, cx, cy, view.width, view.height, k1, k2, p1, p2, k3)
