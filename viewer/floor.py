"""The floor people stand on, and the one place where the camera frame becomes the viewer's world.

Camera frame: x right, y down, z forward, metres. World: z up from the floor, y where the camera looks along the floor, x
right, metres; its origin is the floor point straight below the camera.
"""

import math

import numpy as np

from stream.skeleton import BODY17, coco_to_body

DEFAULT_HEIGHT = 1.4  # m, of the camera over the floor while nobody has shown where the floor is
ANKLE_HEIGHT = 0.09  # m, of an ankle joint over the sole
MEMORY = 3.0  # s, after which what was seen counts for a third
FOOT_SIGMA = 0.12  # m, how far an ankle may be from the floor: heels lift, depths err
LEAN_SIGMA = 0.25  # how far a person may lean (tangent); also tells how far the camera may be tilted
ROLL_SIGMA = 0.04  # tangent; people hold cameras level ...
TILT_SIGMA = 0.35  # ... but point them down or up
HEIGHT_SIGMA = 2.0  # m, of the camera: nearly anything
KEEP_WRONG = 0.85  # of what was known, per frame with a foot well below the floor: it was not the floor then
AIRBORNE = 0.25  # m over the floor from where a foot hardly counts: it jumps or stands on something

_ANKLES = [BODY17.index("right_ankle"), BODY17.index("left_ankle")]
_TRUNK = [BODY17.index("pelvis"), BODY17.index("thorax")]


class Floor:
    """The plane y = height + roll * x + tilt * z of the camera frame, fitted to feet and trunks with slow forgetting."""

    def __init__(self):
        self.plane = np.array([DEFAULT_HEIGHT, 0.0, 0.0])  # height, roll, tilt
        self._normal = np.zeros((3, 3))  # running normal equations, one frame's worth of weight
        self._right = np.zeros(3)
        self._frames = 0  # taken in so far
        self._stamp = None

    def update(self, scene):
        """Take in one scene; frames without people leave the floor where it is."""
        if len(scene.joints) == 0:
            return
        gap = 0.0 if self._stamp is None else abs(scene.frame.stamp - self._stamp)
        self._stamp = scene.frame.stamp
        # A mean of all frames at first, then of the last few seconds; an image that stands alone knows only itself.
        keep = 0.0 if scene.frame.still else min(math.exp(-gap / MEMORY), self._frames / (self._frames + 1))
        rows, values, weights = self._evidence(scene)
        if self._frames > 0 and (values - rows @ self.plane)[: len(scene.joints)].max() > AIRBORNE:
            keep = min(keep, KEEP_WRONG)
        self._normal = keep * self._normal + (1 - keep) * (rows.T * weights) @ rows
        self._right = keep * self._right + (1 - keep) * (rows.T * weights) @ values
        self._frames += 1
        prior = np.array([HEIGHT_SIGMA, ROLL_SIGMA, TILT_SIGMA]) ** -2.0
        self.plane = np.linalg.solve(self._normal + np.diag(prior), self._right + prior * (DEFAULT_HEIGHT, 0, 0))

    def _evidence(self, scene):
        """-> rows [M, 3], values [M], weights [M] with rows @ plane = values: the lower foot and the trunk of everyone."""
        joints = scene.joints.astype(np.float64)
        people = np.arange(len(joints))
        ankles = joints[:, _ANKLES]
        lower = ankles[..., 1].argmax(1)
        feet = ankles[people, lower]
        seen = coco_to_body(scene.coco)[:, _ANKLES, 2][people, lower]
        rows = np.stack([np.ones(len(feet)), feet[:, 0], feet[:, 2]], 1)
        values = feet[:, 1] + ANKLE_HEIGHT
        weights = (0.1 + 0.9 * seen) / FOOT_SIGMA**2
        if self._frames > 0 and not scene.frame.still:
            above = np.maximum(rows @ self.plane - values, 0)
            weights = weights / (1 + (above / AIRBORNE) ** 4)

        up = joints[:, _TRUNK[1]] - joints[:, _TRUNK[0]]
        upright = -up[:, 1] > 0.7 * np.linalg.norm(up, axis=1)
        slopes = up[upright][:, [0, 2]] / -up[upright][:, 1:2]  # of the plane a straight person stands on
        lean_rows = np.concatenate([np.tile([[0.0, 1, 0]], (len(slopes), 1)), np.tile([[0.0, 0, 1]], (len(slopes), 1))])
        lean_weights = np.full(2 * len(slopes), LEAN_SIGMA**-2.0)
        return (
            np.concatenate([rows, lean_rows]),
            np.concatenate([values, slopes[:, 0], slopes[:, 1]]),
            np.concatenate([weights, lean_weights]),
        )

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


def to_world(camera_to_world, points):
    """points [..., 3] of the camera frame, metres -> float32 [..., 3] of the world."""
    return (points @ camera_to_world[:3, :3].T + camera_to_world[:3, 3]).astype(np.float32)
