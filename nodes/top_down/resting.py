"""Who rests: where a run can't keep up, each person is looked at in one of some frames and predicted in the others."""

from typing import NamedTuple

import numpy as np

from duopose.kernels.boxes import iou_matrix
from duopose.nodes.extents import clip_boxes
from duopose.nodes.shared_joints import shared_joints
from duopose.nodes.top_down.crops import SAME_BOX, SAME_PERSON, SMALLEST
from duopose.nodes.tracking import ACTIVE, CONFIRMED, Found

LONGEST = 0.2  # s without a look: people turn round in that time, and whom a slow camera shows is never predicted


class Resting(NamedTuple):
    """The people whom nobody looks at in this frame, as their tracks predict them."""

    ids: list
    coco: np.ndarray  # float32 [R, 17, 3]
    boxes: np.ndarray  # float32 [R, 4]
    scores: np.ndarray  # float32 [R], when last seen

    def have(self, boxes):
        """Which boxes [N, 4] are theirs -> bool [N]."""
        return (iou_matrix(boxes, self.boxes) >= SAME_BOX).any(1)

    def are(self, people):
        """Who of the people [N, 17, 3], found in the crop of a neighbour, is one of them -> bool [N]."""
        return shared_joints(people, self.coco, self.boxes).max(1, initial=0) >= SAME_PERSON

    def join(self, ids, found):
        """Identities and Found of those who were looked at -> the same of everyone; appearances are left out."""
        others = [number for number, identity in enumerate(self.ids) if identity not in ids]
        everyone = Found(
            np.concatenate([found.coco, self.coco[others]]),
            np.concatenate([found.boxes, self.boxes[others]]),
            np.concatenate([found.scores, self.scores[others]]),
        )
        return np.concatenate([ids, np.array([self.ids[number] for number in others], np.int32)]), everyone


def resting(tracker, frame):
    """Who rests in this Frame -> Resting. They take turns; who is new does not rest."""
    ids, coco, boxes = tracker.predict(frame.stamp, ACTIVE)
    tracks = [tracker.tracks[identity] for identity in ids]
    boxes = clip_boxes(boxes, frame.width, frame.height)
    rests = [
        number
        for number, track in enumerate(tracks)
        if (number + frame.number) % frame.effort.people
        and track.sightings >= CONFIRMED
        and frame.stamp - track.seen <= LONGEST
        and boxes[number, 2:].min() >= SMALLEST  # who has left the picture is nobody's to predict
    ]
    scores = np.array([tracks[number].score for number in rests], np.float32)
    return Resting([ids[number] for number in rests], coco[rests], boxes[rests], scores)
