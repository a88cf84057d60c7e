"""The detector: pictures -> boxes of the people in them, without identity. Between two looks it repeats its boxes."""

import numpy as np

from duopose.kernels.boxes import suppress
from duopose.kernels.crop import invert, letterbox, warp
from duopose.kernels.peaks import find_peaks
from duopose.nodes.decoding import CENTRE, STRIDE
from duopose.nodes.detection.reasons import EMPTY, Reasons
from duopose.stream.messages import Boxes, empty

OLDEST = 0.3  # s, age from which boxes are not repeated: in so much time people walk out of them
# Notes in brackets: what changes at 0.7 and 1.4 times the value (docs/experiments.md, Thresholds).
LONG, SHORT = 448, 256  # pixels of the network's input, the longer side along the picture's longer side
# A still goes through the detector at two sizes: people who fill the picture are found better where the picture is
# small. [of 100 people 6 more at as many false boxes; a larger size finds fewer] In a clip the tracks know them, and
# more boxes confuse who is who. [IDF1 of somebody who was away: -20]
SIZES_STILL = ((LONG, SHORT), (224, 160))
# Score from which a box is reported. [0.7: IDF1 -1; 1.25: found -0.8, 3 fewer false people in 100 frames]
MIN_SCORE = 0.28
MIN_SCORE_STILL = 0.2  # the same for a still: there is time to run the top-down network on more boxes
MAX_IOU = 0.5  # IoU above which two boxes are one person: the better one stays [0.7: IDF1 -0.9; 1.4: small]
TOP_K = 50  # boxes of one input, at most: more people than the nodes report


def upright(size, width, height):
    """Longer and shorter side of the network's input -> its width and height for a picture of that shape."""
    return size if width >= height else size[::-1]


def prepare(network):
    """The network, compiled for the usual shape of pictures; a portrait's is compiled when the first one comes."""
    network.prepare((1, SHORT, LONG, 3))
    return network


class Detection:
    """The detector and its last boxes. Knows nothing of sockets.

    network  pictures uint8 [1, H, W, 3] -> centres [1, 1, H/4, W/4], sides [1, 4, H/4, W/4]
    """

    def __init__(self, network):
        self.network = network
        self.reasons = Reasons()
        self.last = None  # boxes, scores of the last picture that the detector ran on
        self.looked_at = None  # Frame of that picture

    def wants(self, frame):
        """Whether the detector may run on this frame; of others it needs no pixels."""
        return frame.still or not self.may_repeat(frame) or self.reasons.may_look(frame)

    def may_repeat(self, frame):
        """Whether the last boxes are those of a picture of the same size, a moment ago."""
        old = self.looked_at
        if old is None or (old.width, old.height) != (frame.width, frame.height):
            return False
        return frame.stamp - old.stamp <= (OLDEST if len(self.last[0]) else EMPTY)

    def step(self, image, frame):
        """image uint8 [H, W, 3] RGB (None: not wanted, or its pixels were lost), Frame -> Boxes."""
        fresh = image is not None and (frame.still or not self.may_repeat(frame) or self.reasons.look(image, frame))
        if fresh:
            self.last = self.detect(image, SIZES_STILL, MIN_SCORE_STILL) if frame.still else self.detect(image)
            self.looked_at = frame
            self.reasons.looked(image, frame, self.last[0])
        if not self.may_repeat(frame):  # its pixels were lost
            return empty(Boxes, frame, fresh=False)
        boxes, scores = self.last
        return Boxes(frame, boxes, scores, fresh)

    def detect(self, image, sizes=((LONG, SHORT),), min_score=None):
        """Everyone in a picture, from inputs of all these sizes.

        min_score  from which a box is reported; None = MIN_SCORE
        ->         boxes float32 [N, 4] clipped to the picture, scores float32 [N], best first
        """
        min_score = MIN_SCORE if min_score is None else min_score
        found = [self.detect_at_size(image, size, min_score) for size in sizes]
        boxes, scores = (np.concatenate(part) for part in zip(*found, strict=True))
        kept = suppress(boxes, scores, MAX_IOU)
        return boxes[kept], scores[kept]

    def detect_at_size(self, image, size, min_score):
        """All boxes and scores from one input; several may be of the same person."""
        height, width = image.shape[:2]
        across, down = upright(size, width, height)
        affine = letterbox(width, height, across, down)
        centres, sides = self.network(warp(image, affine, down, across)[None])
        values, cells, count = find_peaks(centres[0], min_score, TOP_K)
        x, y = cells[0, : count[0]].T
        left, top, right, bottom = sides[0, :, y, x].T
        middle = np.stack([x, y], -1) * STRIDE + CENTRE
        corners = np.concatenate([middle - np.stack([left, top], -1), middle + np.stack([right, bottom], -1)])
        to_picture = invert(affine)
        corners = corners @ to_picture[:, :2].T + to_picture[:, 2]
        low, high = corners.clip(-0.5, (width - 0.5, height - 0.5)).reshape(2, -1, 2)
        return np.concatenate([low, high - low], 1).astype(np.float32), values[0, : count[0]]
