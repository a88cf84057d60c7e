"""The viewer's picture without a screen: OpenGL through EGL, on a graphics card or in software."""

import os

import cv2

from duopose.viewer import panel
from duopose.viewer.controls.look import Look
from duopose.viewer.orbit import Orbit

AIR = 0.13  # more of it around everyone in the other views
FINER = 2  # drawn this much larger, then averaged: smooth edges
VIEWS = {  # name: azimuth, elevation, field of view in degrees; the front view is the camera's own
    "orbit": (38, 17, 38),
    "front": (0, 0, 38),
    "side": (90, 3, 12),
    "above": (0, 90, 12),
}


class Unavailable(RuntimeError):
    """This machine has no EGL."""


class Camera:
    """Draws one stage into arrays. Views: orbit = as the window opens; front = through the camera's own lens;
    side = from the right, level with the floor; above = straight down."""

    def __init__(self, width, height):
        """Raises Unavailable, with the remedy."""
        self.width, self.height = width, height
        self.canvas = hidden_canvas()
        self.canvas.set_current()
        from duopose.viewer.stage import Stage

        self.stage, self.look, self.status = Stage(), Look(), []

    def show(self, scene, image):
        """A scene and its frame, uint8 RGB [H, W, 3] or None."""
        self.canvas.set_current()
        self.stage.show(scene, image, FINER * self.height)
        self.status = describe(scene)

    def shoot(self, view="orbit"):
        """-> uint8 RGBA [height, width, 4]"""
        self.canvas.set_current()
        azimuth, elevation, field = VIEWS[view]
        orbit, aspect = Orbit(azimuth, elevation, field=field), self.width / self.height / len(self.look.panes)
        self.look.eye = "camera" if view == "front" else "orbit"
        if self.look.apart:
            self.stage.aim(orbit, aspect, 0.0)
        elif view == "orbit":
            self.stage.aim(orbit, aspect)
        else:
            self.stage.aim(orbit, aspect, AIR)
        size = round(FINER * panel.text_size(self.height))

        def draw(width, height):
            self.stage.draw(width, height, size, self.look, orbit, status=self.status)

        return finely(self.width, self.height, draw)


def finely(width, height, draw):
    """What draw(width, height) paints, called with a larger picture -> uint8 RGBA [height, width, 4], smooth."""
    from vispy import gloo

    wide, high = FINER * width, FINER * height
    target = gloo.FrameBuffer(gloo.RenderBuffer((high, wide)), gloo.RenderBuffer((high, wide)))
    with target:
        draw(wide, high)
        gloo.set_viewport(0, 0, wide, high)
        large = target.read()
    target.delete()
    return cv2.resize(large, (width, height), interpolation=cv2.INTER_AREA)


def describe(scene):
    """The status line of a single scene: which frame, how many people, and what the metres rest on."""
    frame = scene.frame
    where = frame.file or f"frame {frame.number} at {frame.stamp:.2f} s"
    words = (panel.count_words(len(scene.ids)), where, panel.lens_words(frame))
    return [(word, "dim" if place else "bright") for place, word in enumerate(words)]


_hidden = []


def hidden_canvas():
    """The one hidden canvas whose OpenGL context all pictures of this process share."""
    if not _hidden:
        os.environ.setdefault("EGL_PLATFORM", "surfaceless")
        try:
            from vispy import app

            application = app.Application("egl")
            _hidden.append(app.Canvas(app=application, size=(16, 16), show=False))
        except Exception as error:
            raise Unavailable(
                f"no off-screen OpenGL ({error}); Debian: apt install libegl1 libgl1 libgl1-mesa-dri"
            ) from error
    return _hidden[0]
