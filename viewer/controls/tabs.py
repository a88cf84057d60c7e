"""One tab for each camera of a run: what the window keeps of it while another one is shown.

Where the places of several cameras in the world are known, there is one tab more, of all of them in one space.
"""

import time

from duopose.viewer.controls.film import Recent
from duopose.viewer.controls.pace import Pace
from duopose.viewer.controls.player import Player
from duopose.viewer.drawing.together import TOGETHER, Gathering
from duopose.viewer.floor import Floor


class Tab:
    """film: what is shown, as film.Recent."""

    def __init__(self, film):
        self.film, self.player, self.pace, self.floor = film, Player(film), Pace(), Floor()
        self.last_scene = time.monotonic()  # s, when the newest one came


class Tabs:
    """
    names  of the cameras, in their order; a camera that is not among them is added when its first scene comes
    film   what is shown where there are no cameras but a recording
    """

    def __init__(self, names=(), film=None):
        films = dict.fromkeys(names or (None,), film)  # None: nobody has said its name yet
        self.all = {name: Tab(Recent() if film is None else film) for name, film in films.items()}
        self.name = next(iter(self.all))
        self.gathering = Gathering(names)

    @property
    def shown(self):
        return self.all[self.name]

    @property
    def names(self):
        return [name for name in self.all if name is not None]

    def take(self, scene):
        """A scene has come -> the one to show now, None if it is of a tab that is not shown.

        A camera that is new makes a tab.
        """
        name = scene.frame.camera_name
        if name not in self.all:
            if None in self.all:
                self.all[name] = self.all.pop(None)
                self.name = name
            else:
                self._add(name)
        placed = self.gathering.add(scene)
        if self.gathering.is_one and TOGETHER not in self.all:
            self._add(TOGETHER)
        if self.name == TOGETHER:
            return self.gathering.scene() if placed and self.gathering.is_one else None
        return scene if name == self.name else None

    def _add(self, name):
        self.all[name] = Tab(Recent())
        if TOGETHER in self.all:  # it stays the last one
            self.all[TOGETHER] = self.all.pop(TOGETHER)

    def change(self, names, renamed):
        """The run has cameras of these names from now on; renamed: {old name: new name}. -> whether to open a tab."""
        new = {renamed.get(name, name): tab for name, tab in self.all.items()}
        new |= {TOGETHER: Tab(Recent())} if TOGETHER in new else {}  # it may be another camera's frame from now on
        shown = renamed.get(self.name, self.name)
        self.gathering.forget([name for name in names if name not in renamed.values()])
        together = [TOGETHER] * (TOGETHER in new and len(names) > 1)
        self.all = {name: new.get(name) or Tab(Recent()) for name in [*names, *together]}
        self.name = shown if shown in self.all else next(iter(self.all))
        return self.name != shown or shown == TOGETHER

    def turn(self):
        """Show the next one."""
        names = list(self.all)
        self.name = names[(names.index(self.name) + 1) % len(names)]
