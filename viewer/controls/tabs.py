"""One tab for each camera of a run: what the window keeps of it while another one is shown."""

import time

from duopose.viewer.controls.film import Recent
from duopose.viewer.controls.pace import Pace
from duopose.viewer.controls.player import Player
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

    @property
    def shown(self):
        return self.all[self.name]

    @property
    def names(self):
        return [name for name in self.all if name is not None]

    def has(self, scene):
        """Whether the scene is of the tab that is shown; one of a camera that is new makes a tab."""
        name = scene.frame.camera_name
        if name not in self.all:
            if None in self.all:
                self.all[name] = self.all.pop(None)
                self.name = name
            else:
                self.all[name] = Tab(Recent())
        return name == self.name

    def turn(self):
        """Show the next one."""
        names = list(self.all)
        self.name = names[(names.index(self.name) + 1) % len(names)]
