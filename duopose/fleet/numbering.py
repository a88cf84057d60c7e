"""Numbers that go on: a camera's run may be started again, there or elsewhere, and counts from 0 each time.

Who follows the camera sees one sequence: no number of a frame comes twice, time does not go back, and nobody is taken
for someone who had the same identity in an earlier run.
"""

import copy

import msgspec
import numpy as np


class Numbering:
    """Of one camera. A life is one run of it, from its start to its end, as whoever started it calls it."""

    def __init__(self):
        self.life, self.past = None, set()
        self.last, self.stamp, self.identity = -1, 0.0, 0  # of what was given out: frame, s, the highest identity
        self.heard_at = None  # s, time.monotonic()
        self.added = 0, 0.0, 0  # to frame number, stamp and identity in this life

    def continued(self, scene, life, now):
        """The scene as the next one of its camera; None for one that came before, or from a life that is over.

        now   s, time.monotonic()
        """
        if life != self.life:
            if life in self.past:
                return None
            self._begin(life, scene.frame, now)
        numbers, seconds, identities = self.added
        frame = msgspec.structs.replace(
            scene.frame, number=scene.frame.number + numbers, stamp=scene.frame.stamp + seconds
        )
        if frame.number <= self.last:
            return None
        ids = np.where(scene.ids > 0, scene.ids + identities, scene.ids).astype(scene.ids.dtype)
        self.last, self.stamp, self.heard_at = frame.number, frame.stamp, now
        self.identity = max([self.identity, *ids.tolist()])
        return msgspec.structs.replace(scene, frame=frame, ids=ids)

    def renamed(self, other):
        """What goes on under another name, above all numbers that `other` gave out under it (None: there are none)."""
        new = copy.copy(self)
        new.past = set(self.past)
        if other is not None:
            frames, people = max(other.last - self.last, 0), max(other.identity - self.identity, 0)
            new.last, new.identity = self.last + frames, self.identity + people
            new.added = self.added[0] + frames, self.added[1], self.added[2] + people
        return new

    def _begin(self, life, frame, now):
        if self.life is not None:
            self.past.add(self.life)
            gap = now - self.heard_at
            self.added = self.last + 1 - frame.number, self.stamp + gap - frame.stamp, self.identity
        self.life = life
