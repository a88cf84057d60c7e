"""Lifting, the second half of the top-down branch: 2D joints of each track -> GCN -> window -> TCNs -> metres.

Runs inside the node top_down. One window per track, kept by media time: a slow camera or a dropped frame changes how well
the window is filled, never what its columns mean.
"""

from typing import NamedTuple

import numpy as np

from kernels.camera import constants, undistort
from kernels.window import Window
from networks import normalisation
from networks.normalisation import CONFIDENCE, FEATURES, POINTS, VALID, VIEW

RATE = 30.0  # Hz, of the grid that the networks see
GAP = 0.4  # s between two observations beyond which nothing is known in between
FORGET = 2.0  # s without an observation until a track's window is dropped
CAPACITY = 160  # observations kept per track: a window and a gap at 120 frames a second
FEWEST = 3  # joints: with less there is no size, and so no depth
NEAREST, FARTHEST = 0.2, 100.0  # m: no root depth beyond is believed


class Networks(NamedTuple):
    """Callables on float32 arrays, each returning a tuple of them; shapes in networks/gcn.py and networks/tcn.py."""

    gcn: object
    joint_tcn: object
    root_tcn: object


def load_networks(profile="lite", device="cpu"):
    """The shipped networks. Raises FileNotFoundError that names a missing file."""
    from networks.runtime import load

    return Networks(*(load(name, profile, device) for name in Networks._fields))


def columns(networks, rays, confidence):
    """Observed poses [N, 17, 2] (x / z, y / z) and confidences [N, 17] -> their columns of a window [N, FEATURES]."""
    points, view = normalisation.normalise(rays, confidence)
    (pose,) = networks.gcn(points, confidence, view)
    return normalisation.frame_features(pose, points, confidence, view)


def lift(networks, windows, lookahead=0):
    """Windows [N, T, FEATURES] -> joints [N, 17, 3] in metres, camera frame, `lookahead` frames before the newest."""
    which = networks.joint_tcn.arguments["lookaheads"].index(lookahead)
    (joints,), (log_depth,) = networks.joint_tcn(windows), networks.root_tcn(windows)
    column = windows[:, -1 - lookahead]
    view = column[:, VIEW]
    size = view[:, 2]
    log_depth = np.clip(log_depth[:, which], np.log(NEAREST) + size, np.log(FARTHEST) + size)
    points = column[:, POINTS].reshape(-1, 17, 2)
    return normalisation.place(joints[:, which], log_depth, points, column[:, CONFIDENCE], view)


class Lifting:
    """The windows of all tracks. Knows nothing of sockets.

    networks    Networks
    lookahead   frames (of 1/30 s) before the newest whose poses `step` returns; one of those that the weights are for
    """

    def __init__(self, networks, lookahead=0):
        shipped = networks.joint_tcn.arguments["lookaheads"]
        if lookahead not in shipped:
            raise ValueError(f"no weights for a look-ahead of {lookahead}, only {', '.join(map(str, shipped))}")
        self.networks = networks
        self.lookahead = lookahead
        frames = networks.joint_tcn.arguments["frames"]
        self.grid = np.arange(-frames + 1, 1) / RATE  # s before the newest frame
        self.windows = {}  # identity -> Window

    def step(self, ids, body, stamp, camera, still):
        """Everyone's 2D joints of one frame -> their 3D joints.

        ids     int [N]             identities
        body    float32 [N, 17, 3]  BODY17: x, y pixels, score; 0 0 0 = not found
        stamp   s, media time
        camera  stream.messages.Camera of the picture
        still   the frame stands alone: each window is filled with it
        ->      float32 [N, 17, 3]  metres, camera frame, complete; float32 [N, 17] confidence, 0 = filled in
        """
        confidence = np.ascontiguousarray(body[..., 2])
        if len(ids) == 0:
            self.forget(stamp)
            return np.zeros((0, 17, 3), np.float32), confidence
        pixels = np.ascontiguousarray(body[..., :2].reshape(-1, 2), dtype=np.float32)
        rays = undistort(pixels, *constants(camera)).reshape(-1, 17, 2)
        newest = columns(self.networks, rays, confidence)
        if still:
            windows = np.repeat(newest[:, None], len(self.grid), axis=1)
        else:
            enough = (confidence > 0).sum(1) >= FEWEST
            windows = np.stack(
                [self.advance(*track, stamp) for track in zip(np.asarray(ids).tolist(), newest, enough, strict=True)]
            )
            self.forget(stamp)
        return lift(self.networks, windows, 0 if still else self.lookahead), confidence

    def advance(self, identity, column, enough, stamp):
        """Put the newest column into the track's window; the window on the grid that ends now [T, FEATURES]."""
        window = self.windows.setdefault(identity, Window(CAPACITY, 1, FEATURES))
        if window.newest is not None and stamp <= window.newest:  # a clip that starts again
            window.clear()
        if enough or window.newest is None:
            window.push(stamp, column[None], column[VALID])
        values, _, valid = window.resample(stamp + self.grid, GAP)
        values = values[:, 0] * valid[:, None]
        if not valid[-1]:  # too little of the person is seen: what was known last, where that little is
            values[-1] = column
        return values

    def forget(self, stamp):
        """Drop the windows of tracks that were not seen for a while (or that belong to an earlier run of the clip)."""
        old = [identity for identity, window in self.windows.items() if abs(stamp - window.newest) > FORGET]
        for identity in old:
            del self.windows[identity]
