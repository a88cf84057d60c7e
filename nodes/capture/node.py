"""Where every picture comes in: webcam, stream, video file or images -> numbered frames, their pixels in the ring.

in   done    the recorder has written frame k: its slot may be used again
in   stored  with --session: frame k is in the file, too
out  frame   where the pixels of picture k lie, when it was taken, and by which camera

At most `settings.in_flight` frames are in flight, of all cameras together; each camera has a capture, and they take
turns. Offline, capture waits for its turn; live, it then takes the newest picture and drops the rest, here and nowhere
else.
"""

import time

import numpy as np

from duopose.nodes.capture.capture import WAIT, Capture
from duopose.nodes.capture.live import SAY_EVERY, Live, paced
from duopose.nodes.capture.opening import FILES, open_camera, open_file
from duopose.nodes.capture.sources import silence_libraries
from duopose.stream.errors import UsageError


def main(bus, settings):
    silence_libraries()
    capture = Capture(bus, settings)
    if settings.every_frame:
        offline(capture, open_file(settings, capture.counts))
    elif settings.kind in FILES:
        while not (bus.ready or bus.leaving):  # its clock starts when all nodes are ready
            capture.hear(WAIT)
        file = open_file(settings, capture.counts)

        def pictures(_):
            return paced(unseen(file, capture))

        live(capture, Live(settings.source, pictures, capture.counts, np.inf, bus.note, wake=bus.orders.wake_up))
    else:
        live(capture, open_camera(settings, capture.counts, bus.note, bus.orders.wake_up), own_clock=True)
    capture.finish()


def offline(capture, file):
    """Every picture, as fast as the other nodes take them, or at the pace that the user wants."""
    speed, begun = capture.settings.speed, None
    while not (capture.bus.ready or capture.bus.leaving):  # latency counts from the reading
        capture.hear(WAIT)
    started = time.perf_counter()
    for picture in unseen(file, capture):
        capture.counts["read"] += 1
        work = time.perf_counter() - started
        if speed:
            begun = begun or time.monotonic() - picture.stamp / speed
            while not capture.bus.leaving and (early := begun + picture.stamp / speed - time.monotonic()) > 0:
                capture.hear(min(early, WAIT))
            picture = picture._replace(read_at=time.monotonic())
        while not capture.bus.leaving and not capture.has_turn(True):
            pass
        if capture.bus.leaving:
            return
        capture.publish(picture, picture.stamp, time.perf_counter() - work)
        capture.hear(0)
        started = time.perf_counter()


def live(capture, source, own_clock=False):
    """The newest picture whenever there is room for one; with `own_clock`, stamps count from the first."""
    bus, counts, begun, next_line = capture.bus, capture.counts, False, 0.0
    while not (bus.leaving or source.finished):
        source.watch()
        ready = bus.ready
        if ready and not begun:
            begun = True
            # Pictures that came while the other nodes were loading do not count.
            counts["read"], counts["dropped"] = int(source.waiting), 0
        if not capture.has_turn(ready and source.waiting):
            continue
        picture = source.newest(0)
        if picture is None:
            continue
        started, first = time.perf_counter(), not capture.memory.numbers_given
        try:
            capture.publish(picture, capture.memory.since_first(picture) if own_clock else picture.stamp, started)
        except UsageError as error:  # the camera file does not fit, or memory is full: it may be right again later
            if first or not own_clock:
                raise
            counts["ill_fitting"] += 1
            if started > next_line:
                next_line = started + SAY_EVERY
                bus.note(str(error))
    source.close()


def unseen(file, capture):
    """The pictures of a file, after those that an earlier life of this process has taken."""
    return (picture for picture in file.pictures() if picture.stamp > capture.memory.last_stamp)
