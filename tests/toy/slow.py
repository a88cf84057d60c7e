"""Like scenes.py, but it takes 15 ms for a frame: it, and not who reads the frames, says how fast a run is."""

import time

from tests.toy.scenes import scene


def main(bus, settings):
    for _, frame in bus.each():
        time.sleep(0.015)
        bus.publish("scene", scene(frame))
