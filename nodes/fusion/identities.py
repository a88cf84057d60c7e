"""Identities of the scene, for people whom the top-down branch tracks and for people whom only the bottom-up branch sees.

A person keeps one identity when the top-down branch loses them while the bottom-up branch still sees them, and when it
finds them later.
"""

import numpy as np

from duopose.nodes.tracking import AFFINITY, Tracker, pair

REMEMBERED = 256  # top-down tracks whose identity is known, at most: enough for any crowd, and it can't grow for ever


class Identities:
    """`first` is the first identity given out."""

    def __init__(self, first=1):
        self.tracker = Tracker(first)
        self.of_track = {}  # top-down identity -> identity in the scene; last seen last
        self.alone = set()  # identities that only the bottom-up branch saw when last seen

    def step(self, stamp, tracks, found):
        """Identities of everyone.

        stamp   s, media time
        tracks  int [T]   top-down identities of the first T people
        found   Found of N >= T people
        ->      int32 [N]
        """
        self.tracker.forget(stamp)
        self.alone &= self.tracker.tracks.keys()
        ids = [self.of_track.get(track, 0) for track in tracks.tolist()] + [0] * (len(found.scores) - len(tracks))
        new = [index for index, identity in enumerate(ids) if identity == 0]
        if new:
            rows, affinity = self.tracker.affinity(stamp, found)
            for row, identity in enumerate(rows):
                if identity in ids:
                    affinity[row] = 0
                elif (
                    identity not in self.alone
                ):  # the top-down tracker knew them too, and says that this is someone new
                    affinity[row, : len(tracks)] = 0
            for row, column in pair(affinity[:, new], AFFINITY):
                ids[new[column]] = rows[row]
        for index, identity in enumerate(ids):
            ids[index] = identity or self.tracker.found_new()
            self.tracker.observe(ids[index], stamp, found, index, crowded=False)
        self.alone -= set(ids[: len(tracks)])
        self.alone |= set(ids[len(tracks) :])
        for track, identity in zip(tracks.tolist(), ids, strict=False):
            self.of_track.pop(track, None)
            self.of_track[track] = identity
        while len(self.of_track) > REMEMBERED:
            del self.of_track[next(iter(self.of_track))]
        return np.array(ids, np.int32)
