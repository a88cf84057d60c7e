"""Who does what in a rendered clip: people who walk along ways, and people who play a captured clip at a spot.

crossing   two people walk past each other, twice; the farther one is hidden for some frames
absence    one of two people walks out of the picture and is back after about a second
walk       one person walks about
moving     four people walk about, one of them stays where he is
crowd      five people cross the picture in both directions, each in a lane of their own
close      two people within arm's reach of each other, dancing where such motion was captured; a third passes by
furnished  three people walk behind furniture that hides parts of them
desk       one or two people sit or stand before a webcam, which sees little more than their upper bodies
"""

from typing import NamedTuple

import numpy as np

from duopose.stream.skeleton import BODY17
from duopose.training.mocap.rotations import heading
from duopose.training.synthetic.moves.gait import Gait
from duopose.training.synthetic.moves.gait import Path as Way
from duopose.training.synthetic.moves.postures import seated

RATE = 30  # frames/s
FIELD = np.deg2rad(60)  # horizontal field of view that the ways are laid out for
THINGS = {"furnished": 3}  # pieces of furniture between the people and the camera
LONGEST = 300  # frames that a clip is played before it is played backwards
TOUCH = 0.12  # m between the nearest joints of two people who stand together
DESK = (0.55, 2.6)  # m from a webcam
APART = np.arange(0.45, 1.6, 0.05)  # m between their pelvises, the first that keeps them from touching


class Walker(NamedTuple):
    gait: Gait
    path: Way
    start: float = 0.0  # m along the path at the first frame

    def at(self, frame):
        """-> pose [17, 3], place [2], yaw."""
        gone = self.start + frame / RATE * self.gait.speed
        return self.gait.at(gone), *self.path.at(gone)


class Performer(NamedTuple):
    """Plays a captured clip [T, 17, 3] at a spot, forth and back."""

    clip: np.ndarray
    spot: tuple
    yaw: float

    def at(self, frame):
        turn = frame % (2 * len(self.clip) - 2)
        joints = self.clip[min(turn, 2 * len(self.clip) - 2 - turn)]
        return joints, np.array(self.spot) + over_floor(joints[0] - self.clip[0, 0], self.yaw), self.yaw


class Sitter(NamedTuple):
    """A performer whose legs are those of somebody on a chair, from one frame to the next the same."""

    performer: Performer
    chair: int  # seed of how the legs are held

    @property
    def clip(self):
        return self.performer.clip

    def at(self, frame):
        joints, place, yaw = self.performer.at(frame)
        return seated(joints, np.random.default_rng(self.chair)), place, yaw


class Cast(NamedTuple):
    """What there is to choose from."""

    gaits: list
    still: list  # clips [T, 17, 3] of people who stay in place
    couples: list  # clips [T, 2, 17, 3]


def over_floor(points, yaw):
    """Captured points [..., 3] (y up), turned by `yaw` -> [..., 2] on the floor of the scene."""
    x, z = points[..., 0], points[..., 2]
    cos, sin = np.cos(yaw), np.sin(yaw)
    return np.stack([cos * x + sin * z, sin * x - cos * z], -1)


def cast(motion, rng):
    """`motion` is a Motion -> Cast"""
    walks = straight_walks(motion)
    return Cast([Gait(walks[n]) for n in rng.permutation(len(walks))[:5]], standing(motion), motion.couples)


def straight_walks(motion):
    """Captured walks long enough for a cycle."""
    found = zip(motion.clips, motion.actions, strict=True)
    return [clip for clip, action in found if "walk" in action and len(clip) > 70 and np.ptp(clip[:, 0], 0).max() > 3]


def standing(motion):
    """Captured clips whose person stays within a metre."""
    return [clip for clip in motion.clips if len(clip) > 90 and np.ptp(clip[:, 0, [0, 2]], 0).max() < 1]


def crossing(cast, rng):
    near, far = rng.uniform(3.6, 4.0), rng.uniform(4.7, 5.1)
    return [
        Walker(cast.gaits[0], Way([(-1.5, near), (1.5, near), (1.6, near + 0.1), (1.5, near + 0.5), (-6, near - 0.2)])),
        Walker(cast.gaits[1], Way([(1.7, far), (-1.7, far), (-1.8, far + 0.1), (-1.7, far + 0.6), (6, far)])),
    ]


def absence(cast, rng):
    depth = rng.uniform(3.7, 4.1)
    edge = depth * np.tan(FIELD / 2)
    turn = (
        edge + 0.1 + 0.55 * cast.gaits[0].speed
    )  # m to the right: turning round there takes the walker about a second out of sight
    ring = [(turn + 0.35 * np.sin(a), depth + 0.35 - 0.35 * np.cos(a)) for a in np.linspace(0, np.pi, 12)]
    still = cast.still[rng.integers(len(cast.still))]
    return [
        Walker(cast.gaits[0], Way([(-0.9, depth), *ring, (-4, depth + 0.9)], bend=0.15)),
        Performer(still, (-1.6, depth + 1.1), rng.uniform(-0.5, 0.5)),
    ]


def walk(cast, rng):
    around = np.linspace(0, 6 * np.pi, 90) + rng.uniform(0, 6)
    return [Walker(cast.gaits[0], Way(np.stack([1.1 * np.cos(around), 4.2 + 0.9 * np.sin(around)], 1)))]


