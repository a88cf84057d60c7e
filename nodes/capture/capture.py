"""Numbers and stamps pictures, puts them into the ring and counts the frames in flight."""

import time
from collections import Counter
from pathlib import Path

import numpy as np

from duopose.nodes.capture.credits import Credits
from duopose.nodes.capture.pace import Pace
from duopose.nodes.capture.turns import Turns
from duopose.nodes.top_down.sizes import Sizes
from duopose.stream.camera_file import Cameras
from duopose.stream.graph import cameras_of
from duopose.stream.messages import Effort, Frame

SPARE = 4  # slots beyond the frames in flight, where somebody watches the run and may still read an older picture
LEAST_SPARE = 1  # otherwise: a frame that counts as lost may still be read; each slot is memory of four nodes
# s until a live frame counts as lost although no node has died. Less would fill the queues of a slow machine.
PATIENCE = 10.0
LOOKAHEAD_RATE = 30.0  # Hz, of the frames that `settings.lookahead` counts
AT_PACE = "pace: "  # begins the names of the counts of frames at each step of pace.py
WAIT = 0.05  # s, of one wait for messages or a picture
LEAVE = 4.0  # s that a camera which leaves waits for its frames in flight; the supervisor's patience is longer
SOON = 0.002  # s, of one wait for another camera to take its turn


def camera_of(picture, cameras):
    """Its camera: of the frame that is played again, else of these Cameras. UsageError if none fits."""
    if picture.frame is not None:
        return picture.frame.camera
    return cameras.of(picture.width, picture.height, picture.file, picture.focal_35)


def slots_of(in_flight, nodes):
    """How many pictures the ring of a run of these nodes holds, with so many frames in flight."""
    return in_flight + (SPARE if any(node.watches for node in nodes) else LEAST_SPARE)


class Memory:
    """How far the run has come, in a file of the run folder: a restarted capture continues there.

    name   of the node
    added  settings.added: a camera that was there before and comes back begins its file anew, but counts on
    """

    def __init__(self, folder, name="capture", added=0):
        path = Path(folder, f"{name}.memory")
        new = not path.exists()
        self.values = np.memmap(path, np.float64, "w+" if new else "r+", shape=4)
        if new:
            self.values[:] = 0, -np.inf, np.nan, added
        elif self.values[3] != added:
            self.values[[1, 3]] = -np.inf, added

    def next_number(self, stamp, number=None):
        """Number of the picture with this stamp, the next one unless it is known.

        Stored now: a picture that crashes capture is not tried again.
        """
        number = self.numbers_given if number is None else number
        self.values[:2] = number + 1, stamp
        return number

    @property
    def numbers_given(self):
        return int(self.values[0])

    @property
    def last_stamp(self):
        return self.values[1]

    def since_first(self, picture):
        """Seconds since the first picture of the run was read."""
        if np.isnan(self.values[2]):
            self.values[2] = picture.read_at
        return picture.read_at - float(self.values[2])


