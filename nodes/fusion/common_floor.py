"""People who stand side by side stand on one floor: so they are as far away as it says, children as well as adults.

The networks guess a size by what people are like. So they put a child too far away, at the size of an adult, and its
feet below everybody else's floor. Least squares find the floor and how many times too large each person is: all feet
lie on it, all stand upright on it or lean a little, all alike, and sizes differ little. So nothing changes for somebody
who is alone, and little after few steps. Whoever is moved goes along their own ray and stays over the picture.

How high the camera is over the floor, nobody needs to know; who says it has `camera_height` in its place.
"""

from collections import Counter

import numpy as np

from duopose.nodes.fusion.camera_height import COMMON_LEAN_SD, FOOT_SD, GUESSED, LEAN_SD, LENS_SD, SIZE_SD
from duopose.nodes.fusion.standing import SOLE, Steps

STEP = 0.65  # s that are one observation: about a step, so that one foot of two stood
MEMORY = 60  # observations
LEAST = 3  # observations of each of two people, from which on there is a floor
LARGEST = 0.3  # of a size's logarithm: people are moved no farther, who is larger or smaller stands on something
# Height, roll, tilt (tangents), lean that all have in common (radians): people hold cameras level, but point them down
# or up.
PRIOR, PRIOR_SD = (1.4, 0.0, 0.0, 0.0), (1.0, 0.04, 0.35, COMMON_LEAN_SD)
OUTLIER = 0.15  # m off the floor: an observation twice as far counts a twenty-fifth
ROUNDS = 20  # of Gauss-Newton
UNEVEN = 0.08  # m, of the feet from the floor (root mean square), up to which it is one: stairs, a camera that nods
GLIDE = 0.5  # s in which people move two thirds of the way to a new answer


class CommonFloor:
    """Moves people to where the floor that they share says. Knows nothing of sockets.

    on   False leaves everybody where they are
    """

    def __init__(self, on=True):
        self.on = on
        self.steps = Steps(STEP, MEMORY)
        self.sizes = {}  # identity -> logarithm of how many times too large
        self.applied = {}  # identity -> as far as people have moved there
        self.stamp = None

    def step(self, frame, ids, joints, measured):
        """Poses of one frame -> the same poses, on one floor.

        frame     stream.messages.Frame
        ids       int [N]              identities
        joints    float32 [N, 17, 3]   metres, camera frame
        measured  float32 [N, 17]      0 = that joint was not seen
        ->        float32 [N, 17, 3]
        """
        if not self.on or frame.still:
            return joints
        if self.steps.watch(frame.stamp, ids, joints, measured):
            self.sizes = solve(self.steps.seen, frame.camera.origin in GUESSED)
        self.glide(frame.stamp)
        factors = np.exp([-self.applied.get(identity, 0.0) for identity in ids.tolist()])
        return (joints * factors[:, None, None]).astype(np.float32)

    def glide(self, stamp):
        """Move what is applied towards what was found; whoever left the memory is forgotten once they are back."""
        share = 0.0 if self.stamp is None else 1 - np.exp(min(self.stamp - stamp, 0.0) / GLIDE)
        self.stamp = stamp
        moved = {}
        for identity in self.sizes.keys() | self.applied.keys():
            before = self.applied.get(identity, 0.0)
            size = before + share * (self.sizes.get(identity, 0.0) - before)
            if identity in self.sizes or abs(size) > 1e-4:
                moved[identity] = size
        self.applied = moved


def solve(seen, guessed=False):
    """Observations (identity, foot [3], direction [3]) -> {identity: logarithm of a size}; {} = no floor is sure.

    Gauss-Newton, outlying feet weighted down. Unknown: height, roll and tilt of the plane
    y = height + roll * x + tilt * z, the common lean, then a logarithm a person.

    guessed   the lens is none that was measured. One that is too long makes the floor flatter, not the people on it: as
              if they leant, all alike, and the more the steeper the camera looks down
    """
    times = Counter(identity for identity, _, _ in seen)
    seen = [step for step in seen if times[step[0]] >= LEAST]
    people = sorted({identity for identity, _, _ in seen})
    if len(people) < 2:
        return {}
    identities, feet, ups = zip(*seen, strict=True)
    who, feet, ups = np.searchsorted(people, identities), np.array(feet), np.array(ups)
    prior = np.array([*PRIOR, *np.zeros(len(people))])
    sd = np.array([*PRIOR_SD, *np.full(len(people), SIZE_SD)])
    share = 1 / np.bincount(who)[who]  # all steps of a person weigh as one: their errors are mostly the same
    floor = np.zeros((len(feet), len(prior)))  # rows of the equations, a foot each
    upright = np.zeros((2 * len(ups), len(prior)))  # to the side, then forward
    upright[: len(ups), 1] = upright[len(ups) :, 2] = upright[len(ups) :, 3] = 1
    leant = (ups[:, [0, 2]] / -ups[:, 1:2]).T.reshape(-1)
    if guessed:
        sd[3] = np.hypot(COMMON_LEAN_SD, LENS_SD * np.median(leant[len(ups) :]))
    precision = sd**-2
    upright_weight = np.tile(share, 2) / LEAN_SD**2
    unknown, weight = prior.copy(), share / FOOT_SD**2
    for _ in range(ROUNDS):
        x, y, z = (feet * np.exp(-unknown[len(PRIOR) + who])[:, None]).T
        off = y + SOLE - unknown[0] - unknown[1] * x - unknown[2] * z
        floor[:, 0], floor[:, 1], floor[:, 2] = -1, -x, -z
        floor[np.arange(len(feet)), len(PRIOR) + who] = unknown[1] * x + unknown[2] * z - y
        right = precision * (prior - unknown) - floor.T @ (weight * off)
        right += upright.T @ (upright_weight * (leant - upright @ unknown))
        normal = np.diag(precision) + (floor.T * weight) @ floor + (upright.T * upright_weight) @ upright
        unknown = unknown + np.linalg.solve(normal, right)
        weight = share / FOOT_SD**2 / (1 + (off / OUTLIER) ** 2) ** 2
    if np.sqrt(np.average(off**2, weights=weight)) > UNEVEN:
        return {}
    return dict(zip(people, unknown[len(PRIOR) :].clip(-LARGEST, LARGEST).tolist(), strict=True))
