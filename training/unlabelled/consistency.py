"""How well a pseudo-label agrees with what was seen and with itself (paper 3.4, supplement 1, eq. 10, 11, 15).

N people. `virtual camera` is the one that networks.pairs looks at a pair of poses through.
"""

import numpy as np
import torch

from duopose.networks.normalisation import facing
from duopose.stream.skeleton import PELVIS
from duopose.training.mocap.rotations import rotation_y


def stand(joints, root, depth):
    """The integration network's answer as points of the virtual camera, differentiable.

    joints [N, 17, 3] metres around the pelvis, root [N, 3] (x / z, y / z, log of the depth relative to `depth`), depth
    [N] metres
    -> [N, 17, 3] metres;  `networks.pairs.resolve` is the same and turns into the camera's frame
    """
    z = depth * root[:, 2].exp()
    return joints + torch.stack([root[:, 0] * z, root[:, 1] * z, z], -1)[:, None]


def in_virtual_camera(rays, direction):
    """rays [N, 17, 2] (x / z, y / z, camera frame) as the virtual camera that faces `direction` [N, 2] sees them."""
    turned = np.concatenate([rays, np.ones_like(rays[..., :1])], -1) @ np.swapaxes(facing(direction), -1, -2)
    return (turned[..., :2] / np.maximum(turned[..., 2:], 0.05)).astype(np.float32)


def reprojection_error(points, rays, confidence, size):
    """Eq. 15: mean over the joints of confidence times squared distance between where a joint is seen and where it
    should be.

    points      [N, 17, 3]  metres, a camera's frame
    rays        [N, 17, 2]  where that camera saw the joints, x / z, y / z
    confidence  [N, 17]     0..1, 0 = not seen
    size        [N]         angular size of the person: the error is a share of it, so that near and far people count
                alike
    ->          [N]
    """
    seen = points[..., :2] / points[..., 2:].clamp(min=0.1)
    squared = ((seen - rays) / size[:, None, None]).square().sum(-1)
    return (confidence * squared).mean(-1)


def turned_about_vertical(poses, angle):
    """Poses [N, 17, 3] turned by `angle` [N] rad about the camera's y axis, each where it stands."""
    root = poses[:, PELVIS : PELVIS + 1]
    return ((poses - root) @ np.swapaxes(rotation_y(angle), -1, -2) + root).astype(np.float32)


def multi_perspective_error(again, joints):
    """E_mp: mean squared distance (m^2) of a pose that was turned, seen from there and estimated again to itself. ->
    [N]

    again, joints   [N, 17, 3] around the pelvis
    """
    return (again - joints).square().sum(-1).mean(-1)


def easy_first(error, epoch):
    """Eq. 11, one of its terms: the weight of each sample [N], summing to 1. error [N] >= 0, epoch 1, 2, ...

    softmax(-error / epoch), the errors in units of their mean: at first the samples with small errors count, later
    all count alike. (The paper prints no minus, with which w would "first focus on easy samples"; and its
    errors have a scale of their own.) No gradient: the network shall mend the errors, not the weights.
    """
    error = error.detach()
    return torch.softmax(-error / (error.mean() + 1e-9) / epoch, 0)


def consistency_loss(errors, epoch):
    """The first term of eq. 10: w (E_rep + E_mp) summed over the samples, w as eq. 11. errors: list of [N] -> []"""
    weight = sum(easy_first(error, epoch) for error in errors)
    return (weight * sum(errors)).sum()
