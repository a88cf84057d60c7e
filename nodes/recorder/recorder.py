"""Writes what was asked for, record and video, each by itself, and measures the run."""

import time

from duopose.nodes.capture.sources import silence_libraries
from duopose.nodes.recorder.measures import Measures
from duopose.nodes.recorder.output import Output
from duopose.nodes.recorder.record_file import RecordFile
from duopose.stream.errors import UsageError


class Recorder:
    """
    settings   of the camera: what to write
    folder     the run's: where a recorder that died finds how far it had come; None: nobody will ask
    say        called with each line meant for the user
    count      called with (what, how many) for frames that are lost to a file

    Raises UsageError if a file can't be opened.
    """

    def __init__(self, settings, folder=None, say=print, count=lambda name, number: None):
        self.camera = settings.name
        self.measures = Measures(settings.started_at, folder, settings.name)
        again = self.measures.frames > 0  # it died and is back: what is in the files now is of this run
        self.record = self.video = None
        if settings.record:
            file = RecordFile(settings, again, say)
            self.record = Output(file, say, lambda number: count("not_recorded", number))
        if settings.save_video:
            from duopose.nodes.recorder.video_file import VideoFile  # FFmpeg and OpenCV: 30 MB that most runs save
            from duopose.stream.overlay import draw

            silence_libraries()
            self.draw = draw
            file = VideoFile(settings.save_video, settings.overwrite and not again, say)
            self.video = Output(file, say, lambda number: count("not_filmed", number))
        for output in self.outputs:
            if not again:
                _open(output.file)

    @property
    def outputs(self):
        return [output for output in (self.record, self.video) if output is not None]

    def add(self, scene, picture=None):
        """picture   uint8 [H, W, 3] RGB, our own: it is drawn on; None: there is none to save"""
        if self.record is not None:
            self.record.add(scene)  # not buffered: a kill loses the last line at most
        if self.video is not None and picture is not None:
            self.draw(picture, scene)
            self.video.add(picture, scene.frame.stamp)
        self.measures.add(scene, time.monotonic())

    def close(self):
        for output in self.outputs:
            output.close()


def _open(file):
    """What can't be written from the beginning is the user's to mend."""
    try:
        file.open()
    except OSError as error:
        raise UsageError(f"can't write {file.path}: {error.strerror}") from None
