"""How a run is doing right now, second by second: for the log, the metrics and the service manager."""

import time
from bisect import bisect_left
from typing import NamedTuple

import numpy as np
import zmq

from duopose.running.report import dropped
from duopose.stream import wire
from duopose.stream.bus import endpoint, producers
from duopose.stream.messages import Scene
from duopose.stream.processes.process import Report
from duopose.stream.processes.usage import cpu_seconds, resident_bytes

EVERY = 1.0  # s between two looks
QUIET = 5.0  # s without a scene until something is wrong, on a profile of patience 1
LATENCIES = (0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1.0, 2.0, 5.0)  # s, upper edges of the histogram


class Now(NamedTuple):
    """One look at the run."""

    at: float  # s, time.monotonic()
    trouble: str | None  # why no scenes come, None while they do
    rate: float  # scenes a second, since the last look
    latency_ms: dict[str, float | None]  # "p50" and "p95" of those scenes, from reading to the fused pose
    people: int  # in the newest scene
    scenes: int  # since the start, as all that follows
    latency_counts: tuple[int, ...]  # scenes in each bin of LATENCIES and above the last edge
    latency_sum: float  # s
    dropped: int  # frames that were read and not processed
    counts: dict[str, int]  # of capture: what was lost and why
    reports: dict[str, Report]  # per node
    cpu_s: float  # of the supervisor's own process
    memory: dict[str, int | None]  # bytes per process, the supervisor's and a spare one's too; None where it is gone


class Watch:
    """Listens to the scenes like any other program, and calls each listener with a `Now` once a second.

    patience   of the profile: how much slower than `lite` it may be
    """

    def __init__(self, listeners, patience=1.0):
        self.listeners, self.quiet = listeners, QUIET * patience
        self.last_words = ""  # what the user was told last
        self.socket = self.context = None
        self.looked_at = self.scene_at = None  # s
        self.people = self.scenes = 0
        self.latencies = []  # s, since the last look
        self.counts, self.sum = [0] * (len(LATENCIES) + 1), 0.0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.socket is not None:
            self.socket.close(0)
            self.context.term()

    def also(self, tell):
        """`tell`, overheard: what the user was told last may be why no scenes come."""

        def say(line, node):
            self.last_words = line
            tell(line, node)

        return say

    def tick(self, supervisor):
        if not self.listeners:
            return
        now = time.monotonic()
        if self.socket is None:
            self._connect(supervisor)
            self.looked_at = now
        self._hear(now)
        if now - self.looked_at >= EVERY:
            look = self._look(supervisor, now)
            for listener in self.listeners:
                listener(look)

    def _connect(self, supervisor):
        self.context = zmq.Context()
        self.socket = self.context.socket(zmq.SUB)
        self.socket.subscribe(b"scene\0")
        for name in producers("scene", supervisor.nodes):
            self.socket.connect(endpoint(supervisor.folder.path, name))

    def _hear(self, now):
        while self.socket.poll(0):
            try:
                scene = wire.decode(Scene, self.socket.recv().partition(b"\0")[2])
            except wire.Malformed:
                continue
            latency = scene.fused_at - scene.frame.read_at
            self.scene_at, self.people = now, len(scene.ids)
            self.scenes += 1
            self.latencies.append(latency)
            self.counts[bisect_left(LATENCIES, latency)] += 1
            self.sum += latency

    def _look(self, supervisor, now):
        seconds, self.looked_at = now - self.looked_at, now
        latencies, self.latencies = self.latencies, []
        p50, p95 = np.percentile(latencies, (50, 95)).tolist() if latencies else (None, None)
        reports = supervisor.reports()
        pids = {name: process.child.pid for name, process in supervisor.processes.items() if process.alive}
        if supervisor.spare.child is not None:
            pids["spare"] = supervisor.spare.child.pid
        return Now(
            at=now,
            trouble=self._trouble(now),
            rate=round(len(latencies) / seconds, 2),
            latency_ms={name: second and round(1000 * second, 1) for name, second in (("p50", p50), ("p95", p95))},
            people=self.people,
            scenes=self.scenes,
            latency_counts=tuple(self.counts),
            latency_sum=self.sum,
            dropped=dropped(reports["capture"].counts),
            counts=reports["capture"].counts,
            reports=reports,
            cpu_s=cpu_seconds(),
            memory={name: resident_bytes(pid) for name, pid in ({"supervisor": "self"} | pids).items()},
        )

    def _trouble(self, now):
        last = f" ({self.last_words})" if self.last_words else ""
        if self.scene_at is None:
            return f"starting{last}"
        silent = now - self.scene_at
        return f"no scene for {silent:.0f} s{last}" if silent > self.quiet else None
