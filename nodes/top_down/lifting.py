"""Lifting, the second half of the top-down branch: 2D joints of each track -> GCN -> window -> TCNs -> metres.

Runs inside the node top_down. One window per track, kept by media time: a slow camera or a dropped frame changes how well
the window is filled, never what its columns mean.
"""

from typing import NamedTuple

import numpy as np

from duopose.kernels.window import GAP, RATE, Window
from duopose.networks import normalisation
from duopose.networks.mirroring import Mirrored, mirror_joints, mirror_pose, mirror_window
from duopose.networks.normalisation import CONFIDENCE, FEATURES, POINTS, VIEW
from duopose.nodes.placement import place, rays_of

FORGET = 2.0  # s without an observation until a track's window is dropped
FASTEST = 120.0  # Hz: a faster camera's windows are not filled to their oldest frame
FEWEST = 3  # joints: with less there is no size, and so no depth
NEAREST, FARTHEST = 0.2, 100.0  # m: no root depth beyond is believed
ONE = np.ones(1, np.float32)


class Networks(NamedTuple):
    """Callables on float32 arrays, each returning a tuple of them; shapes in networks/gcn.py and networks/tcn.py."""

    gcn: object
    joint_tcn: object
    root_tcn: object


def mirrored(gcn, joint_tcn, root_tcn):
    """The three networks -> Networks that are asked for each pose and for its mirror image."""
    return Networks(
        Mirrored(gcn, mirror_pose, mirror_joints),
        Mirrored(joint_tcn, mirror_window, mirror_joints),
        Mirrored(root_tcn, mirror_window),
    )


def prepare(gcn, joint_tcn, root_tcn):
    """The three networks as callables of `networks.runtime` -> Networks, each batch size compiled before the first frame."""
    from duopose.networks.runtime import BUCKETS

    networks = mirrored(gcn, joint_tcn, root_tcn)
    rays = np.zeros((sum(BUCKETS), 17, 2), np.float32)
    column = columns(networks, rays, np.ones(rays.shape[:2], np.float32))
    lift(networks, np.repeat(column[:, None], networks.joint_tcn.arguments["frames"], 1))
    return networks


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


class Observation(NamedTuple):
    """Everyone in one frame, as lifting keeps them until it answers."""

    ids: list  # N identities
    stamp: float  # s, media time
    still: bool  # the frame stands alone
    rays: np.ndarray  # float32 [N, 17, 2]  x / z, y / z of each joint
    confidence: np.ndarray  # float32 [N, 17]  0 = not found
    columns: np.ndarray  # float32 [N, features]  of their windows


class Lifting:
    """The windows of all tracks. Knows nothing of sockets.

    networks    Networks
    lookahead   frames of 1/30 s that an answer waits for what comes after it; one of those that the weights are for.
                `observe` every frame, `answer` a frame when `due` says so: with 0 at once
    """

    features = FEATURES  # numbers in a column

    def __init__(self, networks, lookahead=0):
        shipped = networks.joint_tcn.arguments["lookaheads"]
        if lookahead not in shipped:
            raise ValueError(f"no weights for a look-ahead of {lookahead}, only {', '.join(map(str, shipped))}")
        self.networks = networks
        self.lookahead = lookahead
        frames = networks.joint_tcn.arguments["frames"]
        self.capacity = round(FASTEST * (frames / RATE + GAP)) + 4  # observations kept per track: a window and a gap
        self.grid = np.arange(-frames + 1, 1) / RATE + lookahead / RATE  # s from the frame that is answered
        self.windows = {}  # identity -> Window

    def observe(self, ids, body, stamp, camera, still):
        """Take in everyone's 2D joints of one frame -> Observation, for `answer`.

        ids     int [N]             identities
        body    float32 [N, 17, 3]  BODY17: x, y pixels, score; 0 0 0 = not found
        stamp   s, media time
        camera  stream.messages.Camera of the picture
        still   the frame stands alone: each window is filled with it
        """
        ids = np.asarray(ids).tolist()
        rays, confidence = rays_of(body, camera), np.ascontiguousarray(body[..., 2])
        columns = self.columns(rays, confidence) if ids else np.zeros((0, self.features), np.float32)
        if not still:
            enough = (confidence > 0).sum(1) >= FEWEST
            for identity, column, seen in zip(ids, columns, enough, strict=True):
                self.push(identity, column, seen, stamp)
            self.forget(stamp)
        return Observation(ids, stamp, still, rays, confidence, columns)

    def due(self, observation, now):
        """Whether the frame has waited long enough when the newest was taken at `now` (s)."""
        return observation.still or now >= observation.stamp + self.lookahead / RATE - 1e-6

    def answer(self, observation):
        """Everyone's joints in a frame, with all that is known by now -> float32 [N, 17, 3], metres, camera frame, complete."""
        ids, columns = observation.ids, observation.columns
        if not ids:
            return np.zeros((0, 17, 3), np.float32)
        if observation.still:
            windows = np.repeat(columns[:, None], len(self.grid), axis=1)
        else:
            tracks = zip(ids, columns, strict=True)
            windows = np.stack([self.window(identity, column, observation.stamp) for identity, column in tracks])
        return self.lift(windows, observation.rays, observation.confidence)

    def columns(self, rays, confidence):
        """2D joints of at least one person -> their columns [N, features]."""
        return columns(self.networks, rays, confidence)

    def lift(self, windows, rays, confidence):
        """Windows [N, T, features] and the 2D joints of the frame that is answered -> joints [N, 17, 3], metres."""
        return place(lift(self.networks, windows, self.lookahead), rays, confidence)

    def push(self, identity, column, seen, stamp):
        """Put a column into the track's window, unless too little of the person was seen."""
        window = self.windows.setdefault(identity, Window(self.capacity, 1, self.features))
        if window.newest is not None and stamp <= window.newest:  # a clip that starts again
            window.clear()
        if seen or window.newest is None:
            window.push(stamp, column[None], ONE)

    def window(self, identity, column, stamp):
        """The track around `stamp` on the networks' grid: float32 [T, features], zeros where nothing is known."""
        if identity in self.windows:
            window = self.windows[identity]
            values, _, valid = window.resample(stamp + self.grid, GAP)
            valid |= stamp + self.grid > window.newest  # a track that ends stands still, as `resample` fills it
            values = values[:, 0] * valid[:, None]
        else:  # forgotten meanwhile
            values = np.zeros((len(self.grid), self.features), np.float32)
        at = -1 - self.lookahead
        values[at] = column  # also where too little was seen to be pushed
        return values

    def forget(self, stamp):
        """Drop the windows of tracks that were not seen for a while (or that belong to an earlier run of the clip)."""
        old = [identity for identity, window in self.windows.items() if abs(stamp - window.newest) > FORGET]
        for identity in old:
            del self.windows[identity]
