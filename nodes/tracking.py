"""Identity: who of the people found in this frame is who of before.

The tracker sees whole, grouped people, not boxes. A track moves on at its own speed until its person is found again;
where it should be, the shape of the pose and the clothes decide together, and the longer a person was out of sight the
more the clothes count. Lives by media time, so a file worked through fast or slowly gives the same identities.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from duopose.kernels.assignment import assign
from duopose.kernels.boxes import iou_matrix
from duopose.kernels.oks import oks_matrix
from duopose.nodes.appearance import likeness

LIVE = 0.35  # s out of sight until a track is lost: lost ones are found again by their clothes and get no crop of their own
FORGET = 2.0  # s out of sight until an identity is given up
FLEETING = 0.3  # s out of sight until a track that was seen less than SETTLED times is given up: it was a flicker
SETTLED = 3  # sightings

CONFIDENT = 0.25  # score from which a person founds a track; weaker ones only carry on a live one
DOUBT = 2.0  # s for which they may, without a confident sighting in between: what never gets clear is no person
STILL = 0.055  # score from which a person counts who can't be watched: 0.39 people an image meet nobody at this score,
#               on photographs where everybody is labelled
PACE = 0.25  # s over which a track's speed is averaged
COAST = 1.0  # s: a lost track slows down as exp(-t / COAST), as people stop and turn
REMEMBER = 1.0  # s over which clothes are averaged
CROWDED = 0.2  # box IoU with anyone else from which clothes are not learned: half of them might be the other's

STRAY = np.full(17, 0.15, np.float32)  # how far a joint may be from where it was expected, as a share of the size
GROW = 2.0  # per s out of sight: how that grows
SHAPE, EXTENT = 0.6, 0.4  # what similarity of joints and box IoU weigh in being near
LOOKS = 0.25, 0.5  # what clothes weigh against being near: just seen, and after a second or with someone else close by
NEAR = 0.05  # nearness below which nothing else counts
ALIKE = 0.4  # likeness of clothes below which a lost track isn't taken up again
AFFINITY = 0.3  # below it two sightings are not the same person


class Found(NamedTuple):
    """The people of one frame, without identity."""

    coco: np.ndarray  # float32 [N, 17, 3], COCO17: x, y pixels, score; 0 = missing
    boxes: np.ndarray  # float32 [N, 4], pixels: x, y, width, height
    scores: np.ndarray  # float32 [N]
    looks: np.ndarray | None = None  # float32 [N, 2, BINS], see appearance.py; None = go by position alone


@dataclass
class Track:
    """One person: as last seen, and how they moved."""

    coco: np.ndarray  # float32 [17, 3]
    box: np.ndarray  # float32 [4]
    score: float
    looks: np.ndarray | None
    seen: float  # s, stamp of the last sighting
    confident: float  # s, stamp of the last sighting that would have founded a track
    velocity: np.ndarray  # float32 [2], pixels a second
    sightings: int = 1
    clear: bool = False  # whether the clothes were seen with nobody else in front of them

    def shift(self, stamp):
        """How far the person should have come since they were last seen -> float32 [2], pixels."""
        return self.velocity * (COAST * (1 - np.exp(-max(stamp - self.seen, 0.0) / COAST)))


def moved(coco, boxes, shifts):
    """Joints [N, 17, 3] and boxes [N, 4], each person moved by their shift [N, 2] in pixels; missing joints stay 0."""
    coco, boxes = coco.copy(), boxes.copy()
    coco[..., :2] += shifts[:, None] * (coco[..., 2:] > 0)
    boxes[:, :2] += shifts
    return coco, boxes


def pair(affinity, least):
    """Pairs (row, column) of the best one-to-one assignment of [N, M] affinities, those below `least` left out."""
    allowed = np.where(affinity >= least, affinity, 0.0).astype(np.float64, order="C")
    return [(i, j) for i, j in enumerate(assign(-allowed).tolist()) if j >= 0 and allowed[i, j] > 0]


class Tracker:
    """The tracks of everyone in view or just out of sight.

    first      the first identity given out
    confident  score from which a person founds a track; None = CONFIDENT
    """

    def __init__(self, first=1, confident=None):
        self.confident = CONFIDENT if confident is None else confident
        self.tracks = {}  # identity -> Track
        self.next_id = first

    def expect(self, stamp, within):
        """Where the people last seen within so many seconds should be now -> identities, joints [T, 17, 3], boxes [T, 4]."""
        ids = [i for i, track in self.tracks.items() if stamp - track.seen <= within]
        if not ids:
            return ids, np.zeros((0, 17, 3), np.float32), np.zeros((0, 4), np.float32)
        tracks = [self.tracks[i] for i in ids]
        shifts = np.stack([track.shift(stamp) for track in tracks])
        return ids, *moved(
            np.stack([track.coco for track in tracks]), np.stack([track.box for track in tracks]), shifts
        )

    def affinity(self, stamp, found):
        """Identities of all tracks, and how well each agrees with everyone found -> list of T, float [T, N], 0 = not the same."""
        ids, coco, boxes = self.expect(stamp, np.inf)
        if not ids or not len(found.scores):
            return ids, np.zeros((len(ids), len(found.scores)))
        away = np.array([max(stamp - self.tracks[i].seen, 0.0) for i in ids])
        size = np.sqrt(boxes[:, 2] * boxes[:, 3]) * (1 + GROW * away)
        near = SHAPE * oks_matrix(coco, found.coco, size.astype(np.float32), STRAY) + EXTENT * iou_matrix(
            boxes, found.boxes
        )
        if found.looks is None:
            return ids, near * (near >= NEAR)
        alike = likeness(np.stack([self.tracks[i].looks for i in ids]), found.looks)
        unsure = np.maximum(np.minimum(away, 1.0), (iou_matrix(boxes, boxes) > CROWDED).sum(1) > 1)
        clear = np.array([self.tracks[i].clear for i in ids])
        weight = (clear * (LOOKS[0] + (LOOKS[1] - LOOKS[0]) * unsure))[:, None]
        possible = (near >= NEAR) & ((alike >= ALIKE) | (~clear | (away <= LIVE))[:, None])
        return ids, ((1 - weight) * near + weight * alike) * possible

    def match(self, stamp, found):
        """{index of a person: identity} for everyone who is recognised: the live tracks first, then those out of sight."""
        ids, affinity = self.affinity(stamp, found)
        live = np.array([stamp - self.tracks[i].seen <= LIVE for i in ids], bool)
        clear = live & np.array([stamp - self.tracks[i].confident <= DOUBT for i in ids], bool)
        confident = found.scores >= self.confident
        pairs = {}
        for tracks, people in ((live, confident), (clear, ~confident), (~live, confident)):
            rows = [row for row in np.flatnonzero(tracks) if ids[row] not in pairs.values()]
            columns = [column for column in np.flatnonzero(people) if column not in pairs]
            for i, j in pair(affinity[np.ix_(rows, columns)], AFFINITY):
                pairs[int(columns[j])] = ids[rows[i]]
        return pairs

    def observe(self, identity, stamp, found, index, crowded):
        """Person `index` of this frame is this identity. `crowded`: someone overlaps, so the clothes aren't learned."""
        coco, box, score = found.coco[index], found.boxes[index], float(found.scores[index])
        looks = None if found.looks is None else found.looks[index]
        old = self.tracks.get(identity)
        if old is None:
            still = np.zeros(2, np.float32)
            self.tracks[identity] = Track(coco, box, score, looks, stamp, stamp, still, clear=not crowded)
            return
        passed = max(stamp - old.seen, 1e-3)
        both = (coco[:, 2] > 0) & (old.coco[:, 2] > 0)
        if both.sum() >= 3:
            way = np.median(coco[both, :2] - old.coco[both, :2], axis=0)
        else:
            way = (box[:2] + box[2:] / 2) - (old.box[:2] + old.box[2:] / 2)
        keep = np.exp(-passed / PACE) if old.sightings > 1 else 0.0
        velocity = (keep * old.velocity + (1 - keep) * way / passed).astype(np.float32)
        if looks is not None:
            # Clothes that were only seen in a crowd may be another's: they are learned anew as soon as they can be.
            keep = float(old.clear) if crowded == old.clear else np.exp(-passed / REMEMBER)
            shown = looks.sum(-1, keepdims=True) > 0
            known = old.looks.sum(-1, keepdims=True) > 0
            looks = np.where(known, np.where(shown, keep * old.looks + (1 - keep) * looks, old.looks), looks)
            looks = looks.astype(np.float32)
        confident = stamp if score >= self.confident else old.confident
        seen_clear = old.clear or not crowded
        self.tracks[identity] = Track(
            coco, box, score, looks, stamp, confident, velocity, old.sightings + 1, seen_clear
        )

    def found_new(self):
        """A new identity."""
        self.next_id += 1
        return self.next_id - 1

    def forget(self, stamp):
        """Give up the identities of those who have been out of sight for too long."""
        for identity, track in list(self.tracks.items()):
            if stamp - track.seen > (FORGET if track.sightings >= SETTLED else FLEETING):
                del self.tracks[identity]

    def step(self, stamp, found):
        """Identities of everyone found -> int32 [N]; 0 = recognised by nobody and too unsure to be someone new."""
        self.forget(stamp)
        pairs = self.match(stamp, found)
        if len(found.scores):
            overlap = iou_matrix(found.boxes, found.boxes)
            crowded = (overlap > CROWDED).sum(1) > 1
        for index in range(len(found.scores)):
            if index not in pairs and found.scores[index] >= self.confident:
                pairs[index] = self.found_new()
            if index in pairs:
                self.observe(pairs[index], stamp, found, index, crowded[index])
        return np.array([pairs.get(index, 0) for index in range(len(found.scores))], np.int32)
