from types import SimpleNamespace

import numpy as np

from tests.viewer.scenes import HEIGHT, WIDTH


class FakeBus:
    """Gives out messages and pixels as a test puts them in; says how it was asked."""

    def __init__(self):
        self.node = SimpleNamespace(name="viewer")
        self.told = []
        self.waiting, self.waits, self.picture, self.stopping = [], [], np.full((HEIGHT, WIDTH, 3), 90, np.uint8), False

    def poll(self, timeout=0.0):
        self.waits.append(timeout)
        messages, self.waiting = self.waiting, []
        return messages

    def pixels(self, frame):
        return None if self.picture is None else self.picture.copy()

    def measure(self, seconds):
        pass

    def note(self, text):
        self.told.append(text)
