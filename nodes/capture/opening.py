"""The source that the settings name, opened: a file or images that end, or a camera that runs by itself."""

import time
from functools import partial

from duopose.nodes.capture.cameras import stream, webcam
from duopose.nodes.capture.files import ImageFiles, VideoFile
from duopose.nodes.capture.live import CONNECT, Live
from duopose.nodes.capture.replayed import RecordFile, SessionFile
from duopose.nodes.capture.sources import source_path, webcam_index

FILES = {"video": VideoFile, "images": ImageFiles, "session": SessionFile, "record": RecordFile}  # that end
FIRST = 11.0  # s after the command until a source that never answered is an error


def open_file(settings, counts):
    """The file or the images that the settings name. Raises UsageError."""
    if settings.kind == "record":
        return RecordFile(settings.source, counts, settings.pictures)
    return FILES[settings.kind](source_path(settings.source), counts)


def open_camera(settings, counts, say, wake=lambda: None):
    """The webcam or stream that the settings name, as Live."""
    if settings.kind == "webcam":
        name, index = f"webcam {settings.source}", webcam_index(settings.source)

        def pictures(_):
            return webcam(index, settings.camera_size, settings.camera_fps)

    else:
        name = settings.shown_source
        pictures = partial(stream, settings.source, counts)
    return Live(name, pictures, counts, max(settings.started_at + FIRST, time.monotonic() + CONNECT), say, wake=wake)
