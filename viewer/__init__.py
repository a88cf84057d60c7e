"""The window that shows everyone in 3D, live, and the same picture without a screen.

Here only what a program needs to know before it decides to open a window: importing this package imports neither a
window system nor OpenGL.
"""

import os
import sys


def available():
    """Why no window can be opened on this machine, in a few words for the user, or None if one can.

    It is tried, which takes a fraction of a second; a display that hangs takes `probe.PATIENCE`.
    """
    if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return "there is no display"
    from duopose.viewer import probe  # here, because the process that it starts runs this very module

    return probe.why_not()
