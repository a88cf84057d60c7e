"""Walking without end: one cycle of a captured walk, carried along any path at the captured stride.

The captured walks are straight and last three seconds. A cycle is cut where the walk comes nearest to repeating itself,
its end blended into its beginning; the distance gone along the path tells where in the cycle the walker is, so feet do
not slide.
"""

import numpy as np

from duopose.stream.skeleton import BODY17

PELVIS = BODY17.index("pelvis")
SHORTEST, LONGEST, BLEND = 22, 60, 6  # frames of a cycle; frames over which its end becomes its beginning


class Gait:
    """A cycle of a straight walk [T, 17, 3] (m, y up, 30 fps)."""

    def __init__(self, clip):
        start, end = clip[0, PELVIS, [0, 2]], clip[-1, PELVIS, [0, 2]]
        ahead = (end - start) / np.linalg.norm(end - start)
        x, y, z = np.moveaxis(clip.astype(np.float64), -1, 0)
        straight = np.stack([x * ahead[1] - z * ahead[0], y, x * ahead[0] + z * ahead[1]], -1)  # travels along +z
        speed = (straight[-1, PELVIS, 2] - straight[0, PELVIS, 2]) / (len(clip) - 1)  # m a frame
        still = straight - straight[:, PELVIS : PELVIS + 1] * [1, 0, 1]
        rate = np.gradient(still, axis=0) * 5
        pairs = [
            (np.square(still[i] - still[j]).sum() + np.square(rate[i] - rate[j]).sum(), i, j)
            for i in range(BLEND, len(clip) - SHORTEST)
            for j in range(i + SHORTEST, min(i + LONGEST, len(clip)))
        ]
        if not pairs:
            raise ValueError(f"a walk needs more than {BLEND + SHORTEST} frames, got {len(clip)}")
        _, first, last = min(pairs)
        self.cycle = still[first:last].copy()
        share = (np.arange(1, BLEND + 1) / (BLEND + 1))[:, None, None]
        self.cycle[-BLEND:] = (1 - share) * self.cycle[-BLEND:] + share * still[first - BLEND : first]
        self.stride = speed * (last - first)  # m a cycle
        self.speed = speed * 30  # m/s

    def at(self, distance):
        """The pose [17, 3] after `distance` m; it looks along +z, the pelvis above the origin."""
        place = distance / self.stride % 1 * len(self.cycle)
        before = int(place) % len(self.cycle)
        share = place - int(place)
        return (1 - share) * self.cycle[before] + share * self.cycle[(before + 1) % len(self.cycle)]


class Path:
    """A way over the floor through points [N, 2] (m), corners rounded over `bend` m."""

    def __init__(self, points, bend=0.35, step=0.02):
        points = np.asarray(points, float)
        length = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
        dense = np.arange(0, length[-1], step)
        line = np.stack([np.interp(dense, length, points[:, axis]) for axis in (0, 1)], 1)
        reach = int(3 * bend / step / 2)
        kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) * step / (bend / 2)) ** 2)
        ends = 2 * line[0] - line[reach:0:-1], 2 * line[-1] - line[-2 : -reach - 2 : -1]  # the ends go straight on
        padded = np.concatenate([ends[0], line, ends[1]])
        self.line = np.stack([np.convolve(padded[:, axis], kernel / kernel.sum(), "valid") for axis in (0, 1)], 1)
        self.length = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(self.line, axis=0), axis=1))])

    def at(self, distance):
        """-> place [2], yaw of a body that walks there (rad; render.pose)."""
        ahead = min(distance + 0.06, self.length[-1])
        behind = max(ahead - 0.12, 0.0)
        here, a, b = (
            np.array([np.interp(s, self.length, self.line[:, axis]) for axis in (0, 1)])
            for s in (distance, behind, ahead)
        )
        return here, float(np.arctan2(b[0] - a[0], -(b[1] - a[1])))
