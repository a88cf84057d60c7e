"""People on the floor of a picture: their shadow, and the darkness where they touch it."""

from typing import NamedTuple

import numpy as np
from numba import float32 as f4
from numba import njit, types, void

from duopose.training.synthetic.drawing.raster import ROWS
from duopose.training.synthetic.drawing.shading import SHADOW, lit

CONTACT = 0.55  # how dark it gets right under a foot
REACH = 0.17  # m over which that fades


class Eye(NamedTuple):
    """camera.Camera in float32."""

    axes: np.ndarray  # float32 [3, 3]
    place: np.ndarray  # float32 [3]
    focal: np.float32
    cx: np.float32
    cy: np.float32


EYE = types.NamedTuple((ROWS, f4[::1], f4, f4, f4), Eye)


def eye_of(camera):
    """camera.Camera -> Eye"""
    return Eye(camera.axes, camera.eye, *(np.float32(number) for number in (camera.focal, camera.cx, camera.cy)))


@njit(void(f4[:, :, ::1], EYE, SHADOW, f4[::1], f4[::1], ROWS), cache=True, fastmath=True)
def darken(picture, camera, shadow, ambient, direct, feet):
    """Darken the floor z = 0 of a picture in linear light, in place.

    picture           float32 [H, W, 3]
    ambient, direct   float32 [3]   light the floor receives without the key and from the key
    feet              float32 [N, 3]   x, y in the world, strength 0..1 of the contact
    """
    axes, eye, focal, cx, cy = camera
    height, width = picture.shape[:2]
    for y in range(height):
        for x in range(width):
            a, b = (x - cx) / focal, (y - cy) / focal
            dz = axes[0, 2] * a + axes[1, 2] * b + axes[2, 2]
            if dz > np.float32(-0.02):
                continue
            far = -eye[2] / dz
            gx = eye[0] + far * (axes[0, 0] * a + axes[1, 0] * b + axes[2, 0])
            gy = eye[1] + far * (axes[0, 1] * a + axes[1, 1] * b + axes[2, 1])
            open_sky = np.float32(1)
            for n in range(len(feet)):
                d = (gx - feet[n, 0]) ** 2 + (gy - feet[n, 1]) ** 2
                if d < np.float32(0.25):
                    open_sky *= 1 - feet[n, 2] * np.float32(CONTACT) * np.exp(-d / np.float32(REACH * REACH))
                if d < np.float32(1.2):  # bodies take some of the sky away around them
                    open_sky *= 1 - feet[n, 2] * np.float32(0.09) * np.exp(-d / np.float32(0.3))
            reached = lit(gx, gy, np.float32(0), shadow, np.float32(0.03))
            if open_sky > 0.999 and reached > 0.999:
                continue
            for c in range(3):
                picture[y, x, c] *= (ambient[c] * open_sky + direct[c] * reached) / (ambient[c] + direct[c])
