"""Live sources: webcam, stream, a file at its own pace. A thread reads them, and only the newest picture waits.

A source that fails, ends or gives no more pictures is opened again for as long as the user wants, with growing pauses.
At the start this is an error, sooner for a source that does not answer than for one that has answered and has no
picture yet. No call of `Live` takes longer than its timeout: if a driver blocks, it blocks a thread
that is left behind.
"""

import threading
import time
from contextlib import closing

from duopose.stream.errors import UsageError

SILENCE = 2.0  # s without a picture until a running source counts as lost; of a slow one
PACES = 3  # times the time between its last two pictures, if that is longer
CONNECT = 8.0  # s until a new connection has to have answered
PICTURE = 25.0  # s from then until its first picture: a stream begins with a key frame, which may take 10 s to come
# s from a stream's first picture until one is taken: those that FFmpeg kept while it probed come all at once
SETTLE = 0.2
PAUSES = (0.0, 0.5, 1.0, 2.0, 4.0)  # s before the next attempt, by attempts since the last picture
LONGEST_WAIT = 1.5  # s, of a file at its own pace between two pictures: less than SILENCE, so that it never is lost
SAY_EVERY = 10.0  # s between two lines about a lost source
LEFT_BEHIND = 3  # threads that may hang in a driver before no more are started


class Lost(Exception):
    """Why a source stopped giving pictures, in words for the user."""


class Reader(threading.Thread):
    """Reads one connection until it fails, ends or is left; keeps the newest picture, counts the others."""

    def __init__(self, pictures, counts, clock, wake):
        super().__init__(daemon=True, name="reader")
        self.pictures, self.counts, self.clock, self.wake = pictures, counts, clock, wake
        self.changed = threading.Condition()
        self.newest = None
        self.has_answered = self.has_read = self.left = self.ended = False
        self.heard_at = clock.monotonic()
        self.pace = 0.0  # s between the last two pictures
        self.settled_at = 0.0
        self.error = None

    def run(self):
        try:
            with closing(self.pictures(self.answered)) as pictures:
                for picture in pictures:
                    with self.changed:
                        if self.left:
                            return
                        now = self.clock.monotonic()
                        self.counts["read"] += 1
                        self.counts["dropped"] += self.newest is not None
                        if self.has_read:
                            self.pace = now - self.heard_at
                        elif self.has_answered:
                            self.settled_at = now + SETTLE
                        self.newest, self.has_read, self.heard_at = picture, True, now
                        self.changed.notify()
                    self.wake()
        except Exception as error:  # goes to whoever asks for pictures
            self.error = error
        with self.changed:
            self.ended = True
            self.changed.notify()
        self.wake()

    def answered(self):
        """The source is there; its first picture will come."""
        with self.changed:
            self.has_answered, self.heard_at = True, self.clock.monotonic()

    def take(self, timeout):
        """The newest picture, once, waiting `timeout` s for it; else None."""
        with self.changed:
            self.changed.wait_for(lambda: self.newest is not None or self.ended, timeout)
            picture, self.newest = self.newest, None
            return picture

    def leave(self):
        """Take no more from it; it ends when its driver lets it."""
        with self.changed:
            self.left = True

    def trouble(self):
        """None while all is well, else why not: an exception."""
        if self.ended:
            return self.error
        silent = self.clock.monotonic() - self.heard_at
        if self.has_read:
            patience = max(SILENCE, PACES * self.pace)
        else:
            patience = PICTURE if self.has_answered else CONNECT
        if silent > patience:
            return Lost(f"no picture for {silent:.0f} s")
        return None


