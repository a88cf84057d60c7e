"""A pair of poses of one person, one from each branch, as the integration network sees it: shared by training and live.

Both are seen by one virtual camera that faces the middle of the two roots, and depths are logarithms relative to the
geometric mean of the two. So the network does not know where in the picture a person is; one number, the last feature,
says how far away. A branch without a pose is all zeros (paper 3.3), and so is a joint that the bottom-up branch did not
find; the top-down branch completes its poses by itself. NumPy only: a lite run imports no torch.
"""

from typing import NamedTuple

import numpy as np

from duopose.networks.normalisation import facing
from duopose.stream.skeleton import PELVIS

# features [N, FEATURES]: poses of both branches relative to their pelvises, confidences, presence, roots, log(depth)
POSES, CONFIDENCE, PRESENT, ROOTS = slice(0, 102), slice(102, 136), slice(136, 138), slice(138, 144)
FEATURES = 145


class Reference(NamedTuple):
    """The virtual camera and the depth that features and answer are relative to."""

    direction: np.ndarray  # float32 [N, 2], x / z and y / z that the virtual camera faces
    depth: np.ndarray  # float32 [N], metres


def describe(top, top_confidence, bottom, bottom_confidence):
    """A pair of poses -> what the network sees, and the Reference that `resolve` needs.

    top, bottom                        float32 [N, 17, 3]   metres, camera frame; one of them NaN: that branch has none
    top_confidence, bottom_confidence  float32 [N, 17]      0..1
    ->                                 float32 [N, FEATURES], Reference
    """
    poses = np.stack([top, bottom], 1).astype(np.float32)  # [N, 2, 17, 3]
    confidence = np.stack([top_confidence, bottom_confidence], 1).astype(np.float32)
    present = np.isfinite(poses).all((-2, -1))  # [N, 2]
    poses = np.where(present[..., None, None], poses, np.float32([0, 0, 1]))
    confidence = confidence * present[..., None]
    share = present / present.sum(1, keepdims=True)
    roots = poses[:, :, PELVIS]
    direction = (share[..., None] * roots[..., :2] / roots[..., 2:]).sum(1)
    poses = poses @ np.swapaxes(facing(direction), -1, -2)[:, None]
    roots = poses[:, :, PELVIS]
    depth = np.exp((share * np.log(np.maximum(roots[..., 2], 0.1))).sum(1))
    offsets = np.concatenate(
        [
            roots[..., :2] / np.maximum(roots[..., 2:], 0.1),
            np.log(np.maximum(roots[..., 2:], 0.1) / depth[:, None, None]),
        ],
        -1,
    )
    relative = (poses - roots[:, :, None]) * present[..., None, None]
    relative[:, 1] *= confidence[:, 1, :, None] > 0
    people = len(poses)
    parts = [relative.reshape(people, 102), confidence.reshape(people, 34), present]
    parts += [(offsets * present[..., None]).reshape(people, 6), np.log(depth)[:, None]]
    return np.concatenate(parts, -1).astype(np.float32), Reference(
        direction.astype(np.float32), depth.astype(np.float32)
    )


def resolve(joints, root, reference):
    """The network's answer -> joints [N, 17, 3] in metres, camera frame.

    joints float32 [N, 17, 3]  relative to the pelvis, virtual camera
    root   float32 [N, 3]      x / z, y / z, log of depth relative to the reference's
    """
    z = reference.depth * np.exp(root[:, 2])
    at = np.stack([root[:, 0] * z, root[:, 1] * z, z], -1)
    return ((joints + at[:, None]) @ facing(reference.direction)).astype(np.float32)
