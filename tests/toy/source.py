"""As many frames as `settings.total` says, filled with their number; waits for credits like an offline capture."""

import time
from pathlib import Path

import numpy as np

from duopose.nodes.capture.credits import Credits
from tests.toy import frame


def main(bus, settings):
    credits = Credits(settings.in_flight)
    ring = bus.ring(settings.in_flight + 2)
    restarts = 0
    reached = Path(bus.folder, "reached")  # how far an earlier life has come

    def settle(timeout):
        nonlocal restarts
        for _, done in bus.poll(timeout):
            credits.done(done.number)
        if bus.restarts > restarts:
            restarts = bus.restarts
            credits.restarted()

    for number in range(int(reached.read_text()) if reached.exists() else 0, settings.total):
        time.sleep(1 / settings.camera_fps if settings.camera_fps else 0)
        settle(0)
        while not credits.free and not bus.stopping:
            settle(0.1)
        if bus.stopping:
            break
        draft = reached.with_suffix(".new")
        draft.write_text(str(number + 1))
        draft.replace(reached)  # it may be killed at any moment
        slot = ring.put(np.full((48, 64, 3), number % 256, np.uint8))
        bus.publish("frame", frame(number, slot))
        credits.take(number, time.monotonic())
    while credits.taken and not bus.stopping:  # what a node that died has held comes to an end with its restart
        settle(0.1)
    bus.count("lost", len(credits.lost) + len(credits.taken))
