"""Identity: who of the people found in this frame is who of the frames before.

The tracker sees whole, grouped people, not boxes. It predicts where each tracked person should be now, and compares
that with the people found: by the joints, the box and the appearance (the colours of the clothes). The longer a person
was out of sight, the more the appearance counts. Before somebody is new, a track that ended near by is looked for
(`cues/reach.py`), and nobody is new whose box is that of somebody known. Time is media time, so a file gives the same
identities however fast it is processed.

Two times are told apart. How far somebody may have moved depends on the time since they were seen. Whether they left
depends on the time in which the camera could have shown them and did not: of the time between two frames, in which it
shows nothing, only STEP counts. So a camera of one frame a second loses nobody from frame to frame.

Long because each constant stands here with what it changes.
"""

from dataclasses import dataclass
from typing import NamedTuple

import msgspec
import numpy as np

from duopose.kernels.assignment import assign
from duopose.kernels.boxes import iou_matrix
from duopose.kernels.oks import oks_matrix
from duopose.nodes.cues.appearance import likeness
from duopose.nodes.cues.reach import within_reach

# Notes in brackets: what changes at 0.7 and 1.4 times the value (docs/experiments.md, Thresholds).
# A track is active while its person was seen a moment ago, then lost, then deleted.
ACTIVE = 0.35  # s out of sight until a track is lost: it gets no crop of its own any more [0.7: IDF1 -4; 1.4: +4]
FORGET = 2.0  # s out of sight until a track is deleted: people leave and come back [0.7: IDF1 -4; 1.4: none]
STEP = 0.1  # s, most that the time between two frames counts as out of sight: at 10 frames/s and more all of it does
# s between two frames after which everybody is somebody new: the camera was away, and who is there now may be others.
# One lost frame of a camera of 1 frame/s is no such gap.
GAP = 3.0
# Rules against false detections, which last a few frames or never become clear. [none in these clips, nor without them]
FORGET_TENTATIVE = 0.3  # s out of sight until a track is deleted that is not confirmed
CONFIRMED = 3  # sightings from which a track is confirmed
MAX_UNSURE = 2.0  # s for which a track may be continued without a confident sighting

# Score from which a person starts a track or takes up a lost one; others only continue an active one.
CONFIDENT = 0.25  # [0.7: 9 more false people in 100 frames; 1.4: small]
# Score from which a person in a still counts: 0.39 false people a picture (`evaluate people2d`). [0.7: 14 more in 100;
# 1.4: 17 fewer, but people2d finds fewer people and OKS-AP falls: docs/experiments.md, More looks]
CONFIDENT_STILL = 0.055
# Box IoU with somebody known from which nobody is new, but the known one found twice: the detector itself never gives
# two such boxes (detection.MAX_IOU). [0.7: found -0.1; 1.4: small]
SAME_BOX = 0.5

VELOCITY_TIME = 0.25  # s, time constant of the mean of a track's velocity [both: 3 more false people in 100 frames]
COAST = 1.0  # s: a lost track's velocity falls as exp(-t / COAST), because people stop and turn [IDF1 0.7: +2; 1.4: -3]
APPEARANCE_TIME = 1.0  # s, time constant of the mean of a track's appearance, as light and pose change it [none]
# Box IoU with another person from which the appearance is not learned, because it may be the other's. [0.7: none; 1.4:
# small; learned always: IDF1 -20 on the two crowded clips]
CROWDED = 0.2

# sigma of the OKS between predicted and found joints, as a share of the size. [IDF1 -1 both ways]
JOINT_SIGMA = np.full(17, 0.15, np.float32)
SIGMA_GROWTH = 2.0  # 1 / s: each second out of sight adds so many times the size to the size [IDF1 0.7: -4; 1.4: -1]
POSE_WEIGHT, BOX_WEIGHT = 0.6, 0.4  # of OKS and of box IoU in the nearness; their sum is 1 [IDF1 from -4 to +3]
# Of appearance against nearness: of who was just seen; after 1 s, or if tracks overlap. [IDF1 0.7: -4; 1.4: -1.5]
APPEARANCE_WEIGHT = 0.25, 0.5
MIN_NEARNESS = 0.05  # below it nobody is the same person: appearance alone must not join people far apart [none]
MIN_LIKENESS = 0.4  # likeness below which a lost track is not taken up: other clothes (test_appearance.py) [none]
SAME_SHAPE = 0.02  # share by which width / height may differ where pictures of two sizes show the same: rounding
MIN_AFFINITY = 0.3  # below it nobody is the same person [0.7: 5 more false people in 100 frames; 1.4: small]


