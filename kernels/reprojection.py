"""Poses put where they are seen: where one of known size must stand, and the body that fits all that is known of it.

`fit_body` is weighted least squares over the 17 joints (51 unknowns) by Gauss-Newton: joints in the picture, the bones
of a pose, their lengths, a motion. Every term speaks of one joint or of one bone. So the normal equations are a tree of
3 x 3 blocks; they are solved exactly, from the ends of the limbs to the pelvis and back, in a time that grows with the
number of joints. Its standard deviations were chosen on rendered clips (docs/experiments.md, A body that stays itself).
"""

import numpy as np
from numba import types

from duopose.kernels.types import In, Out, kernel
from duopose.stream.skeleton import BODY17, BODY_PARENTS

f8 = types.float64
FEWEST = 5  # joints that a depth can be told from

PARENTS = np.array(BODY_PARENTS)
# Joints of which the picture says something by itself. Pelvis, spine and thorax are made of others; what nose and top
# of the head are depends on who annotates.
SEEN = np.array([name.endswith(("hip", "knee", "ankle", "shoulder", "elbow", "wrist")) for name in BODY17])
ITERATIONS = 3  # 10 give the same figures

RAY = 0.025  # m, of a joint of score 1 from its ray; of score s: RAY / s
OUTLIER = 0.1  # m from the ray: a joint twice as far counts a twenty-fifth (Geman-McClure)
LENGTH = 0.003  # m, of a bone's length
ASIDE = 0.3  # m, of the pelvis across the ray: the joints in the picture know it better
# Of the motion, at trust 1:
MOVED = 0.022  # m, of a bone's end
MOVED_ASIDE = 0.03  # m, of the pelvis across the ray
MOVED_AWAY = 0.01  # of the pelvis along it, as a share of its distance: steady.py filters that already


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


@kernel(types.void(In(2, f8), In(1), Out(2, f8)))
def _resize(points, lengths, out):
    """Give the bones of a pose [17, 3] their lengths [17], each in its own direction; the pelvis stays."""
    out[0] = points[0]
    for j in range(1, 17):
        p = PARENTS[j]
        x, y, z = points[j, 0] - points[p, 0], points[j, 1] - points[p, 1], points[j, 2] - points[p, 2]
        scale = lengths[j] / max(np.sqrt(x * x + y * y + z * z), 1e-9)
        out[j, 0], out[j, 1], out[j, 2] = out[p, 0] + scale * x, out[p, 1] + scale * y, out[p, 2] + scale * z


@kernel(types.void(In(2, f8), In(2), In(1), Out(3, f8)))
def _pull_to_rays(points, rays, confidence, own):
    """A joint (x, y, z) seen at the ray (u, v): x - u z = 0, y - v z = 0."""
    for j in range(17):
        if SEEN[j] and confidence[j] > 0:
            u, v = float(rays[j, 0]), float(rays[j, 1])
            x, y = points[j, 0] - u * points[j, 2], points[j, 1] - v * points[j, 2]
            doubt = 1 + (x * x + y * y) / OUTLIER**2
            weight = (min(confidence[j], 1.0) / (RAY * doubt)) ** 2
            own[j, 0, 0] += weight
            own[j, 1, 1] += weight
            own[j, 2, 2] += weight * (u * u + v * v)
            own[j, 0, 2] -= weight * u
            own[j, 2, 0] -= weight * u
            own[j, 1, 2] -= weight * v
            own[j, 2, 1] -= weight * v


@kernel(types.void(In(1, f8), In(1, f8), f8, f8, Out(3, f8), Out(2, f8)))
def _pull_root(goal, ray, aside, away, own, right):
    """The pelvis lies at `goal`, with the weight `away` along the unit vector `ray` and `aside` across it."""
    along = ray[0] * goal[0] + ray[1] * goal[1] + ray[2] * goal[2]
    for a in range(3):
        for b in range(3):
            own[0, a, b] += (away - aside) * ray[a] * ray[b]
        own[0, a, a] += aside
        right[0, a] += aside * goal[a] + (away - aside) * ray[a] * along


@kernel(types.void(In(2, f8), In(2, f8), In(1), In(1), In(2, f8), In(1, f8), Out(3, f8), Out(3, f8), Out(2, f8)))
def _pull_bones(points, pose, doubt, lengths, predicted, trust, own, shared, right):
    """Each bone is as in the pose, as predicted, and of its length (along the direction it has now)."""
    bone, goal = np.empty(3), np.empty(3)
    for j in range(1, 17):
        p = PARENTS[j]
        said, moved = 1 / float(doubt[j]) ** 2, trust[j] / MOVED**2
        weight = said + moved
        for a in range(3):
            bone[a] = points[j, a] - points[p, a]
            goal[a] = said * (pose[j, a] - pose[p, a]) + moved * (predicted[j, a] - predicted[p, a])
        length = max(np.sqrt(bone[0] ** 2 + bone[1] ** 2 + bone[2] ** 2), 1e-9)
        for a in range(3):
            goal[a] += lengths[j] * bone[a] / length / LENGTH**2
            for b in range(3):
                stiff = bone[a] * bone[b] / (length * LENGTH) ** 2
                if a == b:
                    stiff += weight
                own[j, a, b] += stiff
                own[p, a, b] += stiff
                shared[j, a, b] = -stiff
            right[j, a] += goal[a]
            right[p, a] -= goal[a]


