"""The camera in the scene: its body at the eye point, four edges, and the live picture on the plane where they end."""

import numpy as np

from duopose.viewer.floor import to_world

DEEPEST, SHALLOWEST = 0.65, 0.15  # m from the eye to the picture plane
BEFORE = 0.14  # the plane's share of the way to the nearest person, so that it hides nobody
EDGE, EYE = 0.005, 0.035  # radius of an edge and of the eye point, in lengths of the frustum
OPACITY = 0.92  # of the picture


def depth_before(distances):
    """Metres from the eye to the picture plane in front of people who are so far away, m, float [N]."""
    return min(max(BEFORE * distances.min(initial=np.inf), SHALLOWEST), DEEPEST)


def corners(frame, camera_to_world, depth):
    """The picture plane's corners in the world, `depth` metres from the eye.

    -> float32 [4, 3]: top left, top right, bottom right, bottom left
    """
    camera, right, low = frame.camera, frame.width - 0.5, frame.height - 0.5
    pixels = np.array([(-0.5, -0.5), (right, -0.5), (right, low), (-0.5, low)])
    rays = (pixels - (camera.cx, camera.cy)) / (camera.fx, camera.fy)
    return to_world(camera_to_world, np.concatenate([rays, np.ones((4, 1))], 1) * depth)


def tubes(plane, eye, colour, pole=False):
    """The edges as capsules, the arguments of `tubes.build`.

    plane float32 [4, 3] of `corners`, eye float32 [3], colour (red, green, blue) 0..1, pole: it stands on the floor
    """
    edges = [(eye, corner) for corner in plane] + [(plane[i], plane[(i + 1) % 4]) for i in range(4)]
    over = (plane[0] + plane[1]) / 2 + 0.16 * (plane[0] - plane[3])  # a small roof tells which side is up
    edges += [(plane[0] * 0.6 + plane[1] * 0.4, over), (over, plane[1] * 0.6 + plane[0] * 0.4), (eye, eye)]
    edges += [(eye * np.float32((1, 1, 0)), eye)] * pole
    length = np.linalg.norm(plane.mean(0) - eye)
    radii = np.full((len(edges), 2), EDGE * length, np.float32)
    radii[len(edges) - 1 - pole] = EYE * length
    return np.float32(edges), radii, np.tile(np.float32((*colour, 0)), (len(edges), 1))
