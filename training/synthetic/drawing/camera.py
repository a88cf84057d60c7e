"""The camera of a rendered scene. World: metres, z up, floor at z = 0, the camera above the origin."""

from typing import NamedTuple

import numpy as np


class Camera(NamedTuple):
    width: int  # px
    height: int  # px
    focal: float  # px
    cx: float  # px; pixel (0, 0) is the centre of the top-left pixel
    cy: float  # px
    axes: np.ndarray  # float32 [3, 3]  rows: the camera's x (right), y (down), z (forward) in the world
    eye: np.ndarray  # float32 [3]      its place in the world

    def see(self, points):
        """World [..., 3] -> camera axes [..., 3], metres."""
        return (points - self.eye) @ self.axes.T

    def project(self, seen):
        """Camera axes [..., 3] -> pixels [..., 2]; points behind the camera come out meaningless."""
        depth = np.maximum(seen[..., 2:], 1e-3)
        return seen[..., :2] / depth * self.focal + np.array([self.cx, self.cy], np.float32)


def camera(width, height, field_of_view, eye_height, pitch, roll):
    """A camera at (0, 0, eye_height) that looks along +y, `pitch` rad down, turned by `roll` rad about its axis.

    field_of_view is horizontal, rad.
    """
    cos, sin = np.cos(pitch), np.sin(pitch)
    right, down, forward = np.array([1.0, 0, 0]), np.array([0, -sin, -cos]), np.array([0, cos, -sin])
    right, down = right * np.cos(roll) + down * np.sin(roll), down * np.cos(roll) - right * np.sin(roll)
    axes = np.stack([right, down, forward]).astype(np.float32)
    focal = width / 2 / np.tan(field_of_view / 2)
    return Camera(
        width, height, float(focal), (width - 1) / 2, (height - 1) / 2, axes, np.array([0, 0, eye_height], np.float32)
    )
