"""How many frames may be in flight: this keeps every queue short.

Capture takes a credit for each frame it publishes and has it back when the recorder is done with the frame. Frames
keep their order, so when one is done, earlier ones that are not done are lost.
"""


class Credits:
    def __init__(self, limit, patience=None):
        """limit: frames in flight at most; patience: s until a frame counts as lost, None = never by time."""
        self.limit, self.patience = limit, patience
        self.taken = {}  # frame number -> s, when it was published; oldest first
        self.lost = set()  # numbers given up

    @property
    def free(self):
        return self.limit - len(self.taken)

    def take(self, number, now):
        self.taken[number] = now

    def done(self, number):
        """Frame `number` is done; frames published before it will not come any more."""
        self.lost.discard(number)  # late, but here
        self._give_up(earlier for earlier in self.taken if earlier < number)
        self.taken.pop(number, None)

    def expire(self, now):
        """Give up the frames that have been in flight for longer than `patience`."""
        if self.patience is not None:
            self._give_up(number for number, then in self.taken.items() if now - then > self.patience)

    def restarted(self):
        """A node died and was restarted: its frames are lost. Frames of other nodes may still be done, late."""
        self._give_up(self.taken)

    def _give_up(self, numbers):
        for number in list(numbers):
            del self.taken[number]
            self.lost.add(number)
