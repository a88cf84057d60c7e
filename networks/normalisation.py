"""What the lifting networks see of a 2D pose, and how their answer becomes metres: shared by training and live nodes.

A virtual camera turns to face the person, and its unit is the person's own angular size. So a pose looks the same
wherever it is in the picture and however far away, and depth is learned as log(Z * size), which depends neither on the
camera nor on the scale (paper, supplement 1: Z / f). NumPy only: a lite run imports no torch.

rays        float32 [..., 17, 2]  x / z and y / z of the undistorted joints, camera frame, BODY17
confidence  float32 [..., 17]     0..1, 0 = missing
points      float32 [..., 17, 2]  rays in the virtual camera, divided by the size; 0 where missing
view        float32 [..., 3]      x / z and y / z of the direction the virtual camera faces; log(size)
"""

import numpy as np

from duopose.stream.skeleton import PELVIS

# log(size) from which on nobody looks any smaller to the networks: that of somebody who stands 8 m away. Perspective
# says nothing of the distance there any more, and what they would make of sizes that they never saw is wrong: people
# 18 m away, simulated, were put 21 % too near; with this 2 % too far, as those 6 m away.
FAR = -2.9
SMALLEST = 1e-3  # angular size, about 1 pixel in a 1000 pixel picture: below it nobody can be lifted
POSE, CONFIDENCE, VIEW, VALID, POINTS = slice(0, 51), slice(51, 68), slice(68, 71), slice(71, 72), slice(72, 106)
SIZE = VIEW.stop - 1  # log(size) of a frame
FEATURES = 106  # numbers per frame of a window: 3D pose of the GCN, confidence, view, validity, points


def facing(direction):
    """Rotation into the virtual camera whose axis is `direction` [..., 2] (x / z, y / z): float32 [..., 3, 3].

    The shortest one, so it adds no roll. `facing(d) @ p` are the virtual coordinates of the camera frame's `p`.

    >>> (facing(np.array([0.5, 0.0])) @ [0.5, 0.0, 1.0]).round(3).tolist()
    [0.0, 0.0, 1.118]
    """
    x, y = direction[..., 0], direction[..., 1]
    length = np.sqrt(x * x + y * y + 1)
    x, y, z = x / length, y / length, 1 / length
    share = 1 / (1 + z)
    rows = [1 - x * x * share, -x * y * share, -x, -x * y * share, 1 - y * y * share, -y, x, y, z]
    return np.stack(rows, -1).reshape(*x.shape, 3, 3).astype(np.float32)


def normalise(rays, confidence):
    """rays, confidence of one pose or many -> points, view. Centre and size: confidence-weighted mean and spread."""
    seen = confidence > 0
    rays = np.where(seen[..., None], rays, 0)
    weight = confidence / np.maximum(confidence.sum(-1, keepdims=True), 1e-6)
    centre = (weight[..., None] * rays).sum(-2)
    turned = np.concatenate([rays, np.ones_like(rays[..., :1])], -1) @ np.swapaxes(facing(centre), -1, -2)
    turned = turned[..., :2] / np.maximum(turned[..., 2:], 0.05)
    size = np.sqrt(np.maximum((weight[..., None] * turned**2).sum((-2, -1)), SMALLEST**2))
    points = np.where(seen[..., None], turned / size[..., None, None], 0)
    view = np.concatenate([centre, np.log(size)[..., None]], -1)
    return points.astype(np.float32), view.astype(np.float32)


def frame_features(pose, points, confidence, view):
    """One frame of a window: pose [..., 17, 3] of the GCN and the 2D pose it came from -> float32 [..., FEATURES]."""
    lead = confidence.shape[:-1]
    parts = [pose.reshape(*lead, 51), confidence, view, np.ones((*lead, 1)), points.reshape(*lead, 34)]
    return np.concatenate(parts, -1).astype(np.float32)


def place(joints, log_depth, points, confidence, view):
    """Relative joints and log(Z * size), both of the virtual camera -> joints in the camera frame, metres.

    joints [..., 17, 3], log_depth [...], and the 2D pose they belong to -> float32 [..., 17, 3]

    Z is given. The root's x and y are chosen so that the projected joints lie closest to the 2D ones (least squares,
    weighted by confidence), so a hidden pelvis does no harm.
    """
    size = np.exp(view[..., 2])
    joints = joints - joints[..., PELVIS : PELVIS + 1, :]
    depth = np.exp(log_depth) / size
    seen = points * size[..., None, None]
    weight = confidence + 1e-6
    weight = (weight / weight.sum(-1, keepdims=True))[..., None]
    root = (weight * (seen * (depth[..., None] + joints[..., 2])[..., None] - joints[..., :2])).sum(-2)
    pose = joints + np.concatenate([root, depth[..., None]], -1)[..., None, :]
    return (pose @ facing(view[..., :2])).astype(np.float32)
