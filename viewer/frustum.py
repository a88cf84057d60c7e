"""The camera in the scene: its body at the eye point, four edges, and the live picture hung up where they end."""

import numpy as np

from viewer.floor import to_world

DEPTH = 0.75  # m from the eye to the picture plane
EDGE = 0.0035  # m, radius of an edge
COLOUR = (0.62, 0.74, 0.82, 0.0)
OPACITY = 0.92  # of the picture


def corners(frame, camera_to_world, depth=DEPTH):
    """The picture plane's corners in the world, float32 [4, 3]: top left, top right, bottom right, bottom left."""
    camera, right, low = frame.camera, frame.width - 0.5, frame.height - 0.5
    pixels = np.array([(-0.5, -0.5), (right, -0.5), (right, low), (-0.5, low)])
    rays = (pixels - (camera.cx, camera.cy)) / (camera.fx, camera.fy)
    return to_world(camera_to_world, np.concatenate([rays, np.ones((4, 1))], 1) * depth)


def tubes(plane, eye):
    """The edges as capsules, the arguments of `tubes.build`. plane float32 [4, 3] of `corners`, eye float32 [3]."""
    edges = [(eye, corner) for corner in plane] + [(plane[i], plane[(i + 1) % 4]) for i in range(4)]
    over = (plane[0] + plane[1]) / 2 + 0.16 * (plane[0] - plane[3])  # a small roof tells which side is up
    edges += [(plane[0] * 0.6 + plane[1] * 0.4, over), (over, plane[1] * 0.6 + plane[0] * 0.4), (eye, eye)]
    radii = np.full((len(edges), 2), EDGE, np.float32)
    radii[-1] = 0.026
    return np.float32(edges), radii, np.tile(np.float32(COLOUR), (len(edges), 1))
