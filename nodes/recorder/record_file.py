"""The file of `--record`: a header for each run, then a line a frame; begun anew when it is too large or too old."""

import datetime
import json
import os
import time
from pathlib import Path

from duopose.nodes.recorder.growing_file import GrowingFile
from duopose.nodes.recorder.names import unused
from duopose.nodes.recorder.output import TELL
from duopose.nodes.recorder.record_format import header_line, record_line


class RecordFile:
    """What the file holds stays; with `overwrite`, it goes when the first frame has come."""

    lost = 1  # frames that a failure costs

    def __init__(self, settings, continued, say):
        """
        continued   an earlier life of this process has written frames of the same run
        say         called with each line meant for the user
        """
        self.settings, self.continued, self.say = settings, continued, say
        self.path = settings.record
        self.overwrite = settings.overwrite and not continued
        self.file = None
        self.rotate_again_at = 0.0  # s, after it failed

    def add(self, scene):
        """One more line -> True. Raises OSError if it could not be written; then the file is as it was."""
        line = record_line(scene) + b"\n"
        if self.file is None:
            self.open()
        elif self.file.gone():
            self.open()
            self.say(f"{self.path} was moved or deleted: the record goes on in a new file")
        if self.overwrite:
            self.file.clear()
            self.overwrite, self.begun_at = False, time.time()
        if self._is_full(len(line)):
            self._rotate()
        if self.begins:
            line = self._end_torn_line() + header_line(self.settings, scene, self.continued) + b"\n" + line
        self.file.append(line)
        self.begins, self.continued = False, True
        return True

    def take_error(self):
        return self.file and self.file.take_error()

    def close(self):
        if self.file is not None:
            self.file.close()

    def open(self):
        """Ahead of the first frame. Raises OSError."""
        file = GrowingFile(self.path)
        if self.file is not None:
            self.file.close(wait=False)
        self.file = file
        self.begins = True  # the next line has a header above it
        self.begun_at = self._first_written()

    def _first_written(self):
        """When the oldest header of the file was written, s since the epoch; now for a file without."""
        try:
            first = json.loads(self.file.read(1 << 16, 0).partition(b"\n")[0])
            return datetime.datetime.fromisoformat(first["written"]).timestamp()
        except (OSError, ValueError, KeyError, TypeError):
            return time.time()

    def _end_torn_line(self):
        """What an earlier run may have left needs an end of line."""
        size = self.file.size
        return b"\n" if self.file.regular and size and self.file.read(1, size - 1) != b"\n" else b""

    def _is_full(self, more):
        largest, oldest = self.settings.rotate_bytes, self.settings.rotate_seconds
        if not (self.file.regular and self.file.size) or time.monotonic() < self.rotate_again_at:
            return False  # a device or a pipe is never put aside
        too_large = largest is not None and self.file.size + more > largest
        return too_large or (oldest is not None and time.time() - self.begun_at >= oldest)

    def _rotate(self):
        """Put the file aside under a name with the time, and begin a new one; where that fails, go on with the old."""
        path = Path(self.path)
        kept = unused(path.with_name(f"{path.stem}-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}{path.suffix}"))
        try:
            os.rename(path, kept)
        except OSError as error:
            self.rotate_again_at = time.monotonic() + TELL
            self.say(f"can't put {self.path} aside: {error.strerror}; it grows on")
            return
        self.open()
