"""Identities of the scene. They go on where the top-down branch loses a person whom the bottom-up branch still finds.

A person whom the top-down branch tracks has the identity of that track. A person whom only the bottom-up branch finds
is matched with the people of the frames before, here. So a person keeps one identity when one branch takes over from
the other.
"""

import msgspec
import numpy as np

from duopose.nodes.tracking import MIN_AFFINITY, Tracker, Tracks, best_pairs

REMEMBERED = 256  # top-down tracks whose identity is known, at most: enough for any crowd, and memory stays bounded


class Known(msgspec.Struct):
    """All that Identities remember."""

    tracker: Tracks
    of_track: dict[int, int]
    bottom_up_only: set[int]


class Identities:
    """`first` is the first identity given out."""

    def __init__(self, first=1):
        self.tracker = Tracker(first)
        self.of_track = {}  # top-down identity -> identity in the scene; the last one seen comes last
        self.bottom_up_only = set()  # identities of people whom only the bottom-up branch found when last seen

    @property
    def memory(self):
        """Known: what other Identities have to be given to go on as these."""
        return Known(self.tracker.memory, self.of_track, self.bottom_up_only)

    @memory.setter
    def memory(self, known):
        self.tracker.memory = known.tracker
        self.of_track, self.bottom_up_only = known.of_track, known.bottom_up_only

    def begin_anew(self):
        """As Tracker.begin_anew."""
        self.tracker.begin_anew()
        self.of_track, self.bottom_up_only = {}, set()

    def step(self, stamp, tracks, found):
        """Identities of everyone.

        stamp   s, media time
        tracks  int [T]   top-down identities of the first T people
        found   Found of N >= T people
        ->      int32 [N]
        """
        self.tracker.forget(stamp)
        self.bottom_up_only &= self.tracker.tracks.keys()
        ids = [self.of_track.get(track, 0) for track in tracks.tolist()] + [0] * (len(found.scores) - len(tracks))
        new = [index for index, identity in enumerate(ids) if identity == 0]
        if new:
            rows, affinity = self.tracker.affinity(stamp, found)
            for row, identity in enumerate(rows):
                if identity in ids:
                    affinity[row] = 0
                elif identity not in self.bottom_up_only:
                    # The top-down tracker knew this person and says that its new tracks are other people.
                    affinity[row, : len(tracks)] = 0
            for row, column in best_pairs(affinity[:, new], MIN_AFFINITY):
                ids[new[column]] = rows[row]
        for index, identity in enumerate(ids):
            ids[index] = identity or self.tracker.new_identity()
            self.tracker.update(ids[index], stamp, found, index, crowded=False)
        self.tracker.last = stamp
        self.bottom_up_only -= set(ids[: len(tracks)])
        self.bottom_up_only |= set(ids[len(tracks) :])
        for track, identity in zip(tracks.tolist(), ids, strict=False):
            self.of_track.pop(track, None)
            self.of_track[track] = identity
        while len(self.of_track) > REMEMBERED:
            del self.of_track[next(iter(self.of_track))]
        return np.array(ids, np.int32)
