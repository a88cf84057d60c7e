"""Where the onlooker stands: an orbit around a point for the mouse, and the view through the camera's own lens."""

import math

import numpy as np

from duopose.viewer.floor import to_world

FIELD = 38.0  # degrees, vertical, of the onlooker's view
NEAR, FAR = 0.1, 200.0  # m; an orbit begins to see at this share of its distance: 16 bits of depth have to do


class Orbit:
    """Azimuth 0 looks the way the camera looks (+y); positive azimuth steps to the camera's right. Degrees, metres."""

    def __init__(self, azimuth=38.0, elevation=17.0, distance=7.0, centre=(0.0, 3.0, 0.8), field=FIELD):
        self.azimuth, self.elevation, self.distance = azimuth, elevation, distance
        self.centre, self.field = np.array(centre, np.float64), field

    def turn(self, right, up):
        self.azimuth = (self.azimuth + right + 180) % 360 - 180
        self.elevation = min(max(self.elevation + up, -10.0), 90.0)

    def zoom(self, factor):
        self.distance = min(max(self.distance * factor, 0.5), 80.0)

    def shift(self, right, up):
        """Move the centre along the picture, in shares of the picture's height."""
        side, _, top = self._axes()
        reach = 2 * self.distance * math.tan(math.radians(self.field / 2))
        self.centre += (right * side + up * top) * reach

    def glide(self, other, share):
        """Go `share` (0..1) of the way to another orbit's distance and centre, keeping the angles."""
        self.distance += share * (other.distance - self.distance)
        self.centre += share * (other.centre - self.centre)

    def frame(self, points, aspect):
        """Put centre and distance so that all points [N, 3] fit a picture of this aspect (width / height), with air."""
        self.centre = (points.min(0) + points.max(0)) / 2.0
        side, forward, top = self._axes()
        tangent = math.tan(math.radians(self.field / 2)) * 0.8
        for _ in range(3):
            offset = points - self.centre
            across, deep, high = offset @ side, offset @ forward, offset @ top
            need = np.maximum(np.abs(across) / (tangent * aspect), np.abs(high) / tangent) - deep
            self.distance = min(max(float(need.max()), 1.0), 80.0)
            depth = self.distance + deep  # shift the centre to where the picture of the points is in the middle
            self.centre += side * _middle(across / depth) * self.distance + top * _middle(high / depth) * self.distance

    def _axes(self):
        """-> the picture's right, the way it looks, its up: unit vectors of the world."""
        azimuth, elevation = math.radians(self.azimuth), math.radians(self.elevation)
        forward = np.array(
            [-math.sin(azimuth) * math.cos(elevation), math.cos(azimuth) * math.cos(elevation), -math.sin(elevation)]
        )
        side = np.array([math.cos(azimuth), math.sin(azimuth), 0.0])
        return side, forward, np.cross(side, forward)

    def matrices(self, width, height):
        """-> view [4, 4] world to eye (x right, y up, z backward), projection [4, 4] eye to clip; for columns."""
        side, forward, top = self._axes()
        return (
            _look(self.centre - forward * self.distance, side, top, forward),
            _project(1 / math.tan(math.radians(self.field / 2)), width / height, NEAR * self.distance),
        )


def through_lens(camera, frame_width, frame_height, camera_to_world, width, height):
    """The view that lays each pose over its person: the camera's own place and lens, fitted into width x height."""
    rotation = camera_to_world[:3, :3]
    eye = to_world(camera_to_world, np.zeros(3)).astype(np.float64)
    view = _look(eye, rotation[:, 0], -rotation[:, 1], rotation[:, 2])
    scale = min(width / frame_width, height / frame_height)
    projection = _project(2 * camera.fy * scale / height, width / height)
    projection[0, 0] = 2 * camera.fx * scale / width
    # Pixel 0 is the centre of the first pixel, OpenGL counts from its edge: the middle of a frame is (width - 1) / 2.
    projection[0, 2] = -2 * scale * (camera.cx - (frame_width - 1) / 2) / width
    projection[1, 2] = 2 * scale * (camera.cy - (frame_height - 1) / 2) / height
    return view, projection


def _middle(values):
    return (float(values.min()) + float(values.max())) / 2


def _look(eye, side, top, forward):
    view = np.eye(4)
    view[:3, :3] = side, top, -forward
    view[:3, 3] = -view[:3, :3] @ eye
    return view


def _project(focal, aspect, near=NEAR):
    return np.array(
        [
            [focal / aspect, 0, 0, 0],
            [0, focal, 0, 0],
            [0, 0, -(FAR + near) / (FAR - near), -2 * FAR * near / (FAR - near)],
            [0, 0, -1, 0],
        ]
    )


def to_pixels(points, view, projection, width, height):
    """World points [N, 3] -> pixels [N, 2] of a width x height picture (0, 0 = its top-left corner), depth [N] in m."""
    eye = points @ view[:3, :3].T + view[:3, 3]
    clip = np.concatenate([eye, np.ones((len(eye), 1))], 1) @ projection.T
    depth = clip[:, 3]
    flat = clip[:, :2] / np.where(np.abs(depth) < 1e-6, 1e-6, depth)[:, None]
    return (flat * (0.5, -0.5) + 0.5) * (width, height), depth
