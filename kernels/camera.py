"""Camera with OpenCV's distortion: points in the camera frame <-> pixels, pixels -> rays.

`intrinsics` is float64 [4]: fx, fy, cx, cy; `distortion` float64 [5]: k1, k2, p1, p2, k3. x right, y down, z forward.
"""

import numpy as np
from numba import types

from duopose.kernels.types import In, Out, kernel

f8 = types.float64


def constants(camera):
    """fx, fy, cx, cy and the distortion of a `stream.messages.Camera`-like object, as the kernels here take them."""
    return np.array([camera.fx, camera.fy, camera.cx, camera.cy]), np.array(camera.distortion, np.float64)


@kernel(types.UniTuple(f8, 2)(f8, f8, In(1, f8)))
def _distort(x, y, distortion):
    k1, k2, p1, p2, k3 = distortion[0], distortion[1], distortion[2], distortion[3], distortion[4]
    r2 = x * x + y * y
    radial = 1 + r2 * (k1 + r2 * (k2 + r2 * k3))
    return x * radial + 2 * p1 * x * y + p2 * (r2 + 2 * x * x), y * radial + p1 * (r2 + 2 * y * y) + 2 * p2 * x * y


@kernel(Out(2)(In(2), In(1, f8), In(1, f8)))
def project(points, intrinsics, distortion):
    """Where points are seen.

    points  float32 [N, 3]   x, y, z metres, camera frame
    ->      float32 [N, 2]   x, y pixels; NaN for a point that is not in front of the camera

    Same as cv2.projectPoints without rotation and translation.
    """
    out = np.full((points.shape[0], 2), np.nan, np.float32)
    for n in range(points.shape[0]):
        z = points[n, 2]
        if z > 0:
            x, y = _distort(points[n, 0] / z, points[n, 1] / z, distortion)
            out[n, 0] = intrinsics[0] * x + intrinsics[2]
            out[n, 1] = intrinsics[1] * y + intrinsics[3]
    return out


@kernel(Out(2)(In(2), In(1, f8), In(1, f8)))
def undistort(pixels, intrinsics, distortion):
    """The ray through each pixel.

    pixels  float32 [N, 2]   x, y of the distorted picture
    ->      float32 [N, 2]   x / z, y / z

    Inverse of `project` to 1e-4 of a pixel wherever the distortion can be undone (Newton's method; beyond that, where
    the lens model folds over, the best that was met). NaN stays NaN.
    """
    out = np.empty((pixels.shape[0], 2), np.float32)
    for n in range(pixels.shape[0]):
        goal_x = (pixels[n, 0] - intrinsics[2]) / intrinsics[0]
        goal_y = (pixels[n, 1] - intrinsics[3]) / intrinsics[1]
        x, y = goal_x, goal_y
        best, best_x, best_y = np.inf, x, y
        for _ in range(20):
            at_x, at_y = _distort(x, y, distortion)
            off_x, off_y = at_x - goal_x, at_y - goal_y
            off = off_x * off_x + off_y * off_y
            if off < best:
                best, best_x, best_y = off, x, y
            if not off > 1e-18:
                break
            # the matrix of derivatives, from differences: exact enough to converge, and no formula to get wrong
            step = 1e-6
            right_x, right_y = _distort(x + step, y, distortion)
            down_x, down_y = _distort(x, y + step, distortion)
            a, b = (right_x - at_x) / step, (down_x - at_x) / step
            c, d = (right_y - at_y) / step, (down_y - at_y) / step
            determinant = a * d - b * c
            if not abs(determinant) > 1e-9:
                break
            x -= (d * off_x - b * off_y) / determinant
            y -= (a * off_y - c * off_x) / determinant
        out[n, 0] = best_x
        out[n, 1] = best_y
    return out
