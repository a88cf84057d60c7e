"""Two ways to tell how far away a person is, made one.

A network says the root's depth outright. And a pose in metres, laid over the joints in the picture, fits at one depth only.
The two err in different ways, so where they roughly agree the truth is likelier between them. Measured with `evaluation gt3d`
on one set of weights, without and with it in both nodes: fused root depth error 8.2 -> 7.1 %, PCK_abs 29.6 -> 32.2 %.
"""

import numpy as np

from duopose.kernels.camera import constants, undistort
from duopose.kernels.reprojection import fit_depth, root_at
from duopose.stream.skeleton import BODY17, PELVIS

ALIKE = 0.4  # of the logarithms: further apart one of the two has failed, and the network has the word
HEAD = [BODY17.index("nose"), BODY17.index("head_top")]  # annotators of images and motion capture mean other points


def rays_of(body, camera):
    """2D joints [N, J, 2 or 3] in pixels -> the ray through each, x / z and y / z [N, J, 2]; where one is missing, any."""
    pixels = np.ascontiguousarray(body[..., :2].reshape(-1, 2), dtype=np.float32)
    return undistort(pixels, *constants(camera)).reshape(*body.shape[:-1], 2)


def place(joints, rays, confidence):
    """Poses, each moved to the middle of its own depth and the one at which it is seen best.

    joints      float32 [N, 17, 3]  BODY17, metres, camera frame
    rays        float32 [N, 17, 2]  x / z, y / z of the joints in the picture, see `rays_of`
    confidence  float32 [N, 17]     of these; 0 = not found
    ->          float32 [N, 17, 3]
    """
    weight = np.array(confidence, np.float32)
    weight[:, HEAD] = 0
    pose, depth = joints - joints[:, PELVIS : PELVIS + 1], joints[:, PELVIS, 2]
    fitted = fit_depth(pose, rays, weight)
    with np.errstate(invalid="ignore"):
        alike = np.abs(np.log(fitted / depth)) < ALIKE  # not where one of them is missing or behind the camera
    middle = np.sqrt(np.where(alike, fitted * depth, 1)).astype(np.float32)
    root = root_at(pose, rays, weight, middle)
    return np.where(alike[:, None, None], pose + root[:, None], joints)
