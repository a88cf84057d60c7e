"""A track at the times that a file wants: at a constant rate, or those of the run's own frames."""

from typing import NamedTuple

import numpy as np

NEAR = 0.1  # of a step: a wanted time this near to a measured one is that one (records round to 0.1 ms)
MANY = 10  # steps: how many a longer one stands for is not certain enough
LOST = 1.5  # steps: two measurements that are farther apart have a gap between them


class Motion(NamedTuple):
    """One person at T times. In a gap, where the person was not found, all of a row is NaN."""

    identity: int
    times: np.ndarray  # float64 [T]        s since the first frame of the run
    joints: np.ndarray  # float64 [T 17 3]  BODY17, metres
    rate: float | None = None  # rows a second, where that is constant
    first: int = 0  # number of the first row: `times` is (first + 0, 1, 2, ...) / rate

    @property
    def seen(self):
        """bool [T]: False in gaps."""
        return np.isfinite(self.joints[:, 0, 0])

    def gaps(self):
        """-> how many gaps there are, how many seconds they take of a motion at a constant rate."""
        begins = np.diff(self.seen.astype(int)) == -1
        return int(begins.sum()), float((~self.seen).sum() / self.rate)


def step(stamps):
    """Usual time between two frames, s. ValueError for a single frame."""
    if len(stamps) < 2:
        raise ValueError("one frame has no rate")
    return float(np.median(np.diff(stamps)))


def rate_of(stamps):
    """Frames a second, to 0.01, where none is missing: a step in which some are counts as several.

    >>> rate_of(np.round(np.arange(300) / 29.97, 4)), rate_of(np.array([0, 0.04, 0.08, 0.2, 0.24]))
    (29.97, 25.0)
    """
    steps, usual = np.diff(stamps), step(stamps)
    steps = steps[steps < MANY * usual]
    return round(float(np.round(steps / usual).sum() / steps.sum()), 2)


def gap_from(stamps, fill):
    """s between two measurements from which on there is a gap between them; up to `fill` s are filled."""
    return max(fill, LOST * step(stamps)) + 1e-6


def sample(stamps, values, times, most):
    """Linear interpolation at `times`; NaN in gaps of more than `most` s and outside.

    stamps  float64 [S]       s, when `values` [S, ...] were measured, increasing
    times   float64 [T]       s
    ->      float64 [T, ...]
    """
    near = NEAR * (np.median(np.diff(stamps)) if len(stamps) > 1 else most)
    after = np.searchsorted(stamps, times).clip(1, max(len(stamps) - 1, 1))
    before, after = after - 1, after.clip(max=len(stamps) - 1)
    nearest = np.where(times - stamps[before] < stamps[after] - times, before, after)
    between = stamps[after] - stamps[before]
    share = ((times - stamps[before]) / np.where(between > 0, between, 1)).clip(0, 1)
    inside = (between <= most) & (times >= stamps[0] - near) & (times <= stamps[-1] + near)
    close = np.abs(times - stamps[nearest]) <= near
    share = np.where(inside, share, nearest == after).reshape(-1, *[1] * (values.ndim - 1))
    found = (1 - share) * values[before].astype(np.float64) + share * values[after]
    found[~(inside | close)] = np.nan
    return found


def regular(track, joints, frames, rate, most):
    """A track, from its first frame to its last, at `rate` rows a second counted from the run's first -> Motion."""
    begin = frames.stamps[0]
    first = int(np.ceil((track.stamps[0] - begin) * rate - NEAR))
    last = max(int(np.floor((track.stamps[-1] - begin) * rate + NEAR)), first)
    times = np.arange(first, last + 1) / rate
    found = sample(track.stamps, joints, begin + times, most)
    if np.isnan(found[0]).any():  # found in one frame, between two rows
        found[0] = joints[0]
    return Motion(track.identity, times, found, rate, first)


def as_recorded(track, joints, frames, most):
    """A track at the frames of the run, from its first to its last -> Motion, rows of the run's frames [T]."""
    rows = np.arange(track.rows[0], track.rows[-1] + 1)
    stamps = frames.stamps[rows]
    return Motion(track.identity, stamps - frames.stamps[0], sample(track.stamps, joints, stamps, most)), rows


def without_gaps(motion):
    """-> float64 [T, 17, 3]: what was measured, and straight lines through the gaps."""
    seen = np.flatnonzero(motion.seen)
    return sample(seen.astype(np.float64), motion.joints[seen], np.arange(len(motion.joints)), np.inf)
