"""Poses of both branches -> everyone once: matched, integrated (paper 3.3), at a steady distance, in their own body."""

import numpy as np

from duopose.kernels.boxes import iou_matrix
from duopose.nodes.fusion.body import Bodies
from duopose.nodes.fusion.camera_height import CameraHeight
from duopose.nodes.fusion.common_floor import CommonFloor
from duopose.nodes.fusion.identities import Identities
from duopose.nodes.fusion.matching import match
from duopose.nodes.fusion.stature import Stature
from duopose.nodes.fusion.steady import Steady
from duopose.nodes.placement import centre, rays_of
from duopose.nodes.shared_joints import shared_joints
from duopose.nodes.tracking import Found
from duopose.stream.messages import Poses, Scene, empty
from duopose.stream.settings import SMOOTH
from duopose.stream.skeleton import coco_to_body

TOP_DOWN, BOTTOM_UP = 1, 2  # bits of Scene.sources

# The top-down branch saw every box and every track. So a person whom only the bottom-up branch finds must be clear.
# Notes in brackets: what changes at 0.7 and 1.4 times the value (docs/experiments.md, Thresholds).
ONE_BRANCH_SCORE = 0.5  # least mean score of the joints [small; without it 22 more false people in 100 frames]
ONE_BRANCH_JOINTS = 10  # least number of joints found: more than half of a body [none]
SAME_JOINTS = 0.4  # share of the joints that a top-down person has too, from which the two are the same person [small]
# Box IoU with a top-down person from which the two are the same, even with left and right exchanged. [none]
SAME_BOX = 0.6
ONE_BRANCH_WEIGHT = 0.5  # factor of the score, nothing else: one branch is less sure than two


class Fusion:
    """Matches and fuses both sets of poses. Knows nothing of sockets.

    integrate   top-down poses [N, 17, 3] and confidences [N, 17], bottom-up poses and confidences -> integration.Fused
    max_people  people at most
    match       Poses of each branch -> pairs (i, j) of the same person
    smooth      0 (as measured) to 1, see nodes/fusion/motion.py
    height      metres, how tall everybody is, None = nobody knows
    camera_height  metres, of the camera over the floor; None = nobody knows
    """

    def __init__(self, integrate, max_people, match=match, smooth=SMOOTH, height=None, camera_height=None):
        self.integrate = integrate
        self.max_people = max_people
        self.match = match
        self.smooth = smooth
        self.identities = None
        self.steady = None
        self.bodies = None
        self.height, self.stature = height, None
        self.camera_height, self.floor = camera_height, None
        self.common_floor = None

    def step(self, top, bottom):
        """Poses of each branch, None = it was lost (not both) -> Scene; its `fused_at` is still 0."""
        frame = (top or bottom).frame
        top, bottom = top or empty(Poses, frame), bottom or empty(Poses, frame)
        pairs = dict(self.match(top, bottom))
        added = self.only_bottom_up(top, bottom, set(pairs.values()))[: max(self.max_people - len(top.ids), 0)]
        people, known = len(top.ids) + len(added), len(top.ids)

        pose, confidence = np.full((2, people, 17, 3), np.nan, np.float32), np.zeros((2, people, 17), np.float32)
        pose[0, :known], confidence[0, :known] = top.joints, top.confidence
        coco = np.concatenate([top.coco, bottom.coco[added]])
        boxes = np.concatenate([top.boxes, bottom.boxes[added]])
        scores = np.concatenate([top.scores, ONE_BRANCH_WEIGHT * bottom.scores[added]])
        sources = np.full(people, TOP_DOWN, np.uint8)
        sources[known:] = BOTTOM_UP
        for i, j in [*pairs.items(), *enumerate(added, known)]:
            pose[1, i], confidence[1, i] = bottom.joints[j], bottom.confidence[j]
            sources[i] |= BOTTOM_UP
            coco[i] = np.where(coco[i, :, 2:] > 0, coco[i], bottom.coco[j])
        fused = self.integrate(pose[0], confidence[0], pose[1], confidence[1])
        body = coco_to_body(coco)
        rays = rays_of(body, frame.camera)
        joints = centre(fused.joints, rays, body[..., 2])

        if self.identities is None or frame.still:
            # After a restart the frame's number comes next, so that no identity of before the restart comes twice.
            self.begin(first=1 if frame.still else frame.number + 1)
        self.identities.tracker.fit(frame.width, frame.height)
        ids = self.identities.step(frame.stamp, top.ids, Found(coco, boxes, scores))
        joints = self.steady.step(ids, joints, frame.stamp)
        joints = self.bodies.step(ids, joints, fused.joint_sd, rays, body[..., 2], frame.stamp)
        joints = self.common_floor.step(frame, ids, joints, body[..., 2])
        joints = self.stature.step(ids, joints, frame.stamp)
        frame, poses = self.floor.step(frame, ids, [joints, *pose], body[..., 2])
        predicted = tuple(ids[:known][np.isin(top.ids, top.predicted)].tolist()) if top.predicted else ()
        return Scene(frame, 0.0, ids, scores, sources, boxes, coco, *poses, fused.depth_sd, fused.joint_sd, predicted)

    def begin(self, known=None, first=1):
        """Start with these identities, as an earlier life knew them, or with new ones from `first` up."""
        self.identities = Identities(first)
        self.steady, self.bodies, self.stature = Steady(), Bodies(self.smooth), Stature(self.height)
        self.floor = CameraHeight(self.camera_height)
        self.common_floor = CommonFloor(self.height is None and self.camera_height is None)
        if known is not None:
            self.identities.memory = known

    def only_bottom_up(self, top, bottom, matched):
        """Indices of the people whom only the bottom-up branch found, highest score first."""
        if not len(bottom.ids):
            return []
        clear = (bottom.scores >= ONE_BRANCH_SCORE) & ((bottom.coco[..., 2] > 0).sum(1) >= ONE_BRANCH_JOINTS)
        known = shared_joints(bottom.coco, top.coco, top.boxes).max(1, initial=0) >= SAME_JOINTS
        known |= iou_matrix(bottom.boxes, top.boxes).max(1, initial=0) >= SAME_BOX
        left = [j for j in np.flatnonzero(clear & ~known).tolist() if j not in matched]
        return sorted(left, key=lambda j: -bottom.scores[j])