class Found(NamedTuple):
    """The people of one frame, without identity."""

    coco: np.ndarray  # float32 [N, 17, 3], COCO17: x, y pixels, score; 0 = missing
    boxes: np.ndarray  # float32 [N, 4], pixels: x, y, width, height
    scores: np.ndarray  # float32 [N]
    appearance: np.ndarray | None = None  # float32 [N, 2, BINS], cues/appearance.py; None = only the position counts


@dataclass
class Track:
    """One person: as last seen, and how they moved."""

    coco: np.ndarray  # float32 [17, 3]
    box: np.ndarray  # float32 [4]
    score: float
    appearance: np.ndarray | None
    seen: float  # s, stamp of the last sighting
    confident: float  # s, stamp of the last sighting with a score of at least CONFIDENT
    velocity: np.ndarray  # float32 [2], pixels a second
    sightings: int = 1
    clear: bool = False  # whether the appearance was ever seen while nobody else overlapped

    def shift(self, stamp):
        """How far the person should have moved since the last sighting -> float32 [2], pixels."""
        return self.velocity * (COAST * (1 - np.exp(-max(stamp - self.seen, 0.0) / COAST)))


class Tracks(msgspec.Struct):
    """All that a Tracker remembers."""

    tracks: dict[int, Track]  # by identity
    next_id: int
    last: float  # s, stamp of the frame before
    size: tuple[int, int] | None  # width, height of the pictures, pixels


def shift_people(coco, boxes, shifts):
    """Joints [N, 17, 3] and boxes [N, 4], each person moved by a shift [N, 2] in pixels; missing joints stay 0."""
    coco, boxes = coco.copy(), boxes.copy()
    coco[..., :2] += shifts[:, None] * (coco[..., 2:] > 0)
    boxes[:, :2] += shifts
    return coco, boxes


def best_pairs(affinity, least):
    """Pairs (row, column) of the best one-to-one assignment of [N, M] affinities, without those below `least`."""
    allowed = np.where(affinity >= least, affinity, 0.0).astype(np.float64, order="C")
    return [(i, j) for i, j in enumerate(assign(-allowed).tolist()) if j >= 0 and allowed[i, j] > 0]


def are_crowded(boxes):
    """Whose box somebody else's overlaps: what is seen there may be the other's -> bool [N]."""
    return (iou_matrix(boxes, boxes) > CROWDED).sum(1) > 1


