"""Captured poses to draw from: single people and couples, faulty frames left out.

The files are the arrays of the CMU collection (train.npz, val.npz, pairs.npz: `pos` int16 [F, 17, 3] or [F, 2, 17, 3] times
`scale`, clip i = frames start[i] : start[i] + length[i]), body17 in metres, y up.
"""

from pathlib import Path

import numpy as np

from stream.skeleton import BODY_MIRROR
from training.synthetic.retarget import faulty

FILES = {"train": ("train.npz", "train_extra.npz"), "val": ("val.npz",)}


class Motion:
    """Clips of one split of a folder, without their faulty frames; `couples` is empty for val."""

    def __init__(self, folder, split="train"):
        self.clips, self.actions, replaced = [], [], set()
        for name in reversed(FILES[split]):
            if not (Path(folder) / name).exists():
                continue
            data = np.load(Path(folder) / name)
            for clip, title, action in zip(clips_of(data), data["name"], data["action"], strict=True):
                clip = clip[~faulty(clip)]
                if str(title) not in replaced and len(clip):
                    self.clips.append(clip)
                    self.actions.append(str(action))
            replaced |= {str(title) for title in data["replaces"]} if "replaces" in data else set()
        pairs = clips_of(np.load(Path(folder) / "pairs.npz")) if split == "train" else []
        sound = [pair[~faulty(pair).any(1)] for pair in pairs]
        self.couples = [pair for pair in sound if len(pair)]
        # The square root keeps the few long dances from ruling.
        self.odds = odds(self.clips)
        self.couple_odds = odds(self.couples) if self.couples else None

    def pose(self, rng, clip=None):
        """A pose float32 [17, 3], of one clip if its number is given, in half of the cases mirrored."""
        chosen = self.clips[rng.choice(len(self.clips), p=self.odds) if clip is None else clip]
        pose = chosen[rng.integers(len(chosen))]
        return mirrored(pose) if rng.random() < 0.5 else pose

    def couple(self, rng):
        """Two poses of one moment [2, 17, 3] in one world."""
        chosen = self.couples[rng.choice(len(self.couples), p=self.couple_odds)]
        pair = chosen[rng.integers(len(chosen))]
        return mirrored(pair) if rng.random() < 0.5 else pair


def clips_of(data):
    positions = data["pos"]
    return [
        positions[start : start + length].astype(np.float32) * data["scale"]
        for start, length in zip(data["start"], data["length"], strict=True)
    ]


def odds(clips):
    weight = np.sqrt([len(clip) for clip in clips])
    return weight / weight.sum()


def mirrored(joints):
    """The other-handed pose: left and right exchanged and x negated."""
    return joints[..., BODY_MIRROR, :] * np.array([-1, 1, 1], np.float32)
