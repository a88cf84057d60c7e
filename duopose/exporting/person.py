"""One person as asked for: a track of the record, smoothed, levelled, sampled, as a skeleton. Each made when used."""

from functools import cached_property
from typing import NamedTuple

import numpy as np

from duopose.exporting.fitting import fit
from duopose.exporting.grid import Motion, as_recorded, gap_from, regular
from duopose.exporting.levelled import moved
from duopose.exporting.smoothing import smooth


class Wanted(NamedTuple):
    matrix: np.ndarray  # float64 [4, 4], from the camera frame to that of the files
    rate: float | None  # rows a second, where a format needs a constant one; None: nothing has a time
    fill: float = 0.0  # s, longest gap that is filled
    smooth: float | None = None  # Hz


class Person:
    def __init__(self, track, run, wanted):
        self.track, self.run, self.wanted = track, run, wanted
        self.identity = track.identity

    @cached_property
    def joints(self):
        """float64 [T, 17, 3] of the track, in the frame of the files."""
        joints = moved(self.wanted.matrix, self.track.joints)
        if self.wanted.smooth is None:
            return joints
        return smooth(self.track.stamps, joints, self.wanted.smooth, self._gap)

    @cached_property
    def motion(self):
        """At the constant rate -> Motion."""
        return regular(self.track, self.joints, self.run.frames, self.wanted.rate, self._gap)

    @cached_property
    def recorded(self):
        """At the frames of the run -> Motion, rows of the run's frames."""
        if self.run.stills:
            stamps = self.track.stamps - self.run.frames.stamps[0]
            return Motion(self.identity, stamps, self.joints), self.track.rows
        return as_recorded(self.track, self.joints, self.run.frames, self._gap)

    @cached_property
    def fitted(self):
        """At the constant rate, as a skeleton -> Fitted."""
        return fit(self.motion)

    @property
    def _gap(self):
        return gap_from(self.run.frames.stamps, self.wanted.fill)
