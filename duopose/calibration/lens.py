"""The lens that explains the views of the board best (cv2.calibrateCamera), and whether it is good enough to be used."""

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
CLEAR = 3.0  # standard deviations from which k3 is more than noise; else it bends the corners of the picture for nothing
MOST_ERROR = 0.001  # of the picture's width, the error of a corner: 1.3 pixels at 1280
MOST_FOCAL_SD = 0.01  # of the focal length: depths come out wrong by as much


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
    return check(Lens(intrinsics_of(found, views[0]), found.error, found.focal_sd, views, bad))


def check(lens):
    """The Lens, if it is good enough. UsageError says in one line what is wrong with it, and with the views."""
    width, height = lens.intrinsics.width, lens.intrinsics.height
    if lens.error > MOST_ERROR * width:
        raise UsageError(
            f"the corners lie {lens.error:.1f} pixels from where any lens would put them: hold the board still, flat "
            f"and in good light, and let nothing zoom"
        )
    centre = abs(lens.intrinsics.cx / width - 0.5) < 0.5 and abs(lens.intrinsics.cy / height - 0.5) < 0.5
    if not lens.focal_sd <= MOST_FOCAL_SD or not centre:
        raise UsageError(
            f"these views leave the focal length open by {100 * min(lens.focal_sd, 9.99):.1f} %: tilt the board by "
            f"30 degrees or more, each time to another side, and fill the picture with it"
        )
    return lens


class Solution(NamedTuple):
    error: float  # pixels
    matrix: np.ndarray  # float64 [3, 3]
    distortion: np.ndarray  # float64 [5]  k1 k2 p1 p2 k3
    focal_sd: float
    errors: np.ndarray  # float64 [V]  pixels, of each view


def solve(views):
    """The lens of all these views -> Solution; with k3 only where it is clearly not 0."""
    plain = solve_with(views, cv2.CALIB_FIX_K3)
    full = solve_with(views, 0)
    return full[0] if abs(full[0].distortion[4]) > CLEAR * full[1] else plain[0]


def solve_with(views, flags):
    """-> Solution, standard deviation of k3."""
    try:
        error, matrix, distortion, _, _, sd, _, errors = cv2.calibrateCameraExtended(
            [view.corners for view in views], [view.pixels for view in views], views[0][1:3], None, None, flags=flags
        )
    except cv2.error:
        raise UsageError("no lens explains these views: tilt the board, each time to another side") from None
    return Solution(error, matrix, distortion.ravel()[:5], float(sd[0, 0] / matrix[0, 0]), errors[:, 0]), sd[8, 0]


def intrinsics_of(found, view):
    k1, k2, p1, p2, k3 = map(float, found.distortion)
    (fx, _, cx), (_, fy, cy), _ = found.matrix.tolist()
    return Intrinsics(fx, fy, cx, cy, view.width, view.height, k1, k2, p1, p2, k3)
