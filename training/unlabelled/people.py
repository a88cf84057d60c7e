"""People whom the live program saw and nobody measured: what both branches said of them, and their 2D poses.

From records (`duopose --record`), files of `duopose train branch_pairs`, or simulated from motion capture. N people.
"""

from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from duopose.kernels.camera import constants, undistort
from duopose.stream.errors import UsageError
from duopose.stream.record.reading import frames, unreadable
from duopose.stream.skeleton import PELVIS
from duopose.training.datasets.reading.errors import reading
from duopose.training.mocap import cameras, couples, observation, windows
from duopose.training.pairs.real import held_out_runs
from duopose.training.pairs.simulated import bottom_up, lifted

FEWEST = 6  # joints seen: people of whom less was seen teach nothing
COUPLES = 0.3  # share of real couples among the simulated pairs
ALONE = 0.15  # share of simulated people whom the bottom-up branch missed


class Unlabelled(NamedTuple):
    top: np.ndarray  # float32 [N, 17, 3] metres, camera frame; NaN where the top-down branch has no pose
    top_confidence: np.ndarray  # float32 [N, 17]
    bottom: np.ndarray  # float32 [N, 17, 3] the same of the bottom-up branch; never NaN in both
    bottom_confidence: np.ndarray  # float32 [N, 17]
    rays: np.ndarray  # float32 [N, 17, 2] x / z, y / z of the 2D pose
    confidence: np.ndarray  # float32 [N, 17] of the 2D pose, 0 = not seen
    partner: np.ndarray  # int [N] another person of the same picture; -1 = nobody


def join(parts):
    """Several `Unlabelled` as one."""
    offsets = np.cumsum([0] + [len(part.top) for part in parts[:-1]])
    partner = [np.where(part.partner >= 0, part.partner + by, -1) for part, by in zip(parts, offsets, strict=True)]
    arrays = [np.concatenate(arrays) for arrays in zip(*(part[:-1] for part in parts), strict=True)]
    return Unlabelled(*arrays, np.concatenate(partner))


def from_record(path):
    """A record file -> Unlabelled.

    A record holds each joint's score in the picture, not each branch's: both count as sure as that.
    """
    parts = []
    try:
        for number, line in frames(path):
            try:
                parts.append(_from_line(line))
            except (ValueError, KeyError, TypeError) as error:
                raise unreadable(path, number, repr(error)) from None
    except ValueError as error:
        raise UsageError(error) from None
    parts = [part for part in parts if len(part.top)]
    if not parts:
        raise UsageError(f"{path}: nobody in it was seen well enough ({FEWEST} joints)")
    return join(parts)


def _from_line(line):
    people = [person for person in line["people"] if person["branches"]]
    camera = SimpleNamespace(**line["camera"])
    missing = [[np.nan] * 3] * 17
    top, bottom = (
        np.array([person["branches"].get(branch, missing) for person in people], np.float32).reshape(-1, 17, 3)
        for branch in ("top_down", "bottom_up")
    )
    seen = np.array([person["joints2d"] for person in people], np.float32).reshape(-1, 17, 3)
    pixels = np.ascontiguousarray(seen[..., :2].reshape(-1, 2))
    rays = undistort(pixels, *constants(camera)).reshape(-1, 17, 2)
    confidence = np.ascontiguousarray(seen[..., 2])
    there = np.isfinite(top).all((1, 2)), np.isfinite(bottom).all((1, 2))
    top_confidence = confidence * there[0][:, None]
    bottom_confidence = confidence * there[1][:, None]
    kept = np.flatnonzero(((confidence > 0).sum(1) >= FEWEST) & _in_front(top, bottom))
    whole = Unlabelled(top, top_confidence, bottom, bottom_confidence, rays, confidence, np.full(len(top), -1))
    part = Unlabelled(*(array[kept] for array in whole))
    return part._replace(partner=_nearest(part))


