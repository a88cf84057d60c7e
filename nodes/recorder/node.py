"""Recorder: each scene becomes a line of JSON, a frame of video and a part of the statistics, as the settings ask.

in   scene   everyone in frame k
out  done    frame k is written: its slot in the ring may be used again
"""

import numpy as np

from duopose.nodes.per_camera import PerCamera
from duopose.nodes.recorder.measures import move
from duopose.nodes.recorder.record_format import without_broken
from duopose.nodes.recorder.recorder import Recorder
from duopose.stream.messages import Done


def main(bus, settings):
    def make(own):
        return Recorder(own, bus.folder, bus.note, bus.count)

    def rename(recorder, own):  # its files have the name, too
        recorder.close()
        move(bus.folder, recorder.camera, own.name)
        return make(own)

    recorders = PerCamera(bus, settings, make, rename, Recorder.close)
    for _, scene in bus.each():
        recorder = recorders.of(scene)
        scene, broken = without_broken(scene)  # NaN is no valid JSON
        bus.count("broken_poses", broken)
        recorder.add(scene, ground(bus, scene.frame, settings) if recorder.video is not None else None)
        bus.publish("done", Done(scene.frame.number, scene.frame.camera_name))
    for recorder in recorders:
        recorder.close()


def ground(bus, frame, settings):
    """What the video draws people on: a copy of the frame's pixels, or with --privacy none of them."""
    return np.zeros((frame.height, frame.width, 3), np.uint8) if settings.privacy else bus.pixels(frame)
