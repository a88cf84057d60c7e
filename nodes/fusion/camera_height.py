"""A known height of the camera over the floor fixes sizes, and a guessed lens where people are seen from above.

People stand upright on one floor, so the place and the direction of everybody who stands say where the floor is. Three
things can be wrong with it, and each shows in its own way:

    size   a person k times too large stands k times too far off, on a floor k times too deep
    lens   a focal length s times too long puts everybody s times too far along z: the floor is s times too flat, while
           the people on it, whose poses are metres, still stand at their true angle
    lean   people may lean a little, all alike

Where the camera looks level the lens shows in nothing: then it is left as it is, and sizes alone are put right. Least
squares find what explains everything best, and how sure that is.
"""

from typing import NamedTuple

import msgspec
import numpy as np

from duopose.nodes.fusion.standing import SOLE, Steps
from duopose.stream.skeleton import PELVIS

STEP = 1.25  # s that are one observation: about a double step, so that gait and noise average out
MEMORY = 60  # observations
LEAST = 6  # observations, from which on the floor can be sure
MIDDLE = 0.9  # m over the feet, about the hips
FOOT_SD = 0.05  # m, by which an observation's foot is off the floor
LEAN_SD = np.radians(4.0)  # of one observation
COMMON_LEAN_SD = np.radians(1.0)  # that everybody has in common
SIZE_SD = 0.07  # of the logarithm of a person's size: statures, and what the networks make of them
LENS_SD = 0.2  # of the logarithm of a guessed focal length
LENS_SURE, SIZE_SURE = 0.1, 0.05  # standard deviations, up to which an answer is taken
GLIDE = 0.5  # s in which the scene moves two thirds of the way to a new answer
GUESSED = ("default", "fov", "exif")  # lenses that are not measured
FIXED = 1e-4  # standard deviation of a lens that is not asked about


class Answer(NamedTuple):
    lens: float  # logarithm of how many times too long the focal length is
    sizes: dict  # {identity: logarithm of how many times too large}


class CameraHeight:
    """Scales everybody by the floor they stand on. Knows nothing of sockets.

    height   m, of the camera over the floor; None leaves everything as it is
    """

    def __init__(self, height):
        if height is not None:  # SciPy: 40 MB and half a second, now and not at a frame, and only where it is used
            import scipy.optimize  # noqa: F401
        self.height = height
        self.steps = Steps(STEP, MEMORY)
        self.news = False  # there are steps that the answer does not know
        self.answer = None
        self.stamp = None
        self.applied = Answer(0.0, {})

    def step(self, frame, ids, poses, measured):
        """Poses of one frame -> the frame, whose camera is the one that was found, and the poses in that camera.

        frame     stream.messages.Frame
        ids       int [N]                       identities
        poses     several float32 [N, 17, 3]    metres, camera frame; the first are looked at, NaN stays NaN
        measured  float32 [N, 17]               0 = that joint was not seen
        """
        if self.height is None:
            return frame, poses
        self.news |= self.steps.watch(frame.stamp, ids, poses[0], measured)
        if self.news and len(self.steps.seen) >= LEAST:
            self.answer = solve(self.steps.seen, self.height, frame.camera.origin in GUESSED) or self.answer
            self.news = False
        if self.answer is None:
            return frame, poses
        self.glide(frame.stamp)
        others = float(np.mean(list(self.applied.sizes.values())))
        sizes = np.array([self.applied.sizes.get(identity, others) for identity in ids.tolist()])
        shorter = np.exp(-self.applied.lens)
        camera = frame.camera
        camera = msgspec.structs.replace(
            camera, fx=camera.fx * shorter, fy=camera.fy * shorter, origin=f"{camera.origin}+height"
        )
        return msgspec.structs.replace(frame, camera=camera), [moved(pose, sizes, self.applied.lens) for pose in poses]

    def glide(self, stamp):
        """Move what is applied towards the answer."""
        first = self.stamp is None or stamp < self.stamp
        share = 1.0 if first else 1 - np.exp((self.stamp - stamp) / GLIDE)
        self.stamp = stamp
        before = self.applied.sizes
        self.applied = Answer(
            self.applied.lens + share * (self.answer.lens - self.applied.lens),
            {
                who: before.get(who, size) + share * (size - before.get(who, size))
                for who, size in self.answer.sizes.items()
            },
        )


