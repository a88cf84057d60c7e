"""Lifting, the second half of the top-down branch: 2D joints of each track -> GCN -> window -> TCNs -> metres.

Runs inside the node top_down. One window per track, kept by media time: a slow camera or a dropped frame changes how well
the window is filled, never what its columns mean.
"""

from collections import deque
from typing import NamedTuple

import numpy as np

from duopose.kernels.window import GAP, RATE, Window
from duopose.networks import normalisation
from duopose.networks.mirroring import Mirrored, mirror_joints, mirror_pose, mirror_window
from duopose.networks.normalisation import CONFIDENCE, FEATURES, POINTS, VIEW
from duopose.nodes.placement import place, rays_of
from duopose.stream.messages import Poses
from duopose.stream.skeleton import coco_to_body

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


def load_networks(profile="lite", device="cpu"):
    """The shipped networks, ready for any number of people. Raises FileNotFoundError that names a missing file."""
    from duopose.networks.runtime import BUCKETS, load

    gcn, joint_tcn, root_tcn = (load(name, profile, device) for name in Networks._fields)
    networks = Networks(
        Mirrored(gcn, mirror_pose, mirror_joints),
        Mirrored(joint_tcn, mirror_window, mirror_joints),
        Mirrored(root_tcn, mirror_window),
    )
    rays = np.zeros((sum(BUCKETS), 17, 2), np.float32)  # blanks: each batch size is compiled now, not in mid-stream
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


class Lifting:
    """The windows of all tracks. Knows nothing of sockets.

    networks    Networks
    lookahead   frames of 1/30 s that an answer waits for what comes after it; one of those that the weights are for.
                0: `step` answers at once. Else: `observe` every frame, `answer` a frame when `due` says so.
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

    def step(self, ids, body, stamp, camera, still):
        """Everyone's 2D joints of one frame -> their 3D joints.

        ids     int [N]             identities
        body    float32 [N, 17, 3]  BODY17: x, y pixels, score; 0 0 0 = not found
        stamp   s, media time
        camera  stream.messages.Camera of the picture
        still   the frame stands alone: each window is filled with it
        ->      float32 [N, 17, 3]  metres, camera frame, complete; float32 [N, 17] confidence, 0 = filled in
        """
        columns = self.observe(ids, body, stamp, camera, still)
        return self.answer(ids, columns, body, stamp, camera, still), np.ascontiguousarray(body[..., 2])

    def observe(self, ids, body, stamp, camera, still):
        """Take in a frame, as `step` says -> its columns of the windows [N, features], which `answer` wants again."""
        newest = self.columns(body, camera) if len(ids) else np.zeros((0, self.features), np.float32)
        if not still:
            enough = (body[..., 2] > 0).sum(1) >= FEWEST
            for identity, column, seen in zip(np.asarray(ids).tolist(), newest, enough, strict=True):
                self.push(identity, column, seen, stamp)
            self.forget(stamp)
        return newest

    def due(self, stamp, now):
        """Whether the frame taken at `stamp` has waited long enough when the newest was taken at `now` (s)."""
        return now >= stamp + self.lookahead / RATE - 1e-6

    def answer(self, ids, columns, body, stamp, camera, still):
        """The poses [N, 17, 3] of a frame that was observed before, with all that is known by now."""
        if len(ids) == 0:
            return np.zeros((0, 17, 3), np.float32)
        if still:
            windows = np.repeat(columns[:, None], len(self.grid), axis=1)
        else:
            tracks = zip(np.asarray(ids).tolist(), columns, strict=True)
            windows = np.stack([self.window(identity, column, stamp) for identity, column in tracks])
        return self.lift(windows, body, camera)

    def columns(self, body, camera):
        """2D joints of at least one person [N, 17, 3] -> their columns [N, features]."""
        return columns(self.networks, rays_of(body, camera), np.ascontiguousarray(body[..., 2]))

    def lift(self, windows, body, camera):
        """Windows [N, T, features] and the 2D joints of the frame that is answered -> joints [N, 17, 3], metres."""
        return place(lift(self.networks, windows, self.lookahead), body, camera)

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


class Delayed:
    """Lifts the People of each frame and gives back the Poses whose look-ahead has come, in order; without look-ahead at once.

    most   frames that may wait: the frames in flight are few, and a source of 120 frames a second must not use them up
    """

    def __init__(self, lifting, most):
        self.lifting = lifting
        self.most = most
        self.waiting = deque()  # (People, body joints, columns), oldest first

    def add(self, people):
        """The newest People -> list of Poses."""
        frame = people.frame
        body = coco_to_body(people.coco)
        columns = self.lifting.observe(people.ids, body, frame.stamp, frame.camera, frame.still)
        self.waiting.append((people, body, columns))
        out = []
        while self.waiting and (
            frame.still
            or len(self.waiting) > self.most
            or self.lifting.due(self.waiting[0][0].frame.stamp, frame.stamp)
        ):
            out.append(self.release())
        return out

    def rest(self):
        """Everyone who still waits, when nothing more comes."""
        return [self.release() for _ in range(len(self.waiting))]

    def release(self):
        people, body, columns = self.waiting.popleft()
        frame = people.frame
        joints = self.lifting.answer(people.ids, columns, body, frame.stamp, frame.camera, frame.still)
        confidence = np.ascontiguousarray(body[..., 2])
        return Poses(frame, people.ids, people.scores, people.boxes, people.coco, joints, confidence)
