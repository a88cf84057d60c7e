"""How fast a run was; the memory stays bounded however long it lasts."""

import math
from collections import Counter

import numpy as np

from duopose.nodes.recorder.record_format import latency_ms
from duopose.stream.skeleton import PELVIS

WARM = 20  # frames before the rate is measured: the first ones are slower
SMALLEST, STEP = 0.01, 1.005  # ms, ratio of neighbouring bins: percentiles are right to 0.25 %


class Percentiles:
    """Percentiles of positive numbers, from counts in logarithmic bins."""

    def __init__(self):
        self.bins = Counter()

    def add(self, value):
        self.bins[round(math.log(max(value, SMALLEST) / SMALLEST, STEP))] += 1

    def at(self, percent):
        """The number that `percent` % of all do not exceed, or None without any."""
        rank = percent / 100 * self.bins.total()
        for position in sorted(self.bins):
            rank -= self.bins[position]
            if rank <= 1e-9:
                return round(SMALLEST * STEP**position, 2)
        return None


class Measures:
    """Rate, latency, start-up and what was seen, scene by scene.

    started_at   s, time.monotonic() of the command
    """

    def __init__(self, started_at):
        self.started_at = started_at
        self.frames = 0
        self.warm_at = self.last_at = None  # s, when frame number WARM and the last one were done
        self.startup = None  # s from the command to the first pose
        self.latency = Percentiles()
        self.most_people = 0
        self.identities = set()
        self.last_people = []  # (identity, m from the camera) of the last scene with anybody in it

    def add(self, scene, now):
        self.frames += 1
        self.last_at = now
        if self.frames == WARM:
            self.warm_at = now
        if len(scene.ids):
            distances = np.linalg.norm(scene.joints[:, PELVIS], axis=-1).astype(float).round(2)
            self.last_people = list(zip(scene.ids.tolist(), distances.tolist(), strict=True))
            if self.startup is None:
                self.startup = scene.fused_at - self.started_at
        self.latency.add(latency_ms(scene))
        self.most_people = max(self.most_people, len(scene.ids))
        self.identities.update(scene.ids.tolist())

    def summary(self):
        """Plain values for JSON; None where the run was too short to tell."""
        seconds = self.last_at - self.warm_at if self.warm_at is not None else 0.0
        return {
            "frames_processed": self.frames,
            "fps": round((self.frames - WARM) / seconds, 2) if seconds > 0 else None,
            "latency_ms": {f"p{percent}": self.latency.at(percent) for percent in (50, 95, 99)},
            "startup_s": None if self.startup is None else round(self.startup, 3),
            "most_people": self.most_people,
            "identities": len(self.identities),
            "last_people": self.last_people,
        }
