"""What keys and mouse do. It knows no window: `press`, `drag`, `wheel` and `click` change what is shown."""

import math

from duopose.viewer.controls.look import Look
from duopose.viewer.orbit import Orbit

KEYS = (  # as the help shows them
    ("1  2  3", "fused, top-down, bottom-up"),
    ("4", "all three side by side"),
    ("c", "through the camera"),
    ("v", "from above"),
    ("f", "follow the next person"),
    ("tab", "the next camera"),
    ("t", "trails"),
    ("g", "rate and latency"),
    ("space", "pause, go on"),
    ("left right", "a frame back, on (shift: a second)"),
    ("p", "picture into this folder"),
    ("l", "light, dark"),
    ("r", "reset the view"),
    ("q", "quit"),
    ("drag", "turn (shift: move)"),
    ("wheel", "zoom"),
    ("click", "what a joint is"),
)
TOGGLES = {
    "1": "fused", "2": "top_down", "3": "bottom_up", "4": "apart", "t": "trails", "g": "graph", "l": "light",
    "h": "help", "?": "help",
}  # fmt: skip
EYES = {"c": "camera", "v": "above"}
STEPS = {"left": -1, "right": 1}
JUMPS = {"shift+left": -1.0, "shift+right": 1.0}  # s
TURN, WHEEL = 252.0, 0.9  # degrees for a drag over the height of the window; distance per notch of the wheel
CLOSE_BY = 1.7  # m above and below the middle of a person who is followed
GLIDE = 0.7  # s in which the view follows by two thirds


class Controls:
    """The state of the window that the user changes. tabs: tabs.Tabs"""

    def __init__(self, tabs):
        self.tabs, self.look = tabs, Look()
        self.orbits = {"orbit": Orbit(), "above": Orbit(0, 90, field=20)}
        self.held = set()  # of these, those that the user has moved: they follow nobody by themselves
        self.followed = None  # identity
        self.picked = None  # (identity, joint)
        self.glided = None  # s of the clock, when the view last followed

    @property
    def player(self):
        """Of the film that is shown."""
        return self.tabs.shown.player

    @property
    def place(self):
        """Which of the orbits the user moves."""
        return "above" if self.look.eye == "above" else "orbit"

    @property
    def orbit(self):
        return self.orbits[self.place]

    def press(self, key, ids=()):
        """Do what a key means. ids: of those who are there. -> "quit", "picture" or "tab": the window has to do it."""
        if key in EYES or key == "4":
            self.glided = None  # the new view is there at once
        if key in TOGGLES:
            self.look.toggle(TOGGLES[key])
        elif key in EYES:
            self.look.turn_to(EYES[key])
        elif key == "f":
            self._follow_next(sorted(ids))
        elif key == "tab":
            self.tabs.turn()
            self.forget()
            return "tab"
        elif key == " ":
            self.player.toggle()
        elif key in STEPS:
            self.player.step(STEPS[key])
        elif key in JUMPS:
            self.player.jump(JUMPS[key])
        elif key in ("home", "end"):
            self.player.seek(float(key == "end"))
        elif key == "r":
            self._reset()
        elif key == "escape" and (self.picked or self.look.help):
            self.picked, self.look.help = None, False
        elif key in ("q", "escape"):
            return "quit"
        elif key == "p":
            return "picture"
        return None

    def forget(self):
        """Nobody is followed or picked any more: others are shown."""
        self.followed = self.picked = self.glided = None

    def _follow_next(self, ids):
        """The one whose joint is picked, else the next one, and after the last nobody."""
        if self.picked and self.followed is None:
            self.followed = self.picked[0]
        else:
            later = [identity for identity in ids if self.followed is None or identity > self.followed]
            self.followed = later[0] if later else None

    def _reset(self):
        self.followed = self.picked = None
        self.look.eye = "orbit"
        self.held.clear()
        self.orbits["orbit"] = Orbit()
        self.glided = None

    def drag(self, across, down, move):
        """The mouse was dragged by shares of the window's height; move: shift the view instead of turning it."""
        if self.look.eye == "camera":
            return
        self.held.add(self.place)
        if move or self.look.eye == "above":
            self.followed = None
            self.orbit.shift(-across, down)
        else:
            self.orbit.turn(-TURN * across, TURN * down)

    def wheel(self, notches):
        self.held.add(self.place)
        self.orbit.zoom(WHEEL**notches)

    def click(self, hit):
        """A click on (identity, joint), or on None. The same joint again means: no more of it."""
        self.picked = None if hit == self.picked else hit

    def follow(self, now, aim, middles):
        """Follow the people, slowly, until the user takes hold of the view; to be called some times a second.

        now      s of a clock
        aim      aim(orbit) puts an orbit so that everyone is in the picture
        middles  {identity: float [3], m, world}
        """
        orbit, target = self.orbit, Orbit(self.orbit.azimuth, self.orbit.elevation, field=self.orbit.field)
        share = 1.0 if self.glided is None else 1 - math.exp(-(now - self.glided) / GLIDE)
        self.glided = now
        if self.followed is None:
            if self.place not in self.held:
                aim(target)
                orbit.glide(target, share)
        elif self.followed in middles:
            target.centre = middles[self.followed]
            held = self.place in self.held
            target.distance = orbit.distance if held else CLOSE_BY / math.tan(math.radians(orbit.field / 2))
            orbit.glide(target, share)
