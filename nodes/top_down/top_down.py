"""Joints and identities: boxes -> crops -> heatmaps and tags of all people there -> grouping -> tracks (paper 3.1)."""

import numpy as np

from duopose.nodes.cues import appearance
from duopose.nodes.top_down import crops
from duopose.nodes.top_down.agreement import agree_over_views, mirror_boxes, mirror_people
from duopose.nodes.top_down.look import Look
from duopose.nodes.top_down.resting import resting
from duopose.nodes.tracking import ACTIVE, CONFIDENT_STILL, Found, Tracker
from duopose.stream.messages import Effort, People, empty

EVERYTHING = Effort()
NOBODY = Found(np.zeros((0, 17, 3), np.float32), np.zeros((0, 4), np.float32), np.zeros(0, np.float32))


def prepare(network, crop=0):
    """The network, compiled for the usual numbers of crops of the size of that number."""
    width, height = crops.SIZES[crop]
    for count in (1, 2, crops.BATCH):
        network.prepare((count, height, width, 3))
    return network


class TopDown:
    """Joints and identities of everyone. Knows nothing of sockets.

    network     crops uint8 [B, H, W, 3] -> heatmaps, tags [B, 17, H / 4, W / 4]
    max_people  people at most
    """

    def __init__(self, network, max_people):
        self.network = network
        self.max_people = max_people
        self.tracker = None
        self.look = Look()

    def wants(self, boxes):
        """Whether anybody may be in the frame of these Boxes; of others it needs no pixels."""
        return len(boxes.boxes) > 0 or (
            self.tracker is not None and len(self.tracker.predict(boxes.frame.stamp, ACTIVE)[0]) > 0
        )

    def step(self, image, boxes):
        """image uint8 [H, W, 3] RGB (None: not wanted), Boxes of that frame -> People."""
        frame = boxes.frame
        if self.tracker is None or frame.still:
            # After a restart the frame's number comes next, so that no identity of before the restart comes twice.
            self.tracker = Tracker(1, CONFIDENT_STILL) if frame.still else Tracker(first=frame.number + 1)
        self.tracker.fit(frame.width, frame.height)
        if not self.wants(boxes):
            self.tracker.step(frame.stamp, NOBODY)
            self.look = Look() if boxes.fresh else self.look
            return empty(People, frame)
        rest = resting(self.tracker, frame)
        chosen = self.choose_crops(boxes, rest)
        people = self.find_people(image, chosen.boxes, effort=frame.effort)
        people = people[~rest.are(people)]
        if frame.still:
            people = self.confirm(image, people)
        found = crops.assign_boxes(people, chosen, frame.width, frame.height)
        found = found._replace(appearance=appearance.describe(image, found.coco, found.boxes))
        ids, everyone = rest.join(self.tracker.step(frame.stamp, found, rest.ids), found)
        if boxes.fresh:
            self.look = Look(boxes.boxes, boxes.scores, ids, everyone.boxes)
        order = np.argsort(-everyone.scores, kind="stable")
        order = order[ids[order] > 0][: self.max_people]
        predicted = tuple(ids[order[order >= len(found.scores)]].tolist())
        return People(frame, ids[order], everyone.scores[order], everyone.boxes[order], everyone.coco[order], predicted)

    def choose_crops(self, boxes, rest):
        """The crops for these Boxes and for the active tracks, without those of who rests -> Crops."""
        ids, _, predicted = self.tracker.predict(boxes.frame.stamp, ACTIVE)
        awake = [number for number, identity in enumerate(ids) if identity not in rest.ids]
        ids, predicted = [ids[number] for number in awake], predicted[awake]
        scores = np.array([self.tracker.tracks[identity].score for identity in ids], np.float32)
        wanted = ~rest.have(boxes.boxes)
        if not boxes.fresh:
            wanted &= self.look.strangers(boxes.boxes)
        return crops.choose_crops(
            boxes.boxes[wanted], boxes.scores[wanted], boxes.fresh, predicted,
            crops.Tracked(scores, *self.look.tracks(ids)), self.max_people,
        )  # fmt: skip

    def find_people(self, image, boxes, enlarge=None, effort=EVERYTHING):
        """Everyone in the enlarged boxes [M, 4], each once -> float32 [N, 17, 3], COCO17.

        enlarge   how much; None = as the size of the crops wants it
        """
        number = min(effort.crop, len(crops.SIZES) - 1)
        enlarge = enlarge or crops.ENLARGED[number]
        cut = crops.share_crops(boxes, effort.share, enlarge)
        people, which = crops.detect_in_crops(
            self.network, image, cut, boxes, enlarge=enlarge, size=crops.SIZES[number]
        )
        return crops.merge_people(people, which, cut, enlarge)

    def confirm(self, image, people):
        """The people [N, 17, 3] of a still that are large enough, their joints where several views agree."""
        height, width = image.shape[:2]
        extents = crops.clip_boxes(crops.extents(people), width, height)
        shown = extents[:, 2:].min(1) >= crops.SMALLEST
        mirror_image = np.ascontiguousarray(image[:, ::-1])

        def view(boxes, enlarge, mirrored):
            if mirrored:
                return mirror_people(self.find_people(mirror_image, mirror_boxes(boxes, width), enlarge), width)
            return self.find_people(image, boxes, enlarge)

        return agree_over_views(view, people[shown], extents[shown])