def from_pairs(path, held_out=True):
    """A file of `duopose train branch_pairs` -> Unlabelled, and for measuring only, the truth float32 [N, 17, 3].

    held_out   also of the pictures that training.pairs.real.RealPairs holds out
    """
    with reading(path, "branch pairs"), np.load(path) as file:
        if missing := [name for name in (*Unlabelled._fields, "truth") if name not in file.files]:
            raise ValueError(f"it lacks {', '.join(missing)}")
        part = Unlabelled(*(file[name] for name in Unlabelled._fields))
        truth = file["truth"]
        learns = np.ones(len(truth), bool) if held_out else ~held_out_runs(file["run"])
    kept = learns & ((part.confidence > 0).sum(1) >= FEWEST) & _in_front(part.top, part.bottom)
    return chosen(part, kept), truth[kept]


def chosen(part, kept):
    """Those of whom `kept` (bool [N]) says so; who loses the partner is alone."""
    row = np.where(kept, np.cumsum(kept) - 1, -1)
    partner = np.where(part.partner >= 0, row[part.partner], -1)
    return Unlabelled(*(array[kept] for array in part[:-1]), partner[kept])


def _in_front(top, bottom):
    """bool [N]: every joint that a branch has lies in front of the camera."""
    with np.errstate(invalid="ignore"):
        return ~((top[..., 2] < 0.1).any(1) | (bottom[..., 2] < 0.1).any(1))


def _nearest(part):
    """Who of one picture stands nearest to each: int [N], -1 without anybody else."""
    root = np.where(np.isfinite(part.top[:, PELVIS]), part.top[:, PELVIS], part.bottom[:, PELVIS])
    if len(root) < 2:
        return np.full(len(root), -1)
    apart = np.linalg.norm(root[:, None] - root[None], axis=-1)
    np.fill_diagonal(apart, np.inf)
    return apart.argmin(1)


def simulated(networks, clips, pairs, count, rng):
    """`count` pairs of people, filmed together, their true poses forgotten -> Unlabelled of at most 2 `count` people
    and, for measuring only, the truth float32 [N, 17, 3] metres, camera frame.

    networks   nodes.top_down.lifting.Networks, which give the top-down poses; the bottom-up ones are drawn
               (training.pairs.simulated)
    clips      Clips of single people
    pairs      couples.load(...), or None: only people who have nothing to do with each other
    """
    parts = [_simulated(networks, clips, pairs, min(256, count - done), rng) for done in range(0, count, 256)]
    return join([part for part, _ in parts]), np.concatenate([truth for _, truth in parts])


def _simulated(networks, clips, pairs, batch, rng):
    arguments = networks.joint_tcn.arguments
    frames, lookaheads = arguments["frames"], arguments["lookaheads"]
    times, kept, repeated = observation.slot_times(batch, frames, rng)
    ahead = np.broadcast_to(-np.array(lookaheads, np.float64), (batch, len(lookaheads)))
    wanted = np.where(repeated[:, None], 0, np.concatenate([times, ahead], 1))
    people = couples.composed(clips, wanted, rng)
    if pairs is not None:
        real = rng.random(batch) < COUPLES
        people[real] = couples.meeting(pairs, wanted[real], rng)
    people, annotated = couples.other_bodies(people, rng)
    people = couples.filmed(people, rng, at=frames - 1)
    joints = np.concatenate([people[:, :, 0], people[:, :, 1]])  # all first people, then all second ones
    rays, confidence = observation.lifelike(cameras.rays_of(joints[:, :frames]), np.tile(annotated, 2), rng)
    grid, valid = (np.concatenate([array, array]) for array in observation.grid(times, kept, repeated, frames))
    drawn = windows.assemble(joints, rays, confidence, grid, valid, lookaheads)
    top, sure, truth, sound = lifted(networks, drawn)
    bottom, bottom_sure = bottom_up(truth, rng)
    lost = rng.random(len(bottom)) < ALONE
    bottom[lost], bottom_sure[lost] = np.nan, 0
    sound &= ((sure > 0).sum(1) >= FEWEST) & (truth[..., 2] > 0.1).all(1)
    both = np.tile(sound[:batch] & sound[batch:], 2)
    whole = (top, sure, bottom, bottom_sure, rays[:, -1], sure)
    half = both.sum() // 2
    partner = (np.arange(2 * half) + half) % (2 * half)
    return Unlabelled(*(array[both] for array in whole), partner), truth[both]
