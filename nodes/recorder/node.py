"""Recorder: each scene becomes a line of JSON, a frame of video and a part of the statistics, as the settings ask.

in   scene   everyone in frame k
out  done    frame k is written: its slot in the ring may be used again
"""

from duopose.nodes.capture.sources import silence_libraries
from duopose.nodes.recorder.record_format import without_broken
from duopose.nodes.recorder.recorder import Recorder
from duopose.stream.messages import Done


def main(bus, settings):
    silence_libraries()
    recorder = Recorder(settings, bus.folder, bus.note, bus.count)
    for _, scene in bus.each():
        scene, broken = without_broken(scene)  # NaN is no valid JSON
        bus.count("broken_poses", broken)
        recorder.add(scene, bus.pixels(scene.frame) if recorder.video is not None else None)
        bus.publish("done", Done(scene.frame.number))
    recorder.close()
