"""Where every picture comes in: webcam, stream, video file or images -> numbered frames, their pixels in the ring.

in   done    the recorder has written frame k: its slot may be used again
out  frame   where the pixels of picture k lie, when it was taken, and by which camera

At most `settings.in_flight` frames are under way at a time. Offline, capture waits for a free place; live, it takes the
newest picture when there is one and drops the rest, here and nowhere else.
"""

import time
from collections import Counter
from functools import partial
from pathlib import Path

import numpy as np

from nodes.cameras import stream, webcam
from nodes.files import ImageFiles, VideoFile
from nodes.live import CONNECT, SAY_EVERY, Live, paced
from nodes.sources import silence_libraries, source_path, webcam_index, without_password
from stream.camera_file import Cameras
from stream.credits import Credits
from stream.errors import UsageError
from stream.messages import Frame

SPARE = 4  # slots beyond those in flight: what the viewer may still be looking at
PATIENCE = (
    10.0  # s until a live frame counts as lost though no node has died; less would fill the queues of a slow machine
)
FIRST = 11.0  # s after the command until a source that never gave a picture is an error
LOOKAHEAD_RATE = 30.0  # Hz, of the frames that `settings.lookahead` counts
WAIT = 0.05  # s


class Memory:
    """How far the run has come, in a file of the run folder, so that a capture which crashed goes on from there."""

    def __init__(self, folder):
        path = Path(folder, "capture.memory")
        new = not path.exists()
        self.values = np.memmap(path, np.float64, "w+" if new else "r+", shape=3)
        if new:
            self.values[:] = 0, -np.inf, np.nan

    def next_number(self, stamp):
        """Number of the picture with this stamp. Remembered at once: a picture that crashes us is not tried again."""
        number = self.numbers_given
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
    """Puts pictures into the ring and sends them on their way; keeps the account of those under way."""

    def __init__(self, bus, settings):
        self.bus, self.settings = bus, settings
        self.memory = Memory(bus.folder)
        self.cameras = Cameras(settings.camera_file, settings.fov)
        self.ring = bus.ring(settings.in_flight + SPARE)
        self.credits = Credits(settings.in_flight, None if settings.every_frame else PATIENCE)
        self.stamps = {}  # frame number -> s, of those under way
        self.restarts = bus.restarts
        self.counts = Counter()  # "read", "dropped", "unreadable", "interrupted": by the sources; "lost", "ill_fitting"
        self.told = Counter()

    def hear(self, timeout):
        """Take in for `timeout` s at most what the others have done, and tell the bus our counts."""
        now = time.monotonic()
        for _, done in self.bus.poll(timeout):
            self.credits.done(done.number)
        if self.bus.restarts != self.restarts:
            self.restarts = self.bus.restarts
            self.credits.restarted()
        self.credits.expire(now)
        self.counts["lost"] = len(self.credits.lost)
        for name, count in self.counts.items():
            if count != self.told[name]:
                self.bus.count(name, count - self.told[name])
                self.told[name] = count

    def publish(self, picture, stamp, started):
        """Send the picture; `started` = time.perf_counter() when work on it began. UsageError if no camera fits it."""
        camera = self.cameras.of(picture.width, picture.height, picture.file)
        number = self.memory.next_number(stamp)
        slot = self.ring.put(picture.pixels())
        frame = Frame(
            number, picture.file, stamp, picture.read_at, picture.width, picture.height, camera, *slot,
            still=self.settings.stills,
        )  # fmt: skip
        self.bus.measure(time.perf_counter() - started)
        self.credits.take(number, time.monotonic())
        self.stamps = {taken: self.stamps.get(taken, stamp) for taken in self.credits.taken}
        self.bus.publish("frame", frame)

    def finish(self):
        """Wait until everything under way has come through, but for what waits for frames that will never come."""
        sure = self.memory.last_stamp - self.settings.lookahead / LOOKAHEAD_RATE
        while any(self.stamps[number] <= sure for number in self.credits.taken) and not self.bus.stopping:
            self.hear(WAIT)
        self.hear(0)


def main(bus, settings):
    silence_libraries()
    capture = Capture(bus, settings)
    if settings.every_frame:
        offline(capture, open_file(settings, capture.counts))
    elif settings.kind in ("video", "images"):
        while not (bus.ready or bus.stopping):  # its time starts when everybody is there
            capture.hear(WAIT)
        file = open_file(settings, capture.counts)
        live(capture, Live(settings.source, lambda: paced(unseen(file, capture)), capture.counts, np.inf, bus.note))
    else:
        live(capture, open_camera(settings, capture.counts, bus.note), own_clock=True)
    capture.finish()


def offline(capture, file):
    """Every picture, as fast as the others take them."""
    while not (capture.bus.ready or capture.bus.stopping):  # latency counts from the reading
        capture.hear(WAIT)
    started = time.perf_counter()
    for picture in unseen(file, capture):
        capture.counts["read"] += 1
        work = time.perf_counter() - started
        while not capture.bus.stopping and not capture.credits.free:
            capture.hear(WAIT)
        if capture.bus.stopping:
            return
        capture.publish(picture, picture.stamp, time.perf_counter() - work)
        capture.hear(0)
        started = time.perf_counter()


def live(capture, source, own_clock=False):
    """The newest picture whenever there is room for one; with `own_clock`, stamps count from the first."""
    bus, counts, begun, next_line = capture.bus, capture.counts, False, 0.0
    while not (bus.stopping or source.finished):
        free = bus.ready and capture.credits.free > 0
        capture.hear(0 if free else WAIT)
        if not free:
            source.watch()
            continue
        if not begun:
            begun = True
            counts["read"], counts["dropped"] = int(source.waiting), 0  # not what came while the others were loading
        picture = source.newest(WAIT)
        if picture is None:
            continue
        started = time.perf_counter()
        try:
            capture.publish(picture, capture.memory.since_first(picture) if own_clock else picture.stamp, started)
        except UsageError as error:  # no camera for this picture; a camera that came back in another shape may mend
            if not capture.memory.numbers_given or not own_clock:
                raise
            counts["ill_fitting"] += 1
            if started > next_line:
                next_line = started + SAY_EVERY
                bus.note(str(error))
    source.close()


def unseen(file, capture):
    """The pictures of a file, after those that an earlier life of this process has taken."""
    return (picture for picture in file.pictures() if picture.stamp > capture.memory.last_stamp)


def open_file(settings, counts):
    """The file or the images that the settings name. Raises UsageError."""
    return (ImageFiles if settings.kind == "images" else VideoFile)(source_path(settings.source), counts)


def open_camera(settings, counts, say):
    """The webcam or stream that the settings name, as Live."""
    if settings.kind == "webcam":
        name, index = f"webcam {settings.source}", webcam_index(settings.source)
        pictures = partial(webcam, index, settings.camera_size, settings.camera_fps)
    else:
        name = without_password(settings.source)
        pictures = partial(stream, settings.source, counts)
    return Live(name, pictures, counts, max(settings.started_at + FIRST, time.monotonic() + CONNECT), say)