class Live:
    """The newest picture of a source, through all its failures.

    name      how the user may see it named
    pictures  function -> iterator of Picture; may block, returns at the end of the source, raises Lost at a fault. May
              call the function when the source has answered, long before the first picture
    counts    Counter: "read", "dropped" = not taken, "interrupted" = times that the source was lost
    give_up   s, clock.monotonic() at which a source that has not answered once is an error
    say       called with a line for the user
    clock     has `monotonic` and `sleep`, as the module `time`
    wake      called, in a thread of its own, when there is a picture or the source has ended
    """

    def __init__(self, name, pictures, counts, give_up, say, clock=time, wake=lambda: None):
        self.name, self.pictures, self.counts, self.give_up, self.say = name, pictures, counts, give_up, say
        self.clock, self.wake = clock, wake
        self.finished = False
        self.has_read = False
        self.attempts = 0  # since the last picture
        self.next_attempt = self.next_line = 0.0
        self.lost_at, self.why = None, None
        self.left_behind = []
        self.reader = None

    @property
    def waiting(self):
        """Whether there is a picture to be taken."""
        reader = self.reader
        return reader is not None and reader.newest is not None and self.clock.monotonic() >= reader.settled_at

    def newest(self, timeout):
        """A picture not handed out before, waiting `timeout` s for one; else None. Raises as `watch` does."""
        self.watch()
        if self.reader is None or self.clock.monotonic() < self.reader.settled_at:
            self.clock.sleep(timeout)
            return None
        picture = self.reader.take(timeout)
        if picture is not None and self.lost_at is not None:
            self.say(f"{self.name} is back after {picture.read_at - self.lost_at:.1f} s")
            self.lost_at = None
        return picture

    def watch(self):
        """Connect, or notice that the source is lost or at its end.

        Raises UsageError while there never was a picture: at once where the source refuses, at `give_up` where it
        does not answer, after PICTURE s where it has answered.
        """
        now = self.clock.monotonic()
        if self.finished:
            return
        if self.reader is None:
            self._connect(now)
            return
        if self.reader.has_read:
            self.has_read, self.attempts = True, 0
            if self.reader.newest is not None:
                return  # to be taken first
        trouble = self.reader.trouble()
        if trouble is not None and not isinstance(trouble, Lost):
            raise trouble
        if not self.has_read and not self.reader.has_answered and now > self.give_up:
            raise UsageError(f"{self.name}: no answer")
        if trouble is not None and not self.has_read and (self.reader.has_answered or self.reader.ended):
            raise UsageError(f"{self.name}: {trouble}")
        if trouble is not None and self.has_read:
            self._lost(trouble, now)
        elif self.reader.ended and trouble is None:
            self.finished = True

    def close(self):
        if self.reader is not None:
            self.reader.leave()

    def _connect(self, now):
        self.left_behind = [reader for reader in self.left_behind if reader.is_alive()]
        if now < self.next_attempt or len(self.left_behind) >= LEFT_BEHIND:
            self._say_lost(now)
            return
        self.attempts += 1
        self.reader = Reader(self.pictures, self.counts, self.clock, self.wake)
        self.reader.start()

    def _lost(self, why, now):
        if self.lost_at is None:
            self.lost_at, self.next_line = self.reader.heard_at, now
            self.counts["interrupted"] += 1
        self.why = why
        self.next_attempt = now + PAUSES[min(self.attempts, len(PAUSES) - 1)]
        self.reader.leave()
        self.left_behind.append(self.reader)
        self.reader = None
        self._say_lost(now)

    def _say_lost(self, now):
        if self.lost_at is not None and now >= self.next_line:
            self.say(f"{self.name} is lost ({self.why}), trying again")
            self.next_line = now + SAY_EVERY


def paced(pictures, clock=time):
    """Hand each picture out when its time has come, as a camera would; that moment is when it was read.

    A longer gap in the file is cut to LONGEST_WAIT.
    """
    start = None
    for picture in pictures:
        now = clock.monotonic()
        start = now - picture.stamp if start is None else min(start, now + LONGEST_WAIT - picture.stamp)
        clock.sleep(max(0.0, start + picture.stamp - now))
        yield picture._replace(read_at=clock.monotonic())
