"""What an earlier run left, played again: a session with its own pictures, or a record with those of its video.

As the classes of files.py; and each Picture names the `frame` that it was, whose number, stamp and camera hold again.
"""

import time
from collections import Counter
from functools import partial

import numpy as np

from duopose.nodes.capture.files import ImageFiles, VideoFile
from duopose.nodes.capture.sources import Picture, kind_of, source_path
from duopose.stream import wire
from duopose.stream.errors import UsageError
from duopose.stream.messages import Frame
from duopose.stream.record.scenes import scenes
from duopose.stream.session import pixels
from duopose.stream.session.file import PIXELS, Session

BLANK = 40  # grey of the pictures of a record whose video is not there
SAME = 1e-3  # s between two stamps of one frame: a record rounds them


class SessionFile:
    """A session; a picture that can't be read is skipped and counted. Raises UsageError if it is none."""

    def __init__(self, path, counts):
        self.path, self.counts = path, counts
        self.session = Session(path)
        self.total = self.session.total()

    def pictures(self):
        frame, readable = None, False
        for entry in self.session.entries():
            if entry.topic == "frame":
                frame = self._frame(entry.data)
            elif entry.topic == PIXELS and frame is not None and frame.number == entry.number:
                picture = pixels.decode(entry.data, entry.encoding, frame.height, frame.width)
                if picture is None:
                    self.counts["unreadable"] += 1
                    continue
                readable = True
                yield _picture_of(frame, lambda picture=picture: picture)
        if not readable:
            raise UsageError(f"{self.path}: there is not a single picture in this session")

    def _frame(self, data):
        try:
            return wire.decode(Frame, data)
        except wire.Malformed:
            self.counts["unreadable"] += 1
            return None


class RecordFile:
    """A record, with the pictures of the video or the images it was made from, or grey ones. Raises UsageError."""

    def __init__(self, path, counts, source=None):
        self.path, self.source = path, source
        self.total = None

    def pictures(self):
        shown = iter(()) if self.source is None else _pictures_of(self.source)
        next_shown = next(shown, None)
        empty = True
        for scene in scenes_of(self.path):
            frame, empty = scene.frame, False
            while next_shown is not None and frame.file is None and next_shown.stamp < frame.stamp - SAME:
                next_shown = next(shown, None)
            while next_shown is not None and frame.file is not None and next_shown.file != frame.file:
                next_shown = next(shown, None)
            yield _picture_of(frame, partial(_seen_in, next_shown, frame))
        if empty:
            raise UsageError(f"{self.path}: there is no scene in this record")


def scenes_of(path):
    """The scenes of a record. UsageError where it is none."""
    try:
        yield from scenes(path)
    except (ValueError, OSError) as error:
        raise UsageError(error) from None


def _pictures_of(source):
    return (ImageFiles if kind_of(source) == "images" else VideoFile)(source_path(source), Counter()).pictures()


def _seen_in(picture, frame):
    """The frame's pixels, of the picture if that is the frame's."""
    same = picture is not None and (frame.file is not None or abs(picture.stamp - frame.stamp) <= SAME)
    if not same or (picture.height, picture.width) != (frame.height, frame.width):
        return np.full((frame.height, frame.width, 3), BLANK, np.uint8)
    return picture.pixels()


def _picture_of(frame, take):
    return Picture(frame.stamp, time.monotonic(), frame.file, frame.width, frame.height, take, frame=frame)
