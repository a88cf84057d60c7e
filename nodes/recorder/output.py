"""A file of the run that may fail by itself: the run and the other files go on."""

import time

AGAIN = 1.0  # s until a file that failed is tried again
TELL = 60.0  # s between two lines about the same file


class Output:
    """
    file    see record_file.py and video_file.py: `path`; add(...) -> whether something was written, and close(), which
            may raise OSError; `lost`, frames that the failure has cost; take_error(), what failed behind our back
    say     called with each line meant for the user
    count   called with the number of frames that were lost
    """

    def __init__(self, file, say, count):
        self.file, self.say, self.count = file, say, count
        self.missing = 0  # frames that could not be written, and nobody was told how many
        self.again_at = 0.0  # s
        self.told_at = -TELL  # s
        self.told = False  # of the failure that it is in

    def add(self, *what):
        """Hand on to the file's add, unless it failed a moment ago."""
        now = time.monotonic()
        if now < self.again_at:
            self._lose(1)
            return
        try:
            written = self.file.add(*what)
        except OSError as error:
            self._lose(self.file.lost)
            self.again_at = now + AGAIN
            self._fail(error, now)
            return
        if error := self.file.take_error():
            self._fail(error, now)
        elif written and self.told:
            if self.missing:
                self.say(f"{self.file.path} is written again; {self.missing} frames are missing in it")
            self.missing, self.told = 0, False

    def close(self):
        try:
            self.file.close()
        except OSError as error:
            self._lose(self.file.lost)
            self._fail(error, time.monotonic())

    def _lose(self, frames):
        self.missing += frames
        self.count(frames)

    def _fail(self, error, now):
        if now - self.told_at >= TELL:
            self.told_at, self.told = now, True
            self.say(f"can't write {self.file.path}: {error.strerror or error}; trying again, the run goes on")
