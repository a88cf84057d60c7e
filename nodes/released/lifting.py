"""The authors' lifting: 2D joints of each track -> graph network -> 243 frames -> Joint TCN and Root TCN -> metres.

Their temporal networks answer for the middle of the window. With a look-ahead of 121 frames it is full of what was
seen; without, the newest frame stands in for what has not come yet, as the authors do at the end of a clip.
"""

from typing import NamedTuple

import numpy as np

from duopose.kernels.reprojection import fit_depth, root_at
from duopose.kernels.window import GAP, RATE
from duopose.networks.gcn import hops
from duopose.nodes.placement import HEAD
from duopose.nodes.top_down import lifting
from duopose.nodes.top_down.lifting import FARTHEST, NEAREST
from duopose.stream.skeleton import BODY17, PELVIS

FRAMES = 243
HALF = FRAMES // 2
THORAX = BODY17.index("thorax")
POSE, POINTS = slice(0, 51), slice(51, 85)  # of the features: the graph network's pose, the input of the Root TCN

# The Root TCN takes pixels of a picture 1024 wide, divided by 915. The camera of its training pictures is not known.
# Here it is the camera of MuCo-3DHP, whose pictures the paper names.
WIDE, FOCAL, ROOT_SCALE = 1024, 750.0, 915.0
HOPS = hops().numpy()
LEAST_TRUNK = 0.1  # of a pose's larger side: the least distance in y of pelvis and thorax


class Networks(NamedTuple):
    """Callables on float32 arrays, each returning a tuple of them."""

    gcn: object  # points [N, 17, 2], confidence [N, 17] -> pose [N, 17, 3]
    joint_tcn: object  # [N, 243, 51] -> [N, 51]
    root_tcn: object  # [N, 243, 34] -> [N, 1]


def prepare(gcn, joint_tcn, root_tcn):
    """The three networks -> Networks, each called once: the first call takes longest."""
    networks = Networks(gcn, joint_tcn, root_tcn)
    networks.gcn(np.zeros((1, 17, 2), np.float32), np.ones((1, 17), np.float32))
    for network, features in ((networks.joint_tcn, 51), (networks.root_tcn, 34)):
        network(np.zeros((1, FRAMES, features), np.float32))
    return networks


def nearest_seen(points, confidence):
    """Each joint that was not found gets the position of the found one that is the fewest bones away.

    points [N, 17, 2], confidence [N, 17], 0 = not found -> [N, 17, 2]
    """
    away = np.where(confidence[:, None, :] > 0, HOPS, len(BODY17))  # [N, joint, other]
    return np.take_along_axis(points, away.argmin(-1)[..., None], 1)


def normalise(points):
    """2D poses as the graph network sees them: relative to the pelvis, divided by the thorax's y less the pelvis's.

    That quotient is signed, so y points up and x left while somebody stands. Where the trunk lies level it would grow
    without bound, as it does in the authors' program; here the trunk counts as LEAST_TRUNK of the pose's extent at
    least.

    points [N, 17, 2] -> [N, 17, 2]
    """
    trunk = points[:, THORAX, 1] - points[:, PELVIS, 1]
    extent = np.ptp(points, axis=1).max(-1)
    least = np.maximum(LEAST_TRUNK * extent, 1e-6)
    trunk = np.where(trunk > 0, np.maximum(trunk, least), np.minimum(trunk, -least))
    return ((points - points[:, PELVIS : PELVIS + 1]) / trunk[:, None, None]).astype(np.float32)


class Line:
    """Depths in metres from the network's, whose unit is not known: the regression line of all people so far.

    The authors fit scale and offset of each sequence's depths to the true ones. A live run has no true ones. Here the
    line is fitted to the depths at which the poses, which are in metres, fit over the 2D joints.
    """

    KEEP = 0.999  # of the past, per person and frame
    FIRST = 3.6  # m, before the first person: the mean depth in MuCo-3DHP

    def __init__(self):
        self.weight, self.raw, self.fitted = 0.0, 0.0, self.FIRST  # sum of weights, means
        self.spread, self.shared = 0.0, 0.0  # variance of raw, covariance; times the weight

    def add(self, raw, fitted):
        """One more person: the network's depth, and the depth in metres that fits."""
        self.weight = self.KEEP * self.weight + 1
        step = 1 / self.weight
        off = raw - self.raw
        self.raw += step * off
        self.fitted += step * (fitted - self.fitted)
        self.spread = self.KEEP * self.spread + off * (raw - self.raw)
        self.shared = self.KEEP * self.shared + off * (fitted - self.fitted)

    def metres(self, raw):
        """[N] -> [N]"""
        slope = max(self.shared / self.spread, 0.0) if self.spread > 1e-9 else 0.0
        return (self.fitted + slope * (raw - self.raw)).clip(NEAREST, FARTHEST).astype(np.float32)


class Lifting(lifting.Lifting):
    """The windows of all tracks, as `nodes.top_down.lifting.Lifting`, around the authors' networks."""

    feature_count = 85
    capacity = 1200  # observations: a window at 120 frames a second and a gap

    def __init__(self, networks, lookahead=0):
        if lookahead not in (0, HALF):
            raise ValueError(f"a look-ahead of {lookahead} is neither 0 nor {HALF}")
        self.networks = networks
        self.lookahead = lookahead
        self.grid = np.arange(-HALF, HALF + 1) / RATE  # s from the frame that is answered
        self.windows = {}  # identity -> Window
        self.line = Line()

    def answer(self, observation):
        if observation.still:
            self.line = Line()  # stills have nothing to do with each other
        return super().answer(observation)

    def window_features(self, rays, confidence):
        points = nearest_seen(rays, confidence)
        (pose,) = self.networks.gcn(normalise(points), confidence)
        pose = pose - pose[:, PELVIS : PELVIS + 1]
        seen = (points * FOCAL + WIDE / 2) / ROOT_SCALE
        return np.concatenate([pose.reshape(-1, 51), seen.reshape(-1, 34)], -1).astype(np.float32)

    def window(self, identity, features, stamp):
        """The track around `stamp`: float32 [T, feature_count]; times without an observation take the nearest one."""
        if identity in self.windows:
            values, _, _ = self.windows[identity].resample(stamp + self.grid, GAP)
            values = values[:, 0]
        else:  # the window was dropped meanwhile
            values = np.repeat(features[None], FRAMES, 0)
        values[HALF] = features
        return values

    def lift(self, windows, rays, confidence):
        (pose,) = self.networks.joint_tcn(np.ascontiguousarray(windows[..., POSE]))
        (raw,) = self.networks.root_tcn(np.ascontiguousarray(windows[..., POINTS]))
        pose, raw = pose.reshape(-1, 17, 3), raw[:, 0]
        pose = np.ascontiguousarray(pose - pose[:, PELVIS : PELVIS + 1])
        weight = confidence.copy()
        weight[:, HEAD] = 0
        fitted = fit_depth(pose, rays, weight)
        for one, depth in zip(raw.tolist(), fitted.tolist(), strict=True):
            if NEAREST < depth < FARTHEST:
                self.line.add(one, depth)
        weight = np.where(weight.any(1, keepdims=True), weight, confidence)
        return pose + root_at(pose, rays, weight, self.line.metres(raw))[:, None]
