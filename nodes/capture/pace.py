"""The controller of a live run: how much work a frame may be, so that the machine keeps up with the source.

One table of steps, each less work than the one above. Latency counts first, then rate, then accuracy: where frames come
too late or too many are dropped, it goes down; after a calm while it tries the step above, and if that fails, waits
longer before the next attempt. It knows no clock: it is told when frames were read and done.

It starts low, so that the first poses are live on any machine, and goes up as soon as it sees that there is room: so
many frames are under way on average as come in a second, times the seconds that each takes (Little's law).
"""

import math
import statistics
from collections.abc import Callable

from duopose.stream.messages import Effort

STEPS = (
    #       name            crop, people, shared crops, bottom-up; see messages.Effort
    Effort("full"),
    Effort("half bottom-up",  0,  1,      False,        2),
    Effort("smaller crops",   1,  1,      True,         2),
    Effort("small crops",     2,  1,      True,         2),
    Effort("half people",     2,  2,      True,         3),
    Effort("third of people", 2,  3,      True,         6),
)  # fmt: skip

# CPU time of a frame at each step, of that at the first: mean of two clips with four and five people (AVX512).
WORK = (1.0, 0.86, 0.69, 0.61, 0.43, 0.34)
ROOM = 0.9  # of the places for frames under way: more of them may not be filled by a step above
START = 4  # number of the first step; its size of crops, the smallest, is there from the start

WINDOW = 0.4  # s of frames that one judgement rests on, at least
FEW = 2  # frames between its ends, at least
LATE = 0.3  # s from reading to the end of the work, median: more is too late to call it live
ENOUGH = 0.85  # of the source's rate: fewer frames are too few
MOST = 30.0  # frames/s: more than that need not be worked on
JUMPS = (
    (0.25, len(STEPS)),
    (0.5, 2),
    (math.inf, 1),
)  # steps at once, below this share of the wanted rate
BEFORE_DOWN = 2  # windows in a row that are too slow until the first step down: one may be another program's doing
CALM = 3.0  # s of keeping up until the step above is tried
PROVEN = 6.0  # s that a step must hold, else it has failed
LONGEST = 60.0  # s between two attempts at a step that fails each time


class Pace:
    """Which step a live run is at. `published` and `done` are told of each frame, in order.

    places  frames that may be under way at a time
    has     number of a size of crops -> whether networks for it are there; where not, they are asked for
    """

    def __init__(self, places: float, has: Callable[[int], bool] = lambda crop: True) -> None:
        self.places, self.has = places, has
        self.step = START
        self.settling = True  # it never had to go down
        self.reading: dict[int, float] = {}  # frame number -> s when it was read, of frames published at this step
        self.window: list[tuple[float, float, int]] = []  # s when done, s of latency, pictures read so far
        self.behind = 0  # windows in a row that were too slow
        self.calm_since: float | None = None  # s
        self.tried_at: float | None = None  # s, when it last went up
        self.waits = [CALM] * len(STEPS)  # s of calm before each step is tried from below
        self.why = ""  # it changed, in words

    @property
    def effort(self) -> Effort:
        return STEPS[self.step]

    def published(self, number: int, read_at: float) -> None:
        """A frame was published at the present step; it was read at that time, s."""
        self.reading[number] = read_at

    def done(self, number: int, now: float, read: int) -> bool:
        """A frame is done, at `now` s, when `read` pictures had been read since the start -> whether the step changed.

        Frames that were published before the last change say nothing of the present step.
        """
        read_at = self.reading.get(number)
        self.reading = {later: at for later, at in self.reading.items() if later > number}
        if read_at is None:
            return False
        self.window.append((now, now - read_at, read))
        began, _, read_before = self.window[0]
        if len(self.window) <= FEW or now - began < WINDOW:
            return False
        rate = (len(self.window) - 1) / (now - began)
        wanted = min((read - read_before) / (now - began), MOST)
        latency = statistics.median(latency for _, latency, _ in self.window)
        self.window = self.window[-1:]
        before, self.why = self.step, f"{rate:.1f} frames a second, latency {1000 * latency:.0f} ms"
        if latency > LATE or rate < ENOUGH * wanted:
            self._too_slow(now, next(steps for share, steps in JUMPS if rate <= share * wanted))
        else:
            self._keeps_up(now, wanted * latency)
        if self.step != before:
            self.reading, self.window, self.calm_since = {}, [], None
        return self.step != before

    def _too_slow(self, now: float, steps: int) -> None:
        self.calm_since = None
        self.behind += 1
        if self.behind < BEFORE_DOWN:
            return
        if self.tried_at is not None and now - self.tried_at < PROVEN:
            self.waits[self.step] = min(2 * self.waits[self.step], LONGEST)
            self.tried_at = None
        self.settling = False
        below = range(min(self.step + steps, len(STEPS) - 1), len(STEPS))
        # Where there are none at all, nobody has compiled any yet: top_down is just starting again.
        self.step = next((step for step in below if self.has(STEPS[step].crop)), below[-1])

    def _keeps_up(self, now: float, under_way: float) -> None:
        """`under_way`: frames, on average."""
        self.behind = 0
        self.calm_since = now if self.calm_since is None else self.calm_since
        if self.tried_at is not None and now - self.tried_at >= PROVEN:
            self.waits[self.step], self.tried_at = CALM, None
        room = ROOM * self.places * WORK[self.step]
        fitting = [step for step in range(self.step) if under_way * WORK[step] <= room]
        above = self.step - 1
        if self.settling:
            self._settle(fitting)
        elif above in fitting and self.tried_at is None and now - self.calm_since >= self.waits[above]:
            self.step, self.tried_at = (above, now) if self.has(STEPS[above].crop) else (self.step, None)

    def _settle(self, fitting: list[int]) -> None:
        """To the best of these steps; while the networks for its size of crops are on their way, with present ones."""
        if fitting and not self.has(STEPS[fitting[0]].crop):
            fitting = [step for step in fitting if STEPS[step].crop == self.effort.crop]
        self.step = fitting[0] if fitting else self.step
