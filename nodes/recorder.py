"""Where every frame ends: one line of JSON, one frame of video if asked for, one more in the statistics.

in   scene   everyone in frame k
out  done    frame k is written: its slot in the ring may be used again
"""

import time
from pathlib import Path

import msgspec

from nodes.measures import Measures
from nodes.record_format import record_line, without_broken
from nodes.sources import silence_libraries
from nodes.video_writer import VideoWriter
from stream.errors import UsageError
from stream.messages import Done
from stream.overlay import draw


class Recorder:
    """Writes what the settings ask for. Raises UsageError if a file can't be opened."""

    def __init__(self, settings):
        self.measures = Measures(settings.started_at)
        self.stats = settings.stats
        self.lines = _open(settings.record) if settings.record else None
        self.video = VideoWriter(settings.save_video) if settings.save_video else None

    def add(self, scene, picture=None):
        """picture   uint8 [H, W, 3] RGB, our own: it is drawn on; None: there is none to save"""
        if self.lines is not None:
            self.lines.write(record_line(scene) + b"\n")  # unbuffered: a kill loses the last line at most
        if self.video is not None and picture is not None:
            draw(picture, scene)
            self.video.add(picture, scene.frame.stamp)
        self.measures.add(scene, time.monotonic())

    def close(self):
        """Finish the files; what was measured goes to `settings.stats`, where `run_live` adds what it knows."""
        if self.lines is not None:
            self.lines.close()
        if self.video is not None:
            self.video.close()
        if self.stats is not None:
            Path(self.stats).write_bytes(msgspec.json.encode(self.measures.summary()))


def _open(path):
    try:
        return open(path, "wb", buffering=0)
    except OSError as error:
        raise UsageError(f"can't write {path}: {error.strerror}") from None


def main(bus, settings):
    silence_libraries()
    recorder = Recorder(settings)
    for _, scene in bus.each():
        scene, broken = without_broken(scene)  # a network that yields NaN must not spoil the record
        bus.count("broken_poses", broken)
        recorder.add(scene, bus.pixels(scene.frame) if recorder.video is not None else None)
        bus.publish("done", Done(scene.frame.number))
    recorder.close()
