"""Batches for the lifting networks: what they see (through networks.normalisation) and what they should answer.

B windows, S observed frames (slots, oldest first), T frames of the 30 Hz grid, L look-aheads.
"""

from typing import NamedTuple

import numpy as np

from duopose.networks.normalisation import facing, normalise
from duopose.stream.skeleton import PELVIS
from duopose.training.mocap import bodies, cameras, observation, variation
from duopose.training.mocap.clips import sample

PLAIN = 0.35  # share of windows as the standard protocol draws them: steady rate, nothing hidden but single joints


class Windows(NamedTuple):
    points: np.ndarray  # float32 [B, S, 17, 2], see networks.normalisation
    confidence: np.ndarray  # float32 [B, S, 17]
    view: np.ndarray  # float32 [B, S, 3]
    grid: np.ndarray  # float32 [B, T, S]: how the 30 Hz grid is interpolated from the slots; 0 rows = not valid
    valid: np.ndarray  # float32 [B, T], 0 = nothing was seen near that time
    slot_joints: np.ndarray  # float32 [B, S, 17, 3] metres, relative to the pelvis, virtual camera: truth of each slot
    joints: np.ndarray  # float32 [B, L, 17, 3] the same at each look-ahead, in the virtual camera of that frame
    log_depth: np.ndarray  # float32 [B, L] log(Z * size)
    camera_joints: np.ndarray  # float32 [B, L, 17, 3] metres, camera frame
    labelled: np.ndarray  # float32 [B, 17], 0 = nobody knows where this joint was: nothing is learned of it


class Moments(NamedTuple):
    """When the frames of windows were taken, in 30ths of a second from the newest; see observation.slot_times."""

    times: np.ndarray  # [B, S] of the slots
    kept: np.ndarray  # bool [B, S]
    repeated: np.ndarray  # bool [B]
    plain: np.ndarray  # bool [B]: as the standard protocol has them, the first ones of the batch
    wanted: np.ndarray  # [B, S + L]: of the slots, then of the look-aheads


def moments(batch, rng, frames, lookaheads):
    """Frame rates, gaps and stills of every kind -> Moments"""
    times, kept, repeated = observation.slot_times(batch, frames, rng)
    plain = np.arange(batch) < round(PLAIN * batch)
    times[plain], kept[plain], repeated[plain] = np.arange(-frames + 1, 1), True, False
    wanted = np.concatenate([times, np.broadcast_to(-np.array(lookaheads, np.float64), (batch, len(lookaheads)))], 1)
    return Moments(times, kept, repeated, plain, np.where(repeated[:, None], 0, wanted))


def observed(joints, annotated, plain, rng):
    """Joints [B, S, 17, 3] in the camera frame as a 2D network would have seen them -> rays [B, S, 17, 2], confidence
    [B, S, 17]. annotated: as training.mocap.observation.lifelike takes it;  plain: as in Moments"""
    rays = observation.astray(cameras.rays_of(joints), rng)
    seen = [
        observation.standard(rays[plain], rng, rng.uniform(0, 1.5, (plain.sum(), 1, 1, 1))),
        observation.lifelike(rays[~plain], annotated[~plain], rng),
    ]
    rays, confidence = (np.concatenate(part) for part in zip(*seen, strict=True))
    return rays, confidence


def draw(clips, batch, rng, frames=27, lookaheads=(0,)):
    """Training windows: people, motions, cameras and 2D networks of every kind."""
    times, kept, repeated, plain, wanted = moments(batch, rng, frames, lookaheads)
    speed = np.exp(rng.uniform(np.log(0.6), np.log(1.7), batch))
    joints = sample(clips, rng.integers(len(clips.joints), size=batch), wanted * speed[:, None])
    joints = bodies.mirrored(joints, rng)
    joints = variation.composed(joints, rng)
    joints = variation.seated(variation.reaching(joints, rng), rng)
    convention = rng.choice(3, batch, p=bodies.CONVENTIONS)
    joints = bodies.rebuilt(joints, convention, rng)
    joints = variation.tilted(joints, rng)
    annotated = convention == bodies.ANNOTATED
    joints[annotated] = bodies.as_annotated(joints[annotated], rng)
    wide, level = cameras.any_cameras_and_desks(joints, rng), cameras.standard_cameras(joints, rng)
    shots = cameras.Cameras(*(np.where(plain, b, a) for a, b in zip(wide, level, strict=True)))
    joints = cameras.filmed(joints, shots, at=frames - 1)
    rays, confidence = observed(joints[:, :frames], annotated, plain, rng)
    grid, valid = observation.grid(times, kept, repeated, frames)
    return assemble(joints, rays, confidence, grid, valid, lookaheads)


def draw_standard(clips, ends, rng, frames=27, lookaheads=(0,)):
    """Windows of the standard protocol (evaluation.mocap): true motions and bodies, standard cameras and noise."""
    batch = len(ends)
    wanted = np.concatenate([np.arange(-frames + 1, 1), -np.array(lookaheads)]).astype(np.float64)
    joints = sample(clips, ends, np.broadcast_to(wanted, (batch, len(wanted))))
    joints = cameras.filmed(joints, cameras.standard_cameras(joints, rng), at=frames - 1)
    rays, confidence = observation.standard(cameras.rays_of(joints[:, :frames]), rng)
    grid = np.broadcast_to(np.eye(frames, dtype=np.float32), (batch, frames, frames))
    return assemble(joints, rays, confidence, grid, np.ones((batch, frames), np.float32), lookaheads)


def one_frame(draw, *how):
    """What draw(*how) gives, each window filled by its newest frame alone, as the live node does for a picture that
    stands alone. For look-ahead 0."""
    drawn = draw(*how)
    grid = np.zeros_like(drawn.grid)
    grid[..., -1] = 1
    return drawn._replace(grid=grid, valid=np.ones_like(drawn.valid))


def assemble(joints, rays, confidence, grid, valid, lookaheads, labelled=None):
    """joints [B, S + L, 17, 3] in the camera frame (slots, then look-aheads) and their 2D -> Windows. labelled: bool
    [B, 17], default all"""
    slots, frames = rays.shape[1], valid.shape[1]
    points, view = normalise(rays, confidence)
    # The view at a look-ahead is interpolated, as everything else that the networks see of that frame.
    view_ahead = grid[:, [frames - 1 - ahead for ahead in lookaheads]] @ view
    turned = joints[:, slots:] @ np.swapaxes(facing(view_ahead[..., :2]), -1, -2)
    depth = np.maximum(turned[:, :, PELVIS, 2], 0.1)
    return Windows(
        points=points,
        confidence=confidence,
        view=view,
        grid=grid,
        valid=valid,
        slot_joints=_relative(joints[:, :slots] @ np.swapaxes(facing(view[..., :2]), -1, -2)),
        joints=_relative(turned),
        log_depth=(np.log(depth) + view_ahead[..., 2]).astype(np.float32),
        camera_joints=joints[:, slots:],
        labelled=np.ones((len(joints), 17), np.float32) if labelled is None else labelled.astype(np.float32),
    )


def _relative(joints):
    return (joints - joints[..., PELVIS : PELVIS + 1, :]).astype(np.float32)
