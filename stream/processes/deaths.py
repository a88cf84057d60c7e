"""When a node that died is started again, and when it is no use any more."""

import time
from collections import deque

CRASHES, CRASH_WINDOW = 3, 20.0  # so many deaths of one node of the pipeline in so many s, and the run ends
BACK_OFF = 0.1  # s before the first restart; doubles with each death in the window
LONGEST = 30.0  # s before the restart of a patient node, however often it has died


class Deaths:
    """Those of one node. A patient one, as those who only watch, is started again for as long as the run goes on."""

    def __init__(self, node, patient=False):
        self.patient = patient or node.watches
        self.times = deque(maxlen=CRASHES)  # s
        self.pause = BACK_OFF / 2  # s, the last one, of a patient node

    def add(self, started_at):
        """It has died now, having been started at `started_at` -> s until the next start; None: better end the run."""
        now = time.monotonic()
        if self.patient:
            self.pause = BACK_OFF if now - started_at > LONGEST else min(2 * self.pause, LONGEST)
            return self.pause
        self.times.append(now)
        recent = sum(now - then < CRASH_WINDOW for then in self.times)
        return None if recent == CRASHES else BACK_OFF * 2 ** (recent - 1)

    @property
    def span(self):
        """s from the first to the last death that counts."""
        return self.times[-1] - self.times[0]
