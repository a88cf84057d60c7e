"""Writes what was asked for: lines of JSON, video, statistics."""

import time
from pathlib import Path

import msgspec

from duopose.nodes.recorder.measures import Measures
from duopose.nodes.recorder.record_format import record_line
from duopose.nodes.recorder.video_writer import VideoWriter
from duopose.stream.errors import UsageError
from duopose.stream.overlay import draw


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
        """Finish the files; what was measured goes to `settings.stats`, where `duopose` adds what it knows."""
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