class Tracker:
    """The tracks of everyone who is in view or was a moment ago.

    first      the first identity given out
    confident  score from which a person starts a track; None = CONFIDENT
    """

    def __init__(self, first=1, confident=None):
        self.confident = CONFIDENT if confident is None else confident
        self.tracks = {}  # identity -> Track
        self.next_id = first
        self.last = -np.inf  # s, stamp of the frame before
        self.size = None  # width, height of the pictures, pixels

    @property
    def memory(self):
        """Tracks: what another tracker has to be given to go on as this one."""
        return Tracks(self.tracks, self.next_id, self.last, self.size)

    @memory.setter
    def memory(self, kept):
        self.tracks, self.next_id, self.last, self.size = kept.tracks, kept.next_id, kept.last, kept.size

    def begin_anew(self):
        """Nobody is known any more, and time may be another; but no identity is given twice."""
        self.tracks, self.last = {}, -np.inf

    def fit(self, width, height):
        """The pictures have this size. If it was another one, tracks are scaled; if the shape was another, deleted."""
        if self.size not in (None, (width, height)):
            scale = np.divide((width, height), self.size).astype(np.float32)
            if abs(scale[0] / scale[1] - 1) > SAME_SHAPE:  # the camera shows something else now
                self.tracks.clear()
            for track in self.tracks.values():
                track.coco = track.coco * np.append(scale, np.float32(1))
                track.box, track.velocity = track.box * np.tile(scale, 2), track.velocity * scale
        self.size = width, height

    def out_of_sight(self, stamp, since):
        """How long the frames up to `stamp` have not shown somebody who was last seen at `since`, in s."""
        return stamp - since - max(stamp - self.last - STEP, 0.0)

    def predict(self, stamp, within):
        """Where the people who were out of sight for so many seconds at most should be now.

        -> identities (list of T), joints [T, 17, 3], boxes [T, 4]
        """
        ids = [i for i, track in self.tracks.items() if self.out_of_sight(stamp, track.seen) <= within]
        if not ids:
            return ids, np.zeros((0, 17, 3), np.float32), np.zeros((0, 4), np.float32)
        tracks = [self.tracks[i] for i in ids]
        shifts = np.stack([track.shift(stamp) for track in tracks])
        coco, boxes = np.stack([track.coco for track in tracks]), np.stack([track.box for track in tracks])
        return ids, *shift_people(coco, boxes, shifts)

    def affinity(self, stamp, found):
        """How likely each track and each person found are the same.

        -> identities of all tracks (list of T), float [T, N]; 0 = not the same
        """
        ids, coco, boxes = self.predict(stamp, np.inf)
        if not ids or not len(found.scores):
            return ids, np.zeros((len(ids), len(found.scores)))
        unseen = np.array([max(stamp - self.tracks[i].seen, 0.0) for i in ids])  # s
        active = np.array([self.out_of_sight(stamp, self.tracks[i].seen) <= ACTIVE for i in ids])
        size = np.sqrt(boxes[:, 2] * boxes[:, 3]) * (1 + SIGMA_GROWTH * unseen)
        oks = oks_matrix(coco, found.coco, size.astype(np.float32), JOINT_SIGMA)
        near = POSE_WEIGHT * oks + BOX_WEIGHT * iou_matrix(boxes, found.boxes)
        if found.appearance is None:
            return ids, near * (near >= MIN_NEARNESS)
        alike = likeness(np.stack([self.tracks[i].appearance for i in ids]), found.appearance)
        unsure = np.maximum(np.minimum(unseen, 1.0), are_crowded(boxes))
        clear = np.array([self.tracks[i].clear for i in ids])
        weight = (clear * (APPEARANCE_WEIGHT[0] + (APPEARANCE_WEIGHT[1] - APPEARANCE_WEIGHT[0]) * unsure))[:, None]
        possible = (near >= MIN_NEARNESS) & ((alike >= MIN_LIKENESS) | (~clear | active)[:, None])
        return ids, ((1 - weight) * near + weight * alike) * possible

    def recovery(self, stamp, found):
        """How likely each track goes on with each person found who is on none -> float [T, N]; 0 = not the same."""
        tracks = list(self.tracks.values())
        ends, shifts = np.stack([track.box for track in tracks]), np.stack([track.shift(stamp) for track in tracks])
        unseen = np.array([max(stamp - track.seen, 0.0) for track in tracks])
        near = within_reach(ends, shifts, unseen, found.boxes, self.size[0] if self.size else np.inf)
        if found.appearance is None:
            return near
        alike = likeness(np.stack([track.appearance for track in tracks]), found.appearance)
        known = np.array([track.clear for track in tracks])[:, None] & ~are_crowded(found.boxes)
        active = np.array([self.out_of_sight(stamp, track.seen) <= ACTIVE for track in tracks])[:, None]
        # Clothes that somebody overlaps say nothing. Then the place decides, of who was seen a moment ago.
        return near * np.where(known, alike * (alike >= MIN_LIKENESS), MIN_LIKENESS * active)

    def match(self, stamp, found, resting=()):
        """{index of a person: identity} of everyone who belongs to a track.

        First all tracks take the confident people, then the active ones take the others (as in ByteTrack, Zhang et
        al. 2022). Last, a confident person whom no track has taken goes on with one that ended near by. A track whose
        person rests has not ended.
        """
        ids, affinity = self.affinity(stamp, found)
        unseen = [self.out_of_sight(stamp, self.tracks[i].seen) for i in ids]
        unsure = [self.out_of_sight(stamp, self.tracks[i].confident) for i in ids]
        everyone, confident = np.ones(len(ids), bool), found.scores >= self.confident
        sure = (np.array(unseen) <= ACTIVE) & (np.array(unsure) <= MAX_UNSURE)
        pairs = {}

        def pair(tracks, people, similarity, least):
            rows = [row for row in np.flatnonzero(tracks) if ids[row] not in pairs.values()]
            columns = [column for column in np.flatnonzero(people) if column not in pairs]
            for i, j in best_pairs(similarity[np.ix_(rows, columns)], least):
                pairs[int(columns[j])] = ids[rows[i]]

        pair(everyone, confident, affinity, MIN_AFFINITY)
        pair(sure, ~confident, affinity, MIN_AFFINITY)
        ended = np.array([i not in resting for i in ids], bool)
        if len(pairs) < len(ids) and not set(np.flatnonzero(confident)) <= pairs.keys():
            pair(ended, confident, self.recovery(stamp, found), 0.0)
        return pairs

    def update(self, identity, stamp, found, index, crowded):
        """Person `index` of this frame has this identity, new or known. `crowded`: somebody overlaps the person."""
        coco, box, score = found.coco[index], found.boxes[index], float(found.scores[index])
        appearance = None if found.appearance is None else found.appearance[index]
        old = self.tracks.get(identity)
        if old is None:
            velocity = np.zeros(2, np.float32)
            self.tracks[identity] = Track(coco, box, score, appearance, stamp, stamp, velocity, clear=not crowded)
            return
        passed = max(stamp - old.seen, 1e-3)
        both = (coco[:, 2] > 0) & (old.coco[:, 2] > 0)
        if both.sum() >= 3:  # fewer joints say less than the box
            way = np.median(coco[both, :2] - old.coco[both, :2], axis=0)
        else:
            way = (box[:2] + box[2:] / 2) - (old.box[:2] + old.box[2:] / 2)
        keep = np.exp(-passed / VELOCITY_TIME) if old.sightings > 1 else 0.0
        velocity = (keep * old.velocity + (1 - keep) * way / passed).astype(np.float32)
        if appearance is not None:
            # What was learned while somebody overlapped may be the other's. The first clear sighting replaces it.
            keep = float(old.clear) if crowded == old.clear else np.exp(-passed / APPEARANCE_TIME)
            shown = appearance.sum(-1, keepdims=True) > 0
            known = old.appearance.sum(-1, keepdims=True) > 0
            mean = np.where(shown, keep * old.appearance + (1 - keep) * appearance, old.appearance)
            appearance = np.where(known, mean, appearance).astype(np.float32)
        confident = stamp if score >= self.confident else old.confident
        clear = old.clear or not crowded
        self.tracks[identity] = Track(
            coco, box, score, appearance, stamp, confident, velocity, old.sightings + 1, clear
        )

    def new_identity(self):
        """The next identity."""
        self.next_id += 1
        return self.next_id - 1

    def forget(self, stamp):
        """Delete the tracks that have been out of sight for too long; all of them if the camera was away."""
        for identity, track in list(self.tracks.items()):
            most = FORGET if track.sightings >= CONFIRMED else FORGET_TENTATIVE
            if stamp - self.last > GAP or self.out_of_sight(stamp, track.seen) > most:
                del self.tracks[identity]

    def step(self, stamp, found, resting=()):
        """Identities of everyone found -> int32 [N]; 0 = on no track, and not confident enough to start one.

        resting   identities of the people whom nobody looked at in this frame
        """
        self.forget(stamp)
        pairs = self.match(stamp, found, resting) if len(found.scores) else {}
        if len(found.scores):
            crowded = are_crowded(found.boxes)
            twice = (iou_matrix(found.boxes, found.boxes[list(pairs)]) >= SAME_BOX).any(1)
        for index in range(len(found.scores)):
            if index not in pairs and found.scores[index] >= self.confident and not twice[index]:
                pairs[index] = self.new_identity()
            if index in pairs:
                self.update(pairs[index], stamp, found, index, crowded[index])
        self.last = stamp
        return np.array([pairs.get(index, 0) for index in range(len(found.scores))], np.int32)
