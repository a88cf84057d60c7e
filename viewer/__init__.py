"""The window that shows everyone in 3D, live, and the same picture without a screen.

Here only what a program needs to know before it decides to open a window: importing this package imports neither Qt nor
OpenGL.
"""

import importlib.util
import os
import sys


def available():
    """Why no window can be opened on this machine, in a few words for the user, or None if one can."""
    if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return "there is no display"
    if importlib.util.find_spec("PyQt6") is None:
        return "PyQt6 is not installed (pip install 'duopose[viewer]')"
    return None
