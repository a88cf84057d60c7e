"""What there is to see right now: the newest message of each kind, for pages of any pace."""

from operator import itemgetter


class Newest:
    """Holds one message a kind, however many pages there are and however slow: the next one takes its place."""

    def __init__(self):
        self.held = {}  # kind -> (its number, data)
        self.number = 0

    def put(self, kind, data):
        self.number += 1
        self.held[kind] = self.number, data

    def after(self, seen, kinds):
        """[data] of those kinds that a page has not had, the oldest first; they are noted as had.

        seen   {kind: number of the last message that the page had}, of the page's own
        """
        new = sorted(((number, kind) for kind, (number, _) in self.held.items() if kind in kinds), key=itemgetter(0))
        data = [self.held[kind][1] for number, kind in new if seen.get(kind) != number]
        seen.update((kind, number) for number, kind in new)
        return data