@kernel(types.void(In(2, f8), Out(2, f8)))
def _invert(m, out):
    """Inverse of a symmetric 3 x 3 matrix. Same as np.linalg.inv."""
    a, b, c, d, e, f = m[0, 0], m[0, 1], m[0, 2], m[1, 1], m[1, 2], m[2, 2]
    first, second, third = d * f - e * e, c * e - b * f, b * e - c * d
    determinant = a * first + b * second + c * third
    out[0, 0], out[0, 1], out[0, 2] = first / determinant, second / determinant, third / determinant
    out[1, 0], out[1, 1], out[1, 2] = out[0, 1], (a * f - c * c) / determinant, (b * c - a * e) / determinant
    out[2, 0], out[2, 1], out[2, 2] = out[0, 2], out[1, 2], (a * d - b * b) / determinant


@kernel(types.void(Out(3, f8), In(3, f8), Out(2, f8), Out(2, f8)))
def _solve_tree(own, shared, right, points):
    """Solve for all joints. Block j of the matrix is own[j], block (j, its parent) shared[j]; both are overwritten.

    Same as np.linalg.solve of the whole matrix [51, 51].
    """
    inverse, passed = np.empty((17, 3, 3)), np.empty((3, 3))
    for j in range(16, 0, -1):  # a parent has a lower number than its children
        p = PARENTS[j]
        _invert(own[j], inverse[j])
        for a in range(3):
            for b in range(3):
                passed[a, b] = 0.0
                for k in range(3):
                    passed[a, b] += shared[j, k, a] * inverse[j, k, b]
        for a in range(3):
            for k in range(3):
                right[p, a] -= passed[a, k] * right[j, k]
                for b in range(3):
                    own[p, a, b] -= passed[a, k] * shared[j, k, b]
    _invert(own[0], inverse[0])
    for j in range(17):
        p = PARENTS[j]
        if p >= 0:
            for a in range(3):
                for k in range(3):
                    right[j, a] -= shared[j, a, k] * points[p, k]
        for a in range(3):
            points[j, a] = 0.0
            for k in range(3):
                points[j, a] += inverse[j, a, k] * right[j, k]


@kernel(Out(3)(In(3), In(2), In(3), In(2), In(2), In(3, f8), In(2, f8)))
def fit_body(poses, doubt, rays, confidence, lengths, predicted, trust):
    """Bodies of N people, each fitted by itself.

    poses       float32 [N, 17, 3]  BODY17, metres, camera frame: what the networks say; where the fit starts
    doubt       float32 [N, 17]     standard deviation of each bone's end in it, metres along one axis; of the pelvis
                                    that of its distance, as a share of it
    rays        float32 [N, 17, 2]  x / z, y / z of the joints in the picture
    confidence  float32 [N, 17]     of these, 0..1; 0 = not found
    lengths     float32 [N, 17]     metres, of the bone from its parent to each joint; the pelvis' is not read
    predicted   float64 [N, 17, 3]  metres, camera frame: where the motion so far leads
    trust       float64 [N, 17]     weight of that, for each bone and, first, for the pelvis; 0 = none
    ->          float32 [N, 17, 3]  bones have exactly these lengths
    """
    out = np.empty(poses.shape, np.float32)
    pose, points, ray = np.empty((17, 3)), np.empty((17, 3)), np.empty(3)
    own, shared, right = np.empty((17, 3, 3)), np.empty((17, 3, 3)), np.empty((17, 3))
    for n in range(poses.shape[0]):
        pose[:] = poses[n]
        distance = max(np.sqrt(pose[0, 0] ** 2 + pose[0, 1] ** 2 + pose[0, 2] ** 2), 1e-3)
        ray[:] = pose[0] / distance
        _resize(pose, lengths[n], points)
        for _ in range(ITERATIONS):
            own[:] = 0
            right[:] = 0
            _pull_to_rays(points, rays[n], confidence[n], own)
            _pull_root(pose[0], ray, 1 / ASIDE**2, 1 / (float(doubt[n, 0]) * distance) ** 2, own, right)
            aside, away = trust[n, 0] / MOVED_ASIDE**2, trust[n, 0] / (MOVED_AWAY * distance) ** 2
            _pull_root(predicted[n, 0], ray, aside, away, own, right)
            _pull_bones(points, pose, doubt[n], lengths[n], predicted[n], trust[n], own, shared, right)
            _solve_tree(own, shared, right, points)
        _resize(points, lengths[n], pose)
        out[n] = pose
    return out