def moving(cast, rng):
    around = np.linspace(0, 6 * np.pi, 90)
    back = [(x, 6.2 + 0.4 * (n % 4 in (1, 2))) for n, x in enumerate((-2.4, 2.4, 2.4, -2.4, -2.4, 2.4, 2.4, -2.4))]
    return [
        Walker(cast.gaits[0], Way(np.stack([0.9 * np.cos(around) - 0.5, 3.7 + 0.5 * np.sin(around)], 1))),
        Walker(cast.gaits[1], Way(np.stack([1.5 * np.sin(around), 4.9 + 0.35 * np.cos(around)], 1))),
        Walker(cast.gaits[2], Way(back)),
        Performer(cast.still[rng.integers(len(cast.still))], (1.4, 3.6), rng.uniform(-0.6, 0.6)),
    ]


def crowd(cast, rng):
    return lanes(cast, rng, 3.4 + 0.8 * np.arange(5) + rng.uniform(-0.1, 0.1, 5))


def furnished(cast, rng):
    return lanes(cast, rng, 3.8 + 0.9 * np.arange(3) + rng.uniform(-0.1, 0.1, 3))


def close(cast, rng):
    passing = rng.uniform(2.6, 2.9) if rng.random() < 0.5 else rng.uniform(5.2, 5.6)
    return [
        *partners(cast, rng, np.array([rng.uniform(-0.5, 0.5), rng.uniform(3.9, 4.2)])),
        *lanes(cast, rng, [passing]),
    ]


def desk(cast, rng):
    near = np.exp(rng.uniform(*np.log(DESK)))
    first = before_webcam(cast, rng, (rng.uniform(-0.2, 0.2) * near, near))
    if rng.random() < 0.5:
        return [first]
    side, farther = rng.choice([-1, 1]) * rng.uniform(0.5, 0.8), rng.uniform(0, 0.8)
    second = before_webcam(cast, rng, (side, near + farther))
    return [first, second] if gap(first, second) > TOUCH else [first]


def before_webcam(cast, rng, spot):
    """Somebody who looks at the camera, more or less, and sits as often as not."""
    clip = excerpt(cast.still[rng.integers(len(cast.still))], rng)
    performer = Performer(clip, spot, rng.normal(0, 0.5) - heading(clip[0]))
    return Sitter(performer, int(rng.integers(1 << 30))) if rng.random() < 0.5 else performer


def webcam(actors, rng):
    """-> height of the webcam, m, and how far it looks down, rad: it stands at the chest to over the head."""
    (joints, (across, away), _), *_ = (actor.at(0) for actor in actors)
    chest = joints[BODY17.index("thorax"), 1]
    over = rng.uniform(-0.3, 0.45)
    return chest + over, np.arctan2(over - rng.uniform(-0.1, 0.25), np.hypot(across, away))


def lanes(cast, rng, depths):
    """A walker in each lane, to and fro across the picture."""
    walkers = []
    for n, depth in enumerate(depths):
        edge, side = depth * np.tan(FIELD / 2), rng.choice([-1, 1])
        ends = [
            (side * edge * 0.85 * (-1) ** turn, depth + 0.3 * (turn % 4 in (1, 2)))
            for turn in np.repeat(range(9), 2)[1:]
        ]
        walkers.append(Walker(cast.gaits[n % len(cast.gaits)], Way(ends), rng.uniform(0, 1.2 * edge)))
    return walkers


def partners(cast, rng, spot):
    """Two people [Performer] together at a spot [2]."""
    if cast.couples:
        pair = excerpt(cast.couples[rng.integers(len(cast.couples))], rng)
        yaw = rng.uniform(0, 2 * np.pi)
        away = over_floor(pair[0, 1, 0] - pair[0, 0, 0], yaw)
        return [Performer(pair[:, 0], spot - away / 2, yaw), Performer(pair[:, 1], spot + away / 2, yaw)]
    clips = [excerpt(cast.still[n], rng) for n in rng.integers(len(cast.still), size=2)]
    turned = rng.normal(0, 0.4)  # the line between them, from the picture's x axis
    yaws = [turned + side * np.pi / 2 - heading(clip[0]) for side, clip in zip((1, -1), clips, strict=True)]
    line = np.array([np.cos(turned), np.sin(turned)])
    for apart in APART:
        pair = [Performer(c, spot + s * apart / 2 * line, y) for c, s, y in zip(clips, (-1, 1), yaws, strict=True)]
        if gap(*pair) > TOUCH:
            break
    return pair


def excerpt(clip, rng):
    """At most LONGEST frames of a clip."""
    start = rng.integers(max(len(clip) - LONGEST, 0) + 1)
    return clip[start : start + LONGEST]


def gap(a, b):
    """The smallest distance of two performers' joints while either clip lasts, m."""
    nearest = np.inf
    for frame in range(0, max(len(a.clip), len(b.clip)), 3):
        joints = []
        for pose, place, yaw in (a.at(frame), b.at(frame)):
            joints.append(np.column_stack([over_floor(pose - pose[0], yaw) + place, pose[:, 1]]))
        nearest = min(nearest, np.linalg.norm(joints[0][:, None] - joints[1][None], axis=-1).min())
    return nearest


KINDS = {scene.__name__: scene for scene in (crossing, absence, walk, moving, crowd, close, furnished, desk)}
