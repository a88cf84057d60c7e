"""Windows for the lifting networks of people of data sets: true poses before true cameras, and what a 2D network would
have seen of them.

Against motion capture (training/mocap/windows.py), what is drawn is less: motion, body, place and camera are the set's
own, but for a mirror. The 2D joints are the projected 3D ones; noise, frame rates, gaps and missing joints are those of
motion capture (training/mocap/observation.py); the paper takes its occlusions from its reference [9].
What the set says of who hides whom, and of who leaves the picture, comes on top.
"""

import numpy as np

from duopose.kernels.window import RATE
from duopose.networks.mirroring import mirror_joints
from duopose.nodes.top_down.lifting import MIN_SEEN
from duopose.stream.skeleton import BODY_MIRROR, PELVIS
from duopose.training.datasets.reading.sample import SEEN
from duopose.training.mocap import bodies, cameras, observation, windows
from duopose.training.mocap.clips import sample

LOST = 0.5  # share of the windows in which a joint that something hides is not found; else it counts less
# Share of the windows whose pelvis, spine, thorax and head are made from other joints, as the live node makes them; the
# truth stays where the set puts it.
DERIVED = bodies.CONVENTIONS[bodies.ANNOTATED]


def draw(tracks, batch, rng, frames=27, lookaheads=(0,)):
    """Training windows of `training.tracks.reading.Tracks` -> training.mocap.windows.Windows"""
    ends = rng.integers(len(tracks.joints), size=batch)
    moments = windows.moments(batch, rng, frames, lookaheads)
    flip = rng.random(batch) < 0.5
    joints, seen, moments = around(tracks, ends, moments)
    joints = np.where(flip[:, None, None, None], mirror_joints(joints), joints)
    seen = np.where(flip[:, None, None], seen[..., BODY_MIRROR], seen)
    joints, labelled = completed(joints)
    rays, confidence = windows.observed(joints[:, :frames], rng.random(batch) < DERIVED, moments.plain, rng)
    lost = (seen < SEEN) & (rng.random((batch, 1, 17)) < LOST)
    confidence = confidence * np.where(lost, 0, seen)
    return assembled(joints, labelled, seen, rays, confidence, moments, lookaheads)


def draw_standard(tracks, ends, rng, frames=27, lookaheads=(0,)):
    """Windows to judge by, each ending with a frame of `ends`: steady rate, the noise of the standard protocol."""
    batch = len(ends)
    wanted = np.concatenate([np.arange(-frames + 1, 1), -np.array(lookaheads)]).astype(np.float64)
    wanted = np.broadcast_to(wanted, (batch, len(wanted)))
    none = np.zeros(batch, bool)
    moments = windows.Moments(wanted[:, :frames], np.ones((batch, frames), bool), none, none, wanted)
    joints, seen, moments = around(tracks, ends, moments)
    joints, labelled = completed(joints)
    rays, confidence = observation.standard(cameras.rays_of(joints[:, :frames]), rng)
    return assembled(joints, labelled, seen, rays, confidence * seen, moments, lookaheads)


def around(tracks, ends, moments):
    """The frames `ends` [B] and what is around them -> joints [B, S + L, 17, 3], NaN where the set has no label,
    confidences of the labels [B, S, 17], and the Moments, without those before the person was there.

    Who was seen once is there all the time: as the live node, which repeats a picture that comes alone.
    """
    piece = np.searchsorted(tracks.start, ends, side="right") - 1
    wanted = moments.wanted * (tracks.rate[piece] / RATE)[:, None]
    joints = sample(tracks, ends, wanted)
    slots = moments.times.shape[1]
    seen = sample(tracks._replace(joints=tracks.seen[..., None]), ends, wanted[:, :slots])[..., 0]
    there = ends[:, None] + wanted[:, :slots] > tracks.start[piece, None] - 0.5
    repeated = moments.repeated | (tracks.length[piece] == 1)
    return joints, seen.astype(np.float32), moments._replace(kept=moments.kept & there, repeated=repeated)


def completed(joints):
    """Joints without label take the place of the pelvis, where they count as missing -> joints, labelled bool
    [B, 17]."""
    unknown = np.isnan(joints)
    return np.where(unknown, joints[:, :, PELVIS, None], joints), ~unknown.any((1, 3))


def assembled(joints, labelled, seen, rays, confidence, moments, lookaheads):
    """-> training.mocap.windows.Windows. A frame with too few joints is no part of a window, but its newest one is: of
    that at least what the set shows is seen."""
    few = (confidence[:, -1] > 0).sum(-1) < MIN_SEEN
    confidence[few, -1] = seen[few, -1]
    kept = moments.kept & ((confidence > 0).sum(-1) >= MIN_SEEN)
    kept[:, -1] = True
    grid, valid = observation.grid(moments.times, kept, moments.repeated, rays.shape[1])
    return windows.assemble(joints, rays, confidence.astype(np.float32), grid, valid, lookaheads, labelled)
