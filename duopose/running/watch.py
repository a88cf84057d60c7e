"""How a run is doing right now, second by second: for the log, the metrics and the service manager."""

import time
from bisect import bisect_left
from typing import NamedTuple

import numpy as np
import zmq

from duopose.running.report import counts_of, dropped
from duopose.stream import wire
from duopose.stream.bus import endpoint
from duopose.stream.graph import name_of, producers
from duopose.stream.messages import Scene
from duopose.stream.processes.process import Report
from duopose.stream.processes.usage import cpu_seconds, resident_bytes

EVERY = 1.0  # s between two looks
QUIET = 5.0  # s without a scene until something is wrong, on a profile of patience 1
LATENCIES = (0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1.0, 2.0, 5.0)  # s, upper edges of the histogram


class Seen(NamedTuple):
    """One look at what one camera gives. All but `rate` and `latency_ms` counts from the start."""

    name: str
    trouble: str | None  # why no scenes come of it, None while they do
    rate: float  # scenes a second, since the last look
    latency_ms: dict[str, float | None]  # "p50" and "p95" of those scenes, from reading to the fused pose
    people: int  # in the newest scene
    scenes: int
    latency_counts: tuple[int, ...]  # scenes in each bin of LATENCIES and above the last edge
    latency_sum: float  # s
    counts: dict[str, int]  # of its capture: what was lost and why

    @property
    def dropped(self):
        """Frames that were read and not processed."""
        return dropped(self.counts)


class Now(NamedTuple):
    """One look at the run."""

    at: float  # s, time.monotonic()
    trouble: str | None  # why no scenes come of any camera, None while they do of one
    cameras: tuple[Seen, ...]
    reports: dict[str, Report]  # per node
    cpu_s: float  # of the supervisor's own process
    memory: dict[str, int | None]  # bytes per process, the supervisor's and a spare one's too; None where it is gone

    @property
    def rate(self):
        """Scenes a second of all cameras together."""
        return round(sum(camera.rate for camera in self.cameras), 2)

    @property
    def people(self):
        return sum(camera.people for camera in self.cameras)


class Camera:
    """What has been heard of one camera so far."""

    def __init__(self, name):
        self.name = name
        self.scene_at = None  # s
        self.people = self.scenes = 0
        self.latencies = []  # s, since the last look
        self.counts, self.sum = [0] * (len(LATENCIES) + 1), 0.0

    def hear(self, scene, now):
        latency = scene.fused_at - scene.frame.read_at
        self.scene_at, self.people = now, len(scene.ids)
        self.scenes += 1
        self.latencies.append(latency)
        self.counts[bisect_left(LATENCIES, latency)] += 1
        self.sum += latency

    def look(self, seconds, trouble, counts):
        """-> Seen, of the `seconds` since the last look."""
        latencies, self.latencies = self.latencies, []
        p50, p95 = np.percentile(latencies, (50, 95)).tolist() if latencies else (None, None)
        return Seen(
            name=self.name,
            trouble=trouble,
            rate=round(len(latencies) / seconds, 2),
            latency_ms={name: second and round(1000 * second, 1) for name, second in (("p50", p50), ("p95", p95))},
            people=self.people,
            scenes=self.scenes,
            latency_counts=tuple(self.counts),
            latency_sum=self.sum,
            counts=counts,
        )


class Watch:
    """Listens to the scenes like any other program, and calls each listener with a `Now` once a second.

    patience   of the profile: how much slower than `lite` it may be
    """

    def __init__(self, listeners, patience=1.0):
        self.listeners, self.quiet = listeners, QUIET * patience
        self.last_words = {}  # what the user was told last: of each node, and of any as None
        self.socket = self.context = None
        self.looked_at = None  # s
        self.cameras = {}  # name -> Camera

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.socket is not None:
            self.socket.close(0)
            self.context.term()

    def also(self, tell):
        """`tell`, overheard: what the user was told last may be why no scenes come."""

        def say(line, node):
            self.last_words |= {node: line, None: line}
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

    def change(self, settings, renamed):
        """The run has these cameras from now on; renamed: {old name: new name}"""
        kept = {renamed.get(name, name): camera for name, camera in self.cameras.items()}
        self.cameras = {own.name: kept.get(own.name) or Camera(own.name) for own in settings.each}
        for name, camera in self.cameras.items():
            camera.name = name

    def _connect(self, supervisor):
        self.cameras = {own.name: Camera(own.name) for own in supervisor.settings.each}
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
            if scene.frame.camera_name in self.cameras:
                self.cameras[scene.frame.camera_name].hear(scene, now)

    def _look(self, supervisor, now):
        seconds, self.looked_at = now - self.looked_at, now
        reports = supervisor.reports()
        pids = {name: process.child.pid for name, process in supervisor.processes.items() if process.alive}
        if supervisor.spare.child is not None:
            pids["spare"] = supervisor.spare.child.pid
        cameras = tuple(
            camera.look(seconds, self._trouble(camera, now), counts_of(camera.name, reports))
            for camera in self.cameras.values()
        )
        return Now(
            at=now,
            trouble=None if any(camera.trouble is None for camera in cameras) else cameras[0].trouble,
            cameras=cameras,
            reports=reports,
            cpu_s=cpu_seconds(),
            memory={name: resident_bytes(pid) for name, pid in ({"supervisor": "self"} | pids).items()},
        )

    def _trouble(self, camera, now):
        said = self.last_words.get(name_of("capture", camera.name), self.last_words.get(None))
        last = f" ({said})" if said else ""
        if camera.scene_at is None:
            return f"starting{last}"
        silent = now - camera.scene_at
        return f"no scene for {silent:.0f} s{last}" if silent > self.quiet else None
