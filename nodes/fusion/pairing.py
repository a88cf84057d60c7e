"""Brings together the two branches' messages of the same frame."""

BRANCHES = ("pose_top", "pose_bottom")
LATE = 10  # messages in a row about frames that are over: then a wrong number, as of a broken message, has ended them


class Pairing:
    """Messages that wait for the other branch's.

    Each branch keeps the order of the frames. If it skips a frame, it was restarted, and that message will never come.
    """

    def __init__(self):
        self.waiting = {}  # frame number -> {branch: message}
        self.newest = dict.fromkeys(BRANCHES, -1)  # the last frame of each branch
        self.ended = -1  # the last frame that went out
        self.late = 0  # messages in a row about frames before that one

    def add(self, branch, message):
        """A message has come -> the frames that are complete by it, in order: [(top-down, bottom-up)], None = lost."""
        number = message.frame.number
        self.late = self.late + 1 if number <= self.ended else 0
        if self.late > LATE:
            self.waiting.clear()
            self.newest = dict.fromkeys(BRANCHES, number - 1)
            self.ended, self.late = number - 1, 0
        self.newest[branch] = number
        if number > self.ended:
            self.waiting.setdefault(number, {})[branch] = message
        return self._take(lambda n: all(b in self.waiting[n] or self.newest[b] > n for b in BRANCHES))

    def rest(self):
        """The messages that wait when the run ends."""
        return self._take(lambda number: True)

    def _take(self, complete):
        numbers = [number for number in sorted(self.waiting) if complete(number)]
        self.ended = max([self.ended, *numbers])
        return [tuple(map(self.waiting.pop(number).get, BRANCHES)) for number in numbers]
