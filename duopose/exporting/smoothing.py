"""Smoothing after the event: a low pass that shifts nothing in time, since it also sees what comes later."""

import numpy as np
from scipy.signal import butter, sosfiltfilt

from duopose.exporting.grid import sample

ORDER = 2  # of each of the two passes, forwards and backwards, as is usual for recorded movement


def smooth(stamps, joints, cutoff, most):
    """Zero-phase Butterworth over each stretch without a gap.

    stamps  float64 [T]        s, increasing
    joints  [T, ...]
    cutoff  Hz
    most    s between two stamps from which on a new stretch begins
    ->      float64 [T, ...]
    """
    ends = np.flatnonzero(np.diff(stamps) > most) + 1
    stretches = zip(np.split(stamps, ends), np.split(joints.astype(np.float64), ends), strict=True)
    return np.concatenate([_stretch(times, values, cutoff) for times, values in stretches])


def _stretch(stamps, values, cutoff):
    if len(stamps) < 3:
        return values
    rate = 1 / float(np.median(np.diff(stamps)))
    if cutoff >= rate / 2:  # a stretch with fewer frames a second than the run holds nothing faster
        return values
    times = np.linspace(stamps[0], stamps[-1], round((stamps[-1] - stamps[0]) * rate) + 1)
    even = sample(stamps, values, times, np.inf)
    padding = min(len(even) - 1, int(rate / cutoff))
    even = sosfiltfilt(butter(ORDER, cutoff, fs=rate, output="sos"), even, axis=0, padlen=padding)
    return sample(times, even, stamps, np.inf)
