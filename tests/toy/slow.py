"""Like scenes.py, but it takes 15 ms for a frame: it, and not who reads the frames, says how fast a run is.

Beside the first record it leaves `turns`: the name of each frame's camera, a line each.
"""

import time
from pathlib import Path

from tests.toy.scenes import scene


def main(bus, settings):
    with Path(settings.record).with_name("turns").open("a") as turns:
        for _, frame in bus.each():
            time.sleep(0.015)
            turns.write(f"{frame.camera_name}\n")
            bus.publish("scene", scene(frame))
