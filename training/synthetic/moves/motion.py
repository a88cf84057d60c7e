"""Captured poses to draw from: single people and couples, faulty frames left out.

The files of a folder, all but the first may be missing: train.npz or val.npz, train_extra.npz, pairs.npz hold joints
(`pos` int16 [F, 17, 3] or [F, 2, 17, 3] times `scale`: body17 in metres, y up; clip i = frames start[i] : start[i] +
length[i]), rotations_train.npz holds joint rotations (rotations.py). A take that is in several is read from the one
that says most about it.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from duopose.stream.skeleton import BODY_MIRROR, BODY_PARENTS
from duopose.training.synthetic.moves.postures import LOW_SHARE, low
from duopose.training.synthetic.moves.retarget import faulty
from duopose.training.synthetic.moves.rotations import (
    Skeleton,
    jerky,
    joints_of,
    matrices,
    mirrored_rotations,
    skeleton_of,
    world,
)

FILES = {"train": ("train_extra.npz", "rotations_train.npz", "train.npz"), "val": ("val.npz",)}


class Capture(NamedTuple):
    """A captured pose."""

    joints: np.ndarray  # float [17, 3]                  body17, m, y up, floor at 0
    rotations: np.ndarray | None = None  # [J, 3, 3]     world rotations of the joints of `skeleton`, where captured
    skeleton: Skeleton | None = None

    def mirrored(self):
        """The other-handed pose."""
        turned = None if self.rotations is None else mirrored_rotations(self.rotations, self.skeleton)
        return self._replace(joints=mirrored(self.joints), rotations=turned)


class Motion:
    """Clips of one split of a folder, without their faulty frames; `couples` is empty for val.

    clips, actions, quaternions   for each clip float32 [T, 17, 3], what CMU says of it, and [T, J, 4] or None
    """

    def __init__(self, folder, split="train"):
        self.folder, self.skeleton = Path(folder), None
        self.clips, self.actions, self.quaternions = [], [], []
        names = set()
        for file in FILES[split]:
            if not (self.folder / file).exists() and file != f"{split}.npz":
                continue
            data = np.load(self.folder / file)
            read = self.turned_takes if "quat_wxyz" in data else placed_takes
            here = set()
            for title, action, clip, quaternions in read(data):
                if title not in names and len(clip):
                    self.clips.append(clip)
                    self.actions.append(action)
                    self.quaternions.append(quaternions)
                    here.add(title)
            names |= here | ({str(title) for title in data["replaces"]} if "replaces" in data else set())
        # The square root keeps the few long dances from ruling.
        self.odds = odds(self.clips)
        lows = [np.flatnonzero(low(clip)) for clip in self.clips]
        self.lows = [(clip, rows) for clip, rows in enumerate(lows) if len(rows)]
        self.low_odds = odds([rows for _, rows in self.lows])
        pairs = self.folder / "pairs.npz"
        couples = clips_of(np.load(pairs)) if split == "train" and pairs.exists() else []
        sound = [pair[~faulty(pair).any(1)] for pair in couples]
        self.couples = [pair for pair in sound if len(pair)]
        self.couple_odds = odds(self.couples)

    def turned_takes(self, data):
        """Yields (name, action, joints, quaternions) of the takes in a file of rotations, in the size of train.npz."""
        self.skeleton = skeleton_of(data)
        train = np.load(self.folder / "train.npz")
        sizes = {str(name): size_of(clip) for name, clip in zip(train["name"], clips_of(train), strict=True)}
        unit = None
        for start, length, name, action in zip(
            data["start"], data["length"], data["name"], data["action"], strict=True
        ):
            part = slice(start, start + length)
            local = matrices(data["quat_wxyz"][part])
            joints = joints_of(world(local, self.skeleton.parents), data["root_pos"][part], self.skeleton)
            unit = unit or size_of(joints)
            joints = (joints * (sizes.get(str(name), unit) / unit)).astype(np.float32)
            sound = ~(jerky(local) | faulty(joints))
            yield str(name), str(action), joints[sound], data["quat_wxyz"][part][sound]

    def capture(self, clip, frame):
        joints, quaternions = self.clips[clip][frame], self.quaternions[clip]
        if quaternions is None:
            return Capture(joints)
        return Capture(joints, world(matrices(quaternions[frame]), self.skeleton.parents), self.skeleton)

    def pose(self, rng, clip=None):
        """A Capture, of one clip if its number is given, else now and then one who sits, crouches or lies; half of them
        mirrored."""
        if clip is None and len(self.lows) and rng.random() < LOW_SHARE:
            clip, rows = self.lows[rng.choice(len(self.lows), p=self.low_odds)]
            frame = rows[rng.integers(len(rows))]
        else:
            clip = rng.choice(len(self.clips), p=self.odds) if clip is None else clip
            frame = rng.integers(len(self.clips[clip]))
        pose = self.capture(clip, frame)
        return pose.mirrored() if rng.random() < 0.5 else pose

    def couple(self, rng):
        """Two Captures of one moment in one world."""
        chosen = self.couples[rng.choice(len(self.couples), p=self.couple_odds)]
        pair = chosen[rng.integers(len(chosen))]
        return [Capture(joints) for joints in (mirrored(pair) if rng.random() < 0.5 else pair)]


def placed_takes(data):
    """Yields (name, action, joints, None) of the takes in a file of joints."""
    for clip, title, action in zip(clips_of(data), data["name"], data["action"], strict=True):
        yield str(title), str(action), clip[~faulty(clip)], None


def clips_of(data):
    positions = data["pos"]
    return [
        positions[start : start + length].astype(np.float32) * data["scale"]
        for start, length in zip(data["start"], data["length"], strict=True)
    ]


def size_of(clip):
    """Summed length of the bones of a clip [T, 17, 3], m."""
    return float(np.linalg.norm(clip[:, 1:] - clip[:, BODY_PARENTS[1:]], axis=-1).mean(0).sum())


def odds(clips):
    weight = np.sqrt([len(clip) for clip in clips])
    return weight / weight.sum()


def mirrored(joints):
    """The other-handed pose: left and right exchanged and x negated."""
    return joints[..., BODY_MIRROR, :] * np.array([-1, 1, 1], np.float32)
