"""Both branches' poses of a frame -> everyone once: matched, integrated, placed, held steady, with one identity (paper 3.3)."""

import numpy as np

from duopose.kernels.boxes import iou_matrix
from duopose.nodes.coincidence import coincidence
from duopose.nodes.fusion.identities import Identities
from duopose.nodes.fusion.matching import match
from duopose.nodes.fusion.steady import Steady
from duopose.nodes.placement import place, rays_of
from duopose.nodes.tracking import Found
from duopose.stream.messages import Poses, Scene, empty
from duopose.stream.skeleton import coco_to_body

TOP_DOWN, BOTTOM_UP = 1, 2  # bits of Scene.sources

# Someone whom only the bottom-up branch sees must be convincing: the top-down branch looked at every box and every track.
ALONE_SCORE = 0.5  # mean score of the joints
ALONE_JOINTS = 10  # joints found
TAKEN = 0.4  # share of those joints that somebody else has, from which they are nobody new
SAME_BOX = 0.6  # IoU with somebody else's box from which they are nobody new, even with left and right swapped
ALONE = 0.5  # what counts of their score


class Fusion:
    """Matches and fuses both sets of poses. Knows nothing of sockets.

    integrate   top-down poses [N, 17, 3] and confidences [N, 17], bottom-up poses and confidences -> poses [N, 17, 3]
    max_people  people at most
    match       Poses of each branch -> pairs (i, j) of the same person
    """

    def __init__(self, integrate, max_people, match=match):
        self.integrate = integrate
        self.max_people = max_people
        self.match = match
        self.identities = None
        self.steady = None

    def step(self, top, bottom):
        """Poses of each branch, None = it was lost (not both) -> Scene, but for `fused_at`, which is 0."""
        frame = (top or bottom).frame
        top, bottom = top or empty(Poses, frame), bottom or empty(Poses, frame)
        pairs = dict(self.match(top, bottom))
        alone = self.alone(top, bottom, set(pairs.values()))[: max(self.max_people - len(top.ids), 0)]
        people, known = len(top.ids) + len(alone), len(top.ids)

        pose, confidence = np.full((2, people, 17, 3), np.nan, np.float32), np.zeros((2, people, 17), np.float32)
        pose[0, :known], confidence[0, :known] = top.joints, top.confidence
        coco = np.concatenate([top.coco, bottom.coco[alone]])
        boxes = np.concatenate([top.boxes, bottom.boxes[alone]])
        scores = np.concatenate([top.scores, ALONE * bottom.scores[alone]])
        sources = np.full(people, TOP_DOWN, np.uint8)
        sources[known:] = BOTTOM_UP
        for i, j in [*pairs.items(), *enumerate(alone, known)]:
            pose[1, i], confidence[1, i] = bottom.joints[j], bottom.confidence[j]
            sources[i] |= BOTTOM_UP
            coco[i] = np.where(coco[i, :, 2:] > 0, coco[i], bottom.coco[j])
        joints = self.integrate(pose[0], confidence[0], pose[1], confidence[1])
        body = coco_to_body(coco)
        joints = place(joints, rays_of(body, frame.camera), body[..., 2])

        if self.identities is None or frame.still:
            # After a restart it counts on from the frame's number: no identity of its predecessor comes twice.
            self.identities = Identities(first=1 if frame.still else frame.number + 1)
            self.steady = Steady()
        ids = self.identities.step(frame.stamp, top.ids, Found(coco, boxes, scores))
        joints = self.steady.step(ids, joints, frame.stamp)
        return Scene(frame, 0.0, ids, scores, sources, boxes, coco, joints, pose[0], pose[1])

    def alone(self, top, bottom, matched):
        """Indices of the bottom-up people who are seen by that branch only, the surest first."""
        surely = (bottom.scores >= ALONE_SCORE) & ((bottom.coco[..., 2] > 0).sum(1) >= ALONE_JOINTS)
        taken = coincidence(bottom.coco, top.coco, top.boxes).max(1, initial=0) >= TAKEN
        taken |= iou_matrix(bottom.boxes, top.boxes).max(1, initial=0) >= SAME_BOX
        left = [j for j in np.flatnonzero(surely & ~taken).tolist() if j not in matched]
        return sorted(left, key=lambda j: -bottom.scores[j])
