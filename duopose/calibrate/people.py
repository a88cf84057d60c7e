"""Focal length from people who stand or walk, in the lines of a record (--from-people).

People stand upright on one floor, and each stays as tall as before. So where a person's feet are in the picture says,
for a focal length, a tilt and a roll of the camera, where the shoulders are: from the feet straight up. Least squares
find the camera for which that fits. A camera that looks level sees nothing of it: however long its lens is, all lines
from feet to shoulders are parallel. So the tilt decides how sure the answer is, and the standard deviation says it.
"""

from typing import NamedTuple

import numpy as np
from scipy.optimize import least_squares

from duopose.nodes.fusion.standing import stands
from duopose.stream.camera_file import Intrinsics
from duopose.stream.errors import UsageError
from duopose.stream.skeleton import (
    L_ANKLE,
    L_SHOULDER,
    R_ANKLE,
    R_SHOULDER,
    THORAX,
    coco_to_body,
)  # fmt: skip

STEP = 1.25  # s that are one observation: about a double step, so that gait and noise average out
STRAIGHT = np.radians(30)  # bend of the straighter leg and of its hip, from which nobody stands
LEAST_SIZE = 60  # pixels from the feet to the shoulders: below, a pixel is too much
LEAST_STEPS = 10  # observations
NOISE = 0.01  # of a person's size in the picture, what an observation errs by at least
LEAN = np.radians(1.0)  # that people have in common, towards the camera or away: as good as a tilt
OFF_CENTRE = 0.01  # of the picture's height, how far the optical axis is from its middle
MOST_SD = 0.05  # of the focal length; errors are about half of what is said, see docs/calibrate.md
STARTS = [(wide, tilt) for wide in (0.7, 1.2) for tilt in (0.1, 0.4)]  # focal length in widths, radians


class Steps(NamedTuple):
    """N observations of people who stood or walked for STEP each."""

    feet: np.ndarray  # float64 [N, 2]  pixels from the picture's middle, between the ankles
    shoulders: np.ndarray  # float64 [N, 2]
    person: np.ndarray  # int [N]  0 .. P - 1


class Answer(NamedTuple):
    focal: float  # pixels
    focal_sd: float  # standard deviation, as a share
    tilt: float  # radians that the camera looks down
    steps: int
    people: int


def steps_of(scenes):
    """Scenes of one record -> Steps, (width, height). UsageError where nobody stands, or pictures differ in size."""
    seen, size = {}, None
    for scene in scenes:
        frame = scene.frame
        if size not in (None, (frame.width, frame.height)):
            raise UsageError("the record has pictures of several sizes: calibrate each by itself")
        size = frame.width, frame.height
        body = coco_to_body(scene.coco).astype(float)
        whole = (body[:, [R_SHOULDER, L_SHOULDER], 2] > 0).all(1)
        for index in np.flatnonzero(whole & stands(scene.joints, body[..., 2], STRAIGHT)):
            feet, shoulders = body[index, [R_ANKLE, L_ANKLE], :2].mean(0), body[index, THORAX, :2]
            if np.linalg.norm(feet - shoulders) >= LEAST_SIZE:
                seen.setdefault((int(scene.ids[index]), int(frame.stamp // STEP)), []).append((feet, shoulders))
    if not seen:
        raise UsageError("nobody stands or walks in this record with feet and shoulders in the picture")
    middle = (np.array(size) - 1) / 2
    means = np.array([np.mean(pairs, 0) for pairs in seen.values()]) - middle
    person = np.unique([key[0] for key in seen], return_inverse=True)[1]
    return Steps(means[:, 0], means[:, 1], person), size


def focal_from(steps, width, height):
    """Steps in pictures of this size -> Answer. UsageError where they don't say enough, with the reason."""
    if len(steps.feet) < LEAST_STEPS:
        raise UsageError(f"people stand or walk for {STEP * len(steps.feet):g} s, {STEP * LEAST_STEPS:g} s are needed")
    low, high = bounds(steps, width)
    fits = [
        least_squares(residuals, start, loss="soft_l1", bounds=(low, high), args=(steps, height))
        for start in begin(steps, width)
    ]
    fit = min(fits, key=lambda fit: fit.cost)
    spread = max(1.0, 2 * fit.cost / max(2 * len(steps.feet) - len(fit.x), 1))  # of the residuals, 1 if NOISE is right
    sd = np.sqrt(np.linalg.pinv(fit.jac.T @ fit.jac)[0, 0] * spread)
    answer = Answer(float(np.exp(fit.x[0])), float(sd), float(fit.x[1]), len(steps.feet), int(steps.person.max()) + 1)
    if fit.active_mask[:2].any() or not answer.focal_sd <= MOST_SD:
        raise UsageError(
            f"these people leave the focal length open by {100 * min(answer.focal_sd, 9.99):.0f} %: the camera has to "
            f"look down on them, by 20 degrees say, at several distances and for a minute; a board needs none of it"
        )
    return answer


def camera_of(answer, width, height):
    """-> Intrinsics: no distortion, the optical axis in the middle."""
    return Intrinsics(answer.focal, answer.focal, (width - 1) / 2, (height - 1) / 2, width, height)


def begin(steps, width):
    """Where to start from: [log focal length, tilt, roll, lean, off centre, log size of each person]."""
    for wide, tilt in STARTS:
        yield np.array([np.log(wide * width), tilt, 0, 0, 0, *np.zeros(steps.person.max() + 1)])


def bounds(steps, width):
    """The least and the most that there can be, in the order of `begin`."""
    rest = np.full(3 + steps.person.max() + 1, np.inf)
    return (
        np.array([np.log(0.3 * width), -0.2, *-rest]),
        np.array([np.log(5.0 * width), 1.3, *rest]),
    )


def residuals(unknown, steps, height):
    """What is left to explain, in standard deviations: where the shoulders are seen and where they should be."""
    log_focal, tilt, roll, lean, off, *sizes = unknown
    focal, aside = np.exp(log_focal), np.array([0, off * OFF_CENTRE * height])
    down = np.array([-np.sin(roll), np.cos(roll) * np.cos(tilt), np.sin(tilt) * np.cos(roll)])
    down /= np.linalg.norm(down)
    rays = np.column_stack([steps.feet - aside, np.full(len(steps.feet), focal)])
    floor = rays / np.maximum(rays @ down, 1e-3 * focal)[:, None]  # the camera is 1 above the floor
    turned = tilt + lean * LEAN
    up = -np.array([-np.sin(roll), np.cos(roll) * np.cos(turned), np.sin(turned) * np.cos(roll)])
    top = floor + np.exp(np.array(sizes))[steps.person, None] * up
    there = focal * top[:, :2] / np.maximum(top[:, 2:], 1e-3) + aside
    scale = NOISE * np.linalg.norm(steps.feet - steps.shoulders, axis=1, keepdims=True)
    return np.concatenate([((there - steps.shoulders) / scale).ravel(), [lean, off]])
