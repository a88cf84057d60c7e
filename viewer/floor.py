"""The floor people stand on, and the one place where the camera frame becomes the viewer's world.

Camera frame: x right, y down, z forward, metres. World: z up from the floor, y where the camera looks along the floor,
x right, metres; its origin is the floor point straight below the camera.
"""

import math
from collections import deque
from typing import NamedTuple

import numpy as np

from duopose.stream.skeleton import BODY17, coco_to_body

DEFAULT_HEIGHT = 1.4  # m, of the camera over the floor while nobody has shown where the floor is
ANKLE_HEIGHT = 0.09  # m, of an ankle joint over the sole
MEMORY = 3.0  # s, after which what was seen counts for a third
GLIDE = 0.3  # s in which the floor moves two thirds of the way to its new place
FOOT_SIGMA = 0.12  # m, how far an ankle may be from the floor: heels lift, depths err
AIRBORNE = 0.25  # m over the floor from where a foot hardly counts: it jumps or stands on something
LOWEST = 0.05  # share of the feet that the search for the floor starts below
ROUNDS = 6  # of reweighting
LEAN_SIGMA = 0.25  # how far a person may lean (tangent); also tells how far the camera may be tilted
PRIOR = np.array([DEFAULT_HEIGHT, 0.0, 0.0])  # height, roll, tilt: people hold cameras level, but point them down or up
PRIOR_SIGMA = np.array([2.0, 0.04, 0.35])  # m, tangent, tangent

_ANKLES = [BODY17.index("right_ankle"), BODY17.index("left_ankle")]
_TRUNK = [BODY17.index("pelvis"), BODY17.index("thorax")]


class Evidence(NamedTuple):
    """Equations for the plane that people stand on: rows @ plane = values, each with a weight (1 / variance)."""

    rows: np.ndarray  # float64 [M, 3]
    values: np.ndarray  # float64 [M]
    weights: np.ndarray  # float64 [M]


class Floor:
    """The plane y = height + roll * x + tilt * z of the camera frame: where the lowest feet of the last seconds stand.

    People jump and climb, but nobody sinks into the floor: feet above the plane lose their weight, feet below keep it.
    Where the feet do not tell how the camera is tilted, the trunks do: people mostly stand upright.
    """

    def __init__(self):
        self.plane = PRIOR.copy()
        self._seen = deque()  # (stamp, feet, trunks) of each frame

    def update(self, scene):
        """Take in one scene; frames without people leave the floor where it is."""
        if len(scene.joints) == 0:
            return
        stamp = scene.frame.stamp
        if scene.frame.still or (self._seen and stamp < self._seen[-1][0]):
            self._seen.clear()
        glide = 1 - math.exp((self._seen[-1][0] - stamp) / GLIDE) if self._seen else 1.0
        self._seen.append((stamp, _feet(scene), _trunks(scene)))
        while stamp - self._seen[0][0] > 3 * MEMORY:
            self._seen.popleft()
        self.plane = self.plane + glide * (self._fit(stamp) - self.plane)

    def _fit(self, stamp):
        """-> float64 [3], the plane that agrees with what was seen until `stamp`."""
        stamps, feet, trunks = zip(*self._seen, strict=True)
        age = np.exp((np.array(stamps) - stamp) / MEMORY)
        age /= age.sum()  # all frames together weigh as much as one: their errors are mostly the same
        feet, trunks = _together(feet, age), _together(trunks, age)
        plane = self.plane.copy()
        plane[0] = _lowest(feet.values - feet.rows[:, 1:] @ plane[1:], feet.weights)
        for _ in range(ROUNDS):
            above = np.maximum(feet.rows @ plane - feet.values, 0)
            plane = _solve(feet._replace(weights=feet.weights / (1 + (above / AIRBORNE) ** 4)), trunks)
        return plane

    def camera_to_world(self):
        """-> float64 [4, 4], for columns: world = matrix @ (x, y, z, 1)."""
        height, roll, tilt = self.plane
        up = np.array([roll, -1.0, tilt])
        up /= np.linalg.norm(up)
        forward = np.array([0.0, 0.0, 1.0]) - up[2] * up
        forward /= np.linalg.norm(forward)
        right = np.cross(forward, up)
        matrix = np.eye(4)
        matrix[:3, :3] = right, forward, up
        matrix[2, 3] = height / math.sqrt(1 + roll**2 + tilt**2)
        return matrix


def floor_of(scenes):
    """The one Floor of a recording: all its scenes count alike, whenever they were; nobody in them, and it is PRIOR."""
    floor = Floor()
    floor._seen.extend((0.0, _feet(scene), _trunks(scene)) for scene in scenes if len(scene.joints))
    if floor._seen:
        floor.plane = floor._fit(0.0)
    return floor


def to_world(camera_to_world, points):
    """points [..., 3] of the camera frame, metres -> float32 [..., 3] of the world."""
    return (points @ camera_to_world[:3, :3].T + camera_to_world[:3, 3]).astype(np.float32)


def _feet(scene):
    """The lower foot of everyone is on the floor; one that nobody measured says little."""
    people = np.arange(len(scene.joints))
    ankles = scene.joints[:, _ANKLES].astype(np.float64)
    lower = ankles[..., 1].argmax(1)
    feet = ankles[people, lower]
    measured = coco_to_body(scene.coco)[:, _ANKLES, 2][people, lower]
    rows = np.stack([np.ones(len(feet)), feet[:, 0], feet[:, 2]], 1)
    return Evidence(rows, feet[:, 1] + ANKLE_HEIGHT, (0.1 + 0.9 * measured) / FOOT_SIGMA**2)


def _trunks(scene):
    """Everyone who is fairly upright stands at right angles to the floor."""
    up = scene.joints[:, _TRUNK[1]].astype(np.float64) - scene.joints[:, _TRUNK[0]]
    up = up[-up[:, 1] > 0.7 * np.linalg.norm(up, axis=1)]
    rows = np.repeat(np.eye(3)[1:], len(up), axis=0)
    values = (up[:, (0, 2)] / -up[:, 1:2]).T.reshape(-1)
    return Evidence(rows, values, np.full(len(values), LEAN_SIGMA**-2.0))


def _together(parts, shares):
    """The evidence of many frames as one, each with its share of weight."""
    weights = [part.weights * share for part, share in zip(parts, shares, strict=True)]
    return Evidence(
        np.concatenate([part.rows for part in parts]),
        np.concatenate([part.values for part in parts]),
        np.concatenate(weights),
    )


def _lowest(heights, weights):
    """The height that all but the lowest feet (the largest y) are above."""
    order = np.argsort(-heights)
    passed = np.cumsum(weights[order]) / weights.sum()
    return heights[order][np.searchsorted(passed, LOWEST)]


def _solve(*evidence):
    """Weighted least squares with the prior -> plane float64 [3]."""
    normal, right = np.diag(PRIOR_SIGMA**-2.0), PRIOR / PRIOR_SIGMA**2
    for rows, values, weights in evidence:
        normal = normal + (rows.T * weights) @ rows
        right = right + (rows.T * weights) @ values
    return np.linalg.solve(normal, right)
