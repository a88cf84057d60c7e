"""How fast a run was; the memory stays bounded however long it lasts."""

import math
import os
from pathlib import Path

import numpy as np

from duopose.nodes.recorder.record_format import latency_ms
from duopose.stream.graph import name_of
from duopose.stream.ring import reserve
from duopose.stream.skeleton import PELVIS

WARM = 20  # frames before the rate is measured: the first ones are slower
SMALLEST, STEP = 0.01, 1.005  # ms, ratio of neighbouring bins: percentiles are right to 0.25 %
BINS = 4096  # up to two hours
IDENTITIES = 1 << 20  # that are told apart
LAST = 20  # people of the last scene that are remembered

STATE = np.dtype([
    ("frames", "i8"), ("startup", "f8"),  # s from the command to the first pose
    ("warm_at", "f8"), ("last_at", "f8"),  # s, when frame number WARM and the last one were done
    ("latency", "i8", BINS), ("most_people", "i8"), ("seen", "?", IDENTITIES),
    ("last_people", "f8", (LAST, 2)),  # identity, m from the camera; of the last scene with anybody in it
])  # fmt: skip


class Percentiles:
    """Percentiles of positive numbers, from counts in logarithmic bins."""

    def __init__(self, bins=None):
        """bins   int [BINS], the counts so far; changed by `add`"""
        self.bins = np.zeros(BINS, np.int64) if bins is None else bins

    def add(self, value):
        self.bins[min(round(math.log(max(value, SMALLEST) / SMALLEST, STEP)), BINS - 1)] += 1

    def at(self, percent):
        """The number that `percent` % of all do not exceed, or None without any."""
        counts = np.cumsum(self.bins)
        if not counts[-1]:
            return None
        position = np.searchsorted(counts, percent / 100 * counts[-1] - 1e-9)
        return round(SMALLEST * STEP ** int(position), 2)


class Measures:
    """Rate, latency, start-up and what was seen, scene by scene, in a file of the run folder that all lives share.

    started_at   s, time.monotonic() of the command
    folder       the run's; None: in memory only. UsageError if that is full
    camera       name of the camera, "" of the only one
    """

    def __init__(self, started_at, folder=None, camera=""):
        self.started_at = started_at
        if folder is None:
            state = _nothing_yet(np.zeros(1, STATE))
        else:
            path = file_in(folder, camera)
            if not path.exists():
                _make(path)
            state = np.memmap(path, STATE, "r+", shape=1)
        self.state = state[0]
        self.latency = Percentiles(self.state["latency"])

    @property
    def frames(self):
        return int(self.state["frames"])

    def add(self, scene, now):
        state = self.state
        state["last_at"] = now
        if state["frames"] + 1 == WARM:
            state["warm_at"] = now
        if len(scene.ids):
            distances = np.linalg.norm(scene.joints[:LAST, PELVIS], axis=-1)
            state["last_people"] = np.nan
            state["last_people"][: len(distances)] = np.stack([scene.ids[:LAST], distances], -1)
            if np.isnan(state["startup"]):
                state["startup"] = scene.fused_at - self.started_at
        self.latency.add(latency_ms(scene))
        state["most_people"] = max(state["most_people"], len(scene.ids))
        state["seen"][np.clip(scene.ids, 0, IDENTITIES - 1)] = True
        state["frames"] += 1

    def summary(self):
        """Plain values for JSON; None where the run was too short to tell."""
        state = self.state
        seconds = float(state["last_at"] - state["warm_at"])  # NaN before it was warm
        last = state["last_people"][np.isfinite(state["last_people"][:, 0])]
        return {
            "frames_processed": self.frames,
            "fps": round((self.frames - WARM) / seconds, 2) if seconds > 0 else None,
            "latency_ms": {f"p{percent}": self.latency.at(percent) for percent in (50, 95, 99)},
            "startup_s": None if np.isnan(state["startup"]) else round(float(state["startup"]), 3),
            "most_people": int(state["most_people"]),
            "identities": int(np.count_nonzero(state["seen"])),
            "last_people": [(int(identity), round(distance, 2)) for identity, distance in last.tolist()],
        }


def measured(folder, camera=""):
    """What the recorder has measured of a camera, as `summary` gives it, however it has ended; {} if it never began."""
    return Measures(0.0, folder, camera).summary() if file_in(folder, camera).exists() else {}


def move(folder, camera, new):
    """What was measured of a camera is of that name from now on."""
    os.rename(file_in(folder, camera), file_in(folder, new))


def file_in(folder, camera):
    return Path(folder, f"{name_of('recorder', camera)}.memory")


def _make(path):
    """Under another name until it is complete: a recorder that dies meanwhile begins again."""
    hidden = path.with_suffix(".new")
    file = os.open(hidden, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        reserve(file, STATE.itemsize, "the statistics need")
    finally:
        os.close(file)
    _nothing_yet(np.memmap(hidden, STATE, "r+", shape=1))
    os.rename(hidden, path)


def _nothing_yet(state):
    """Zeros as the state before the first scene."""
    for name in ("startup", "warm_at", "last_at", "last_people"):
        state[name] = np.nan
    return state