class Capture:
    """Puts pictures into the ring, publishes their frames and counts the frames in flight."""

    def __init__(self, bus, settings):
        self.bus, self.settings = bus, settings
        self.memory = Memory(bus.folder, bus.node.name, settings.added)
        self.cameras = Cameras(settings.camera_file, settings.fov, settings.pose)
        self.ring = bus.ring(slots_of(settings.in_flight, bus.nodes))
        self.credits = Credits(settings.in_flight, None if settings.every_frame else PATIENCE)
        self.turns = Turns(bus.folder, settings.name, settings.in_flight)
        self.pace = Pace(settings.in_flight, Sizes(bus.folder).has) if settings.adapts else None
        self._count(bus.nodes)
        bus.when_changed(lambda *_: self._count(bus.nodes))
        self.finished = dict.fromkeys(("done", "stored") if settings.session else ("done",), -1)  # newest frame of each
        self.stamps = {}  # frame number -> s, of the frames in flight
        self.waits = False  # there is a picture that waits for its turn
        self.restarts = bus.restarts
        self.counts = Counter()  # "read", "dropped", "unreadable", "interrupted": by the sources; "lost", "ill_fitting"
        self.told = Counter()

    def _count(self, nodes):
        """So many cameras have frames that wait for others, and share the places for frames under way."""
        cameras, own = max(len(cameras_of(nodes)), 1), self.settings
        self.turns.limit = own.in_flight + (cameras - 1) * own.lookahead
        if self.pace is not None:
            self.pace.places = (own.in_flight - own.lookahead) / cameras

    def hear(self, timeout):
        """Read for `timeout` s at most what the other nodes have done, and give the bus our counts."""
        messages, now = self.bus.poll(timeout), time.monotonic()
        for topic, done in messages:
            if done.camera_name != self.settings.name:
                continue
            self.finished[topic] = done.number
            number = min(self.finished.values())
            self.credits.done(number)
            if self.pace is None or not self.pace.done(number, now, self.counts["read"]):
                continue
            if not self.pace.settling:  # how it begins is no news
                self.bus.note(f"pace: {self.pace.effort.name} ({self.pace.why})")
        if self.bus.restarts != self.restarts:
            self.restarts = self.bus.restarts
            self.credits.restarted()
        self.credits.expire(now)
        self.turns.tell(len(self.credits.taken), self.waits and self.credits.free > 0)
        self.counts["lost"] = len(self.credits.lost)
        for name, count in self.counts.items():
            if count != self.told[name]:
                self.bus.count(name, count - self.told[name])
                self.told[name] = count

    def has_turn(self, waits):
        """Whether a picture may be sent now. If not, hears for a moment what the others have done.

        waits   there is one
        """
        self.waits = waits
        self.hear(0 if waits else WAIT)
        may = waits and self.credits.free > 0
        if may and self.turns.mine:
            return True
        if waits:
            self.hear(SOON if may and not self.turns.full else WAIT)
        return False

    def publish(self, picture, stamp, started):
        """Send the picture; `started` = time.perf_counter() when work on it began. UsageError if no camera fits it."""
        self.waits = False
        self.turns.taken(len(self.credits.taken) + 1)
        camera = camera_of(picture, self.cameras)
        number = self.memory.next_number(stamp, picture.frame and picture.frame.number)
        slot = self.ring.put(picture.pixels())
        frame = Frame(
            number, picture.file, stamp, picture.read_at, picture.width, picture.height, camera, *slot,
            still=self.settings.stills, camera_name=self.settings.name, effort=self.effort(picture),
        )  # fmt: skip
        if self.pace is not None:
            self.pace.published(number, picture.read_at + self.settings.lookahead / LOOKAHEAD_RATE)
            self.counts[AT_PACE + frame.effort.name] += 1
        self.bus.measure(time.perf_counter() - started)
        self.credits.take(number, time.monotonic())
        self.stamps = {taken: self.stamps.get(taken, stamp) for taken in self.credits.taken}
        self.bus.publish("frame", frame)

    def effort(self, picture):
        """How much work its frame may be: of a frame that is played again, as much as it was."""
        if picture.frame is not None:
            return picture.frame.effort
        return Effort() if self.pace is None else self.pace.effort

    def finish(self):
        """Wait until the frames in flight are done, except those whose look-ahead never comes; then for the others.

        A camera that leaves the run waits for its own alone, until they must be done.
        """
        sure = self.memory.last_stamp - self.settings.lookahead / LOOKAHEAD_RATE
        while any(self.stamps[number] <= sure for number in self.credits.taken) and not self.bus.leaving:
            self.hear(WAIT)
        self.hear(0)
        if not self.bus.leaving:
            self.bus.finish()
        while not self.bus.leaving:
            self.hear(WAIT)
        end = time.monotonic() + LEAVE
        while self.credits.taken and time.monotonic() < end and not self.bus.stopping:
            self.hear(WAIT)
