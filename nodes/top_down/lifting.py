"""Lifting, the second half of the top-down branch: 2D joints of each track -> GCN -> window -> TCNs -> metres.

Runs inside the node top_down. Each track has one window, kept by media time: if a camera is slow or a frame is dropped,
the window has gaps, but its steps stay 1/30 s apart, as the networks were trained.
"""

from typing import NamedTuple

import numpy as np

from duopose.kernels.window import GAP, RATE, Window
from duopose.networks import normalisation
from duopose.networks.mirroring import Mirrored, mirror_joints, mirror_pose, mirror_window
from duopose.networks.normalisation import CONFIDENCE, FEATURES, POINTS, VIEW
from duopose.nodes.placement import adjust_depth, rays_of

FORGET = 2.0  # s without an observation until a track's window is dropped: as long as the tracker keeps the track
FASTEST = 120.0  # Hz: a faster camera's windows are not filled to their oldest step
MIN_SEEN = 3  # joints of an observation: fewer give no size, and so no depth
# m, physical bounds of root depths: nobody is nearer to a lens; farther off a person is less than 19 pixels of a
# picture 1280 wide tall (60 degrees, 1.7 m).
NEAREST, FARTHEST = 0.2, 100.0
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
    """Three networks of `networks.runtime` -> Networks, with each batch size compiled before the first frame."""
    from duopose.networks.runtime import BUCKETS

    networks = mirrored(gcn, joint_tcn, root_tcn)
    rays = np.zeros((sum(BUCKETS), 17, 2), np.float32)
    features = window_features(networks, rays, np.ones(rays.shape[:2], np.float32))
    lift_windows(networks, np.repeat(features[:, None], networks.joint_tcn.arguments["frames"], 1))
    return networks


def window_features(networks, rays, confidence):
    """What a window holds of observed poses: rays [N, 17, 2] (x / z, y / z), confidences [N, 17] -> [N, FEATURES]."""
    points, view = normalisation.normalise(rays, confidence)
    (pose,) = networks.gcn(points, confidence, view)
    return normalisation.frame_features(pose, points, confidence, view)


def lift_windows(networks, windows, lookahead=0):
    """Windows [N, T, FEATURES] -> joints [N, 17, 3] in metres, camera frame, `lookahead` steps before the newest."""
    which = networks.joint_tcn.arguments["lookaheads"].index(lookahead)
    (joints,), (log_depth,) = networks.joint_tcn(windows), networks.root_tcn(windows)
    features = windows[:, -1 - lookahead]
    view = features[:, VIEW]
    size = view[:, 2]
    log_depth = np.clip(log_depth[:, which], np.log(NEAREST) + size, np.log(FARTHEST) + size)
    points = features[:, POINTS].reshape(-1, 17, 2)
    return normalisation.place(joints[:, which], log_depth, points, features[:, CONFIDENCE], view)


class Observation(NamedTuple):
    """The 2D joints of everyone in one frame, as lifting keeps them until the frame is answered."""

    ids: list  # N identities
    stamp: float  # s, media time
    still: bool  # the frame is a still
    rays: np.ndarray  # float32 [N, 17, 2]  x / z, y / z of each joint
    confidence: np.ndarray  # float32 [N, 17]  0 = not found
    features: np.ndarray  # float32 [N, FEATURES]  see `window_features`


class Lifting:
    """The windows of all tracks. Knows nothing of sockets.

    networks    Networks
    lookahead   steps of 1/30 s that an answer waits for later frames; the weights are for some values only.
                Call `observe` with every frame, and `answer` as soon as `due` says so, with 0 at once.
    """

    feature_count = FEATURES  # numbers that a window holds of each observation

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

    def observe(self, ids, body, stamp, camera, still, predicted=()):
        """Put everyone's 2D joints of one frame into their windows -> Observation, for `answer`.

        ids     int [N]             identities
        body    float32 [N, 17, 3]  BODY17: x, y pixels, score; 0 0 0 = not found
        stamp   s, media time
        camera  stream.messages.Camera of the picture
        still   the frame is a still: it has no windows, `answer` takes the one frame for all steps
        predicted  identities of those whom nobody looked at: their windows keep what was seen
        """
        ids = np.asarray(ids).tolist()
        rays, confidence = rays_of(body, camera), np.ascontiguousarray(body[..., 2])
        features = self.window_features(rays, confidence) if ids else np.zeros((0, self.feature_count), np.float32)
        if not still:
            enough = (confidence > 0).sum(1) >= MIN_SEEN
            if predicted:
                enough &= ~np.isin(ids, predicted)
            for identity, own, seen in zip(ids, features, enough, strict=True):
                self.push(identity, own, seen, stamp)
            self.forget(stamp)
        return Observation(ids, stamp, still, rays, confidence, features)

    def due(self, observation, now):
        """Whether the frame has waited long enough, when the newest one has the stamp `now` (s)."""
        return observation.still or now >= observation.stamp + self.lookahead / RATE - 1e-6

    def answer(self, observation):
        """Everyone's joints in a frame, from their windows as they are now.

        -> float32 [N, 17, 3], metres, camera frame, complete
        """
        ids, features = observation.ids, observation.features
        if not ids:
            return np.zeros((0, 17, 3), np.float32)
        if observation.still:
            windows = np.repeat(features[:, None], len(self.grid), axis=1)
        else:
            tracks = zip(ids, features, strict=True)
            windows = np.stack([self.window(identity, own, observation.stamp) for identity, own in tracks])
        return self.lift(windows, observation.rays, observation.confidence)

    def window_features(self, rays, confidence):
        """2D joints of at least one person -> [N, feature_count], see the function of that name."""
        return window_features(self.networks, rays, confidence)

    def lift(self, windows, rays, confidence):
        """Windows [N, T, feature_count] and the 2D joints of the answered frame -> joints [N, 17, 3], metres."""
        return adjust_depth(lift_windows(self.networks, windows, self.lookahead), rays, confidence)

    def push(self, identity, features, seen, stamp):
        """Put features [feature_count] into the track's window; if too few joints were seen, only as its first."""
        window = self.windows.setdefault(identity, Window(self.capacity, 1, self.feature_count))
        if window.newest is not None and stamp <= window.newest:  # the clip has started again
            window.clear()
        if seen or window.newest is None:
            window.push(stamp, features[None], ONE)

    def window(self, identity, features, stamp):
        """The track at the networks' steps around `stamp`: float32 [T, feature_count], 0 where nothing is known."""
        if identity in self.windows:
            window = self.windows[identity]
            values, _, valid = window.resample(stamp + self.grid, GAP)
            valid |= stamp + self.grid > window.newest  # after the newest observation: `resample` repeats it
            values = values[:, 0] * valid[:, None]
        else:  # the window was dropped meanwhile
            values = np.zeros((len(self.grid), self.feature_count), np.float32)
        at = -1 - self.lookahead
        values[at] = features  # also if too few joints were seen to push them
        return values

    def forget(self, stamp):
        """Drop the windows of tracks that were not seen for FORGET s, also those of an earlier run of the clip."""
        old = [identity for identity, window in self.windows.items() if abs(stamp - window.newest) > FORGET]
        for identity in old:
            del self.windows[identity]
