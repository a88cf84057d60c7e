"""Everyone's joints and identity: boxes -> crops -> heatmaps and tags of all people in them -> grouping -> tracks (paper 3.1)."""

import numpy as np

from duopose.nodes import appearance
from duopose.nodes.top_down import crops
from duopose.nodes.top_down.agreement import look_again, mirror_boxes, mirror_people
from duopose.nodes.tracking import LIVE, STILL, Tracker
from duopose.stream.messages import People


def prepare(network):
    """The network, compiled for the usual numbers of crops."""
    for size in (1, 2, crops.BATCH):
        network.prepare((size, crops.HEIGHT, crops.WIDTH, 3))
    return network


class TopDown:
    """Everyone's joints and identity. Knows nothing of sockets.

    network     crops uint8 [B, 256, 192, 3] -> heatmaps, tags [B, 17, 64, 48]
    max_people  people at most
    """

    def __init__(self, network, max_people):
        self.network = network
        self.max_people = max_people
        self.tracker = None

    def step(self, image, boxes):
        """image uint8 [H, W, 3] RGB, Boxes of that frame -> People."""
        frame = boxes.frame
        if self.tracker is None or frame.still:
            # A node that was restarted counts on from the frame's number: no identity of its predecessor comes twice.
            self.tracker = Tracker(1, STILL) if frame.still else Tracker(first=frame.number + 1)
        tracks = self.tracker.tracks
        expected, _, expected_boxes = self.tracker.expect(frame.stamp, LIVE)
        last = np.array([tracks[identity].box for identity in expected], np.float32).reshape(-1, 4)
        sure = np.array([tracks[identity].score for identity in expected], np.float32)
        where = crops.choose(boxes.boxes, boxes.scores, boxes.fresh, expected_boxes, last, sure, self.max_people)
        people = self.look(image, where.boxes)
        if frame.still:
            people = self.look_again(image, people)
        found = crops.describe(people, where, frame.width, frame.height)
        found = found._replace(looks=appearance.describe(image, found.coco, found.boxes))
        ids = self.tracker.step(frame.stamp, found)
        order = np.argsort(-found.scores, kind="stable")
        order = order[ids[order] > 0][: self.max_people]
        return People(frame, ids[order], found.scores[order], found.boxes[order], found.coco[order])

    def look(self, image, boxes, enlarge=crops.ENLARGE):
        """Everyone in the enlarged boxes [M, 4], each once -> float32 [N, 17, 3], COCO17."""
        cut = crops.share_crops(boxes)
        return crops.merge(*crops.look(self.network, image, cut, boxes, enlarge=enlarge), cut, enlarge)

    def look_again(self, image, people):
        """The same people [N, 17, 3], after further looks."""
        height, width = image.shape[:2]
        extents = crops.clip_boxes(crops.extents(people), width, height)
        shown = extents[:, 2:].min(1) >= crops.SMALLEST
        mirror_image = np.ascontiguousarray(image[:, ::-1])

        def look(boxes, enlarge, mirrored):
            if mirrored:
                return mirror_people(self.look(mirror_image, mirror_boxes(boxes, width), enlarge), width)
            return self.look(image, boxes, enlarge)

        return look_again(look, people[shown], extents[shown])
