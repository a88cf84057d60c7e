"""What is shown and from where."""

from dataclasses import dataclass

from duopose.viewer.theme import DARK, LIGHT

BRANCHES = ("fused", "top_down", "bottom_up")  # fields of Look; the first that is shown is drawn first
WORDS = {"fused": "fused", "top_down": "top-down", "bottom_up": "bottom-up"}


@dataclass
class Look:
    fused: bool = True
    top_down: bool = False
    bottom_up: bool = False
    apart: bool = False  # all three, side by side
    trails: bool = True
    graph: bool = False
    help: bool = False
    light: bool = False
    eye: str = "orbit"  # "camera": through its lens; "above"

    @property
    def theme(self):
        return LIGHT if self.light else DARK

    @property
    def branches(self):
        """Names of what is shown, of BRANCHES."""
        return tuple(name for name in BRANCHES if getattr(self, name))

    @property
    def panes(self):
        """The branches of each part of the window, from left to right."""
        return (("top_down",), ("bottom_up",), ("fused",)) if self.apart else (self.branches,)

    def toggle(self, name):
        """Show it or hide it. Something is always shown."""
        setattr(self, name, not getattr(self, name))
        if not self.branches:
            self.fused = True

    def turn_to(self, eye):
        """Look from there, or from the orbit again."""
        self.eye = "orbit" if self.eye == eye else eye
