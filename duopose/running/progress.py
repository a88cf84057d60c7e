"""How far a run is, for whoever started it: a bar on a terminal, else a line now and then."""

import sys
import time

from tqdm import tqdm

EVERY = 0.5  # s between two looks
LINE_EVERY = 10.0  # s between two lines where there is no terminal
COUNTED = "recorder"  # the node whose frames are done


class Progress:
    """
    total   frames there will be, None if unknown
    say     called with each line meant for the user
    bar     whether a terminal is shown a bar
    """

    def __init__(self, total, say, bar=True):
        self.total, self.say = total, say
        self.bar = tqdm(total=total, unit=" frames", leave=False, disable=not (bar and sys.stderr.isatty()))
        self.next_look = 0.0
        self.begun = None  # s, first frame
        self.next_line = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.bar.close()

    def expect(self, total):
        """There will be so many from now on."""
        self.total = self.bar.total = total

    def tick(self, supervisor):
        now = time.monotonic()
        if now < self.next_look:
            return
        self.next_look = now + EVERY
        done = supervisor.reports()[COUNTED].handled
        if not self.bar.disable:
            self.bar.update(done - self.bar.n)
        elif done and self.begun is None:
            self.begun, self.next_line = now, now + LINE_EVERY
        elif done and now >= self.next_line:
            self.next_line = now + LINE_EVERY
            self.say(line(done, self.total, now - self.begun))


def line(done, total, seconds):
    """
    >>> line(300, 1200, 10)
    '300 of 1200 frames, 30.0 a second, 0:30 left'
    >>> line(300, None, 10)
    '300 frames, 30.0 a second'
    """
    rate = done / seconds
    if not total or done > total:
        return f"{done} frames, {rate:.1f} a second"
    minutes, left = divmod(round((total - done) / rate), 60)
    return f"{done} of {total} frames, {rate:.1f} a second, {minutes}:{left:02d} left"
