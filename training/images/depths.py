"""3D pseudo-labels on photographs (paper 3.4, for the bottom-up branch): depths of people whose joints a human marked.

The lifting networks make a pose of the marked joints. What they say of a person's Z / f hardly depends on the lens,
which nobody knows. Two things say whom to believe: the pose has to meet the marked joints, and where another teacher
(BlazePose) has an opinion, only joints count on whose depth both agree.
"""

import numpy as np

from duopose.kernels.camera import constants, undistort
from duopose.nodes.placement import adjust_depth
from duopose.stream.camera_file import Cameras
from duopose.stream.skeleton import BODY17, COCO17, COCO_HIPS, coco_to_body
from duopose.training.unlabelled.turned import lift_single_frame

FEWEST = 8  # joints of COCO17 that are marked
MISSED = 0.05  # of the person's extent: mean distance from the pose to the marked joints, at most
AGREE = 0.15  # m: depths of a joint, relative to the hips, by the two teachers
SHARED = [(COCO17.index(name), BODY17.index(name)) for name in COCO17 if name in BODY17]


def depths(networks, picture, human, others):
    """Depths of the people of a photograph.

    networks  nodes.top_down.lifting.Networks
    picture   training.images.pictures.Picture of N people
    human     bool [N]             joints marked by a human
    others    float32 [N, 17, 3]   COCO17, metres, origin between the hips: another teacher's pose; NaN = none
    ->        float32 [N, 17] metres, NaN = unknown; pixels, the focal length that they are for
    """
    camera = Cameras().of(*picture.size)
    out = np.full(picture.joints.shape[:2], np.nan, np.float32)
    joints = picture.joints * (picture.joints[..., 2:] > 0)
    marked = joints[..., 2] > 0
    who = np.flatnonzero(human & (marked.sum(1) >= FEWEST) & marked[:, COCO_HIPS].all(1))
    if len(who):
        body = coco_to_body(joints[who])
        confidence = np.ascontiguousarray(body[..., 2])
        pixels = np.ascontiguousarray(body[..., :2].reshape(-1, 2))
        rays = undistort(pixels, *constants(camera)).reshape(-1, 17, 2)
        poses = adjust_depth(lift_single_frame(networks, rays, confidence), rays, confidence)
        met = meets(poses, rays, confidence)
        for n, pose, good in zip(who, poses, met, strict=True):
            for coco, own in SHARED:
                if good and marked[n, coco]:
                    out[n, coco] = pose[own, 2]
            if good:
                out[n, doubtful(out[n], others[n])] = np.nan
    out[~np.isfinite(out[:, COCO_HIPS]).all(1)] = np.nan
    return out, camera.fx


def meets(poses, rays, confidence):
    """Whether poses [N, 17, 3] lie on the marked joints, rays [N, 17, 2] with confidence [N, 17] -> bool [N]."""
    seen = confidence > 0
    apart = np.linalg.norm(poses[..., :2] / np.maximum(poses[..., 2:], 0.1) - rays, axis=-1)
    extent = np.ptp(np.where(seen[..., None], rays, rays[:, :1]), axis=1).max(-1)
    return (apart * seen).sum(1) / np.maximum(seen.sum(1), 1) < MISSED * extent


def doubtful(depth, other):
    """Joints [17] whose depth [17] relative to the hips another teacher's pose [17, 3] denies; hips are never
    denied."""
    if not np.isfinite(other).all():
        return np.zeros(17, bool)
    apart = np.abs(depth - depth[COCO_HIPS].mean() - (other[:, 2] - other[COCO_HIPS, 2].mean()))
    apart[COCO_HIPS] = 0
    return apart > AGREE
