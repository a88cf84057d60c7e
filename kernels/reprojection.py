"""Where a pose of known size must stand so that it is seen where it was seen: least squares over its joints."""

import numpy as np

from duopose.kernels.types import In, Out, kernel

FEWEST = 5  # joints that a depth can be told from


@kernel(Out(1)(In(3), In(3), In(2)))
def fit_depth(joints, rays, weight):
    """Depth of the root at which the pose is seen best along its rays, its x and y being free.

    joints  float32 [N, J, 3]   metres, relative to the root
    rays    float32 [N, J, 2]   x / z, y / z where each joint was seen
    weight  float32 [N, J]      how sure that is, 0 = not seen
    ->      float32 [N]         metres; NaN where fewer than FEWEST joints were seen or none in front of the camera fits

    A joint at root + joint seen at ray: joint_xy + root_xy = ray * (joint_z + root_z), linear in the root.
    Same as, per pose: the third of np.linalg.lstsq over these equations, each times the root of its weight.
    """
    out = np.full(joints.shape[0], np.nan, np.float32)
    for n in range(joints.shape[0]):
        seen, total = 0, 0.0
        middle_ray, middle_offset = np.zeros(2), np.zeros(2)
        for j in range(joints.shape[1]):
            if weight[n, j] > 0:
                seen += 1
                total += weight[n, j]
                for axis in range(2):
                    middle_ray[axis] += weight[n, j] * rays[n, j, axis]
                    offset = rays[n, j, axis] * joints[n, j, 2] - joints[n, j, axis]
                    middle_offset[axis] += weight[n, j] * offset
        if seen < FEWEST:
            continue
        middle_ray /= total
        middle_offset /= total
        shared, spread = 0.0, 0.0
        for j in range(joints.shape[1]):
            if weight[n, j] > 0:
                for axis in range(2):
                    ray = rays[n, j, axis] - middle_ray[axis]
                    offset = rays[n, j, axis] * joints[n, j, 2] - joints[n, j, axis] - middle_offset[axis]
                    shared += weight[n, j] * ray * offset
                    spread += weight[n, j] * ray * ray
        if spread > 0 and shared < 0:
            out[n] = -shared / spread
    return out


@kernel(Out(2)(In(3), In(3), In(2), In(1)))
def root_at(joints, rays, weight, depth):
    """The root of each pose at a given depth, its x and y such that the pose is seen best along its rays.

    joints, rays, weight  as for `fit_depth`
    depth                 float32 [N]      metres
    ->                    float32 [N, 3]   metres; x, y are NaN where no joint was seen
    """
    out = np.full((joints.shape[0], 3), np.nan, np.float32)
    for n in range(joints.shape[0]):
        out[n, 2] = depth[n]
        total, x, y = 0.0, 0.0, 0.0
        for j in range(joints.shape[1]):
            if weight[n, j] > 0:
                z = depth[n] + joints[n, j, 2]
                total += weight[n, j]
                x += weight[n, j] * (rays[n, j, 0] * z - joints[n, j, 0])
                y += weight[n, j] * (rays[n, j, 1] * z - joints[n, j, 1])
        if total > 0:
            out[n, 0] = x / total
            out[n, 1] = y / total
    return out
