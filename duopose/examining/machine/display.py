"""The screen: whether a window can be opened, and which OpenGL draws.

`python -m duopose.examining.machine.display` prints what OpenGL says of itself: a broken driver crashes who asks.
"""

import os

from duopose.examining.child import ask, tell

PATIENCE = 8.0  # s
LIBRARIES = "Debian: apt install libegl1 libgl1 libgl1-mesa-dri"


def window_trouble():
    """Why no window can be opened, None if one can: what the viewer itself says."""
    from duopose import viewer

    return viewer.available()


def examine(part, environment=os.environ):
    screens = {name: environment.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "XDG_SESSION_TYPE")}
    trouble = window_trouble()
    answers, silent = ask("machine.display", seconds=PATIENCE)
    opengl = answers[0] if answers else None
    part.facts = {"screens": screens, "window": trouble, "opengl": opengl, "opengl_trouble": silent}
    if trouble is None:
        part.good("a window can be opened: " + ", ".join(f"{name}={its}" for name, its in screens.items() if its))
    else:
        part.note(f"no window: {trouble}; everything else works", remedy(trouble))
    if opengl:
        part.good(f"pictures without a window (duopose draw): OpenGL {opengl['version']}, {opengl['renderer']}")
    else:
        part.note(f"no pictures without a window (duopose draw): {silent}", LIBRARIES)


def remedy(trouble):
    if "no display" in trouble:
        return (
            "start it in a graphical session; over ssh with ssh -X; in a container hand on DISPLAY and "
            "/tmp/.X11-unix, or watch from elsewhere: duopose view"
        )
    return "install what is missing, or run with --headless"


def main():
    from vispy.gloo import gl

    from duopose.viewer.offscreen import hidden_canvas

    hidden_canvas().set_current()
    tell({"version": gl.glGetParameter(gl.GL_VERSION), "renderer": gl.glGetParameter(gl.GL_RENDERER)})


if __name__ == "__main__":
    main()