def solve(seen, height, guessed):
    """Observations -> Answer; None where the floor is not sure.

    guessed   the lens is none that was measured: it may be wrong, too
    """
    from scipy.optimize import least_squares

    identities, feet, ups = zip(*seen, strict=True)
    people = sorted(set(identities))
    who, feet, ups = np.searchsorted(people, identities), np.array(feet), np.array(ups)
    for lens_sd in (LENS_SD, FIXED) if guessed else (FIXED,):
        fit = least_squares(residuals, start(ups, len(people)), loss="soft_l1", args=(feet, ups, who, height, lens_sd))
        spread = max(1.0, 2 * fit.cost / max(len(fit.fun) - len(fit.x), 1))
        sd = np.sqrt(np.diag(np.linalg.pinv(fit.jac.T @ fit.jac)) * spread)
        if sd[2] <= LENS_SURE and np.median(sd[4:]) <= SIZE_SURE:
            return Answer(float(fit.x[2]), dict(zip(people, fit.x[4:].tolist(), strict=True)))
    return None


def start(ups, people):
    """[tangent of the roll, of the tilt, log of the lens's error, common lean, log of each person's size]."""
    return np.array([*np.median(ups[:, [0, 2]] / ups[:, 1:2], axis=0), 0.0, 0.0, *np.zeros(people)])


def residuals(unknown, feet, ups, who, height, lens_sd):
    """What is left to explain, in standard deviations: feet that are not on the floor, people who are not upright."""
    roll, tilt, lens, lean, *sizes = unknown
    down = np.array([roll, 1.0, tilt]) / np.sqrt(1 + roll**2 + tilt**2)
    real = feet * np.exp(-np.array(sizes)[who])[:, None] * [1.0, 1.0, np.exp(-lens)]
    leant = np.array([roll, 1.0, np.tan(np.arctan(tilt) + lean)])
    upright = -leant / np.linalg.norm(leant)
    ups = (turns(feet + MIDDLE * ups, lens) @ ups[..., None])[..., 0]
    return np.concatenate([
        (real @ down + SOLE - height) / FOOT_SD,
        ((ups - upright)[:, [0, 2]] / LEAN_SD).ravel(),
        [lens / lens_sd, lean / COMMON_LEAN_SD],
        np.array(sizes) / SIZE_SD,
    ])  # fmt: skip


def moved(poses, sizes, lens):
    """Poses [N, 17, 3] of people so many times too large, seen by a lens so many times too long (both logarithms) ->
    as they are: the root along its true ray, at its true distance; the pose turned with the ray, as it was found."""
    roots = poses[:, PELVIS].astype(float)
    turned = (poses - poses[:, PELVIS : PELVIS + 1]) @ turns(roots, lens).transpose(0, 2, 1)
    roots[:, 2] *= np.exp(-lens)
    return ((turned + roots[:, None]) * np.exp(-sizes)[:, None, None]).astype(np.float32)


def turns(places, lens):
    """The smallest rotations [N, 3, 3] from the rays to places [N, 3] to what these rays are for the true lens."""
    before = places / np.linalg.norm(places, axis=1, keepdims=True)
    after = places * [1.0, 1.0, np.exp(-lens)]
    after /= np.linalg.norm(after, axis=1, keepdims=True)
    across = np.cross(before, after)
    skew = np.zeros((len(places), 3, 3))
    for axis in range(3):
        skew[:, (axis + 2) % 3, (axis + 1) % 3] = across[:, axis]
        skew[:, (axis + 1) % 3, (axis + 2) % 3] = -across[:, axis]
    return np.eye(3) + skew + skew @ skew / (1 + (before * after).sum(1))[:, None, None]
