"""The window: draws the newest scene, as often as the screen manages, and never holds anything up.

in   scene    only the newest counts; those that came while it was drawing are never seen
in   health   what a node wants to tell the user, and whether the run is at its end

It is sent copies that nobody waits for, and looks at pixels that may be overwritten at any time: then that scene is
left out. The window stays open at the end of a clip; closing it ends the run.
"""

import math
import time
from contextlib import contextmanager

import numpy as np
from vispy import app, gloo

from duopose.viewer import panel
from duopose.viewer.orbit import Orbit
from duopose.viewer.pace import Pace
from duopose.viewer.stage import Stage

SIZE = (1280, 720)  # pixels, at first
SOFTWARE = ("llvmpipe", "softpipe", "swrast", "software")  # in the names of renderers without a graphics card
SOFTWARE_RATE, CARD_RATE = 10.0, 30.0  # pictures a second without and with one: the cores are left to the networks
SAMPLES = 4  # per pixel, for smooth edges, where a card does the work
GLIDE = 0.7  # s in which the view follows the people by two thirds
QUIET = 2.0  # s without a scene until the status line says so
NOTE = 8.0  # s that a message of a node is shown
TURN, WHEEL = 0.35, 0.9  # degrees per pixel of dragging; distance per notch of the wheel
HELP = "drag  turn     wheel  zoom     shift drag  move     l  lens     space  pause     r  reset     q  quit"


class Window(app.Canvas):
    """The viewer as a VisPy canvas. `tick` takes in what has come; all else happens on the user's events."""

    def __init__(self, bus, application, size=SIZE, samples=0, private=False):
        self.bus, self.private = bus, private  # private: it shows no pixels of the camera
        self.pace, self.note, self.ended = Pace(), ("", 0.0), False
        self.paused = False  # the user has stopped the scene
        self.held = False  # the user has moved the view: it does not follow the people any more
        self.last_scene = self.last_tick = time.monotonic()
        self.failure = self.drawn = None
        super().__init__("Duopose", size, app=application, config={"depth_size": 24, "samples": samples}, keys=None)
        self.set_current()
        self.stage = Stage()
        self.stage.help = HELP

    # ---- what comes in

    def tick(self):
        """Take in the newest messages; to be called some times a second."""
        now, messages = time.monotonic(), self.bus.poll(0)
        scene = next((message for topic, message in reversed(messages) if topic == "scene"), None)
        if scene is not None and not self.paused:
            self._take(scene, now)
        for topic, message in messages:
            if topic == "health" and message.node != self.bus.node.name:
                self.ended = message.state == "stopping"
                if message.note:
                    self.note = (message.note, now)
        self._follow(now)
        orbit, scene, self.stage.status = self.stage.orbit, self.stage.scene, self._status()
        shown = (scene and scene.frame, self.stage.status, np.round((*orbit.centre, orbit.distance), 3).tolist())
        if shown != self.drawn:  # a picture that stands still costs nothing
            self.drawn = shown
            self.update()

    def _take(self, scene, now):
        video = None if self.private else self.bus.pixels(scene.frame)
        if video is None and not self.private:  # overwritten: the next one comes soon
            return
        start = time.perf_counter()
        self.set_current()
        first = self.stage.scene is None or (len(self.stage.joints) == 0 and not self.held)
        self.stage.show(scene, video, self.physical_size[1])
        self.pace.add(scene, now)
        self.last_scene, self.ended = now, False
        if first:
            self._frame(self.stage.orbit)
        self.bus.measure(time.perf_counter() - start)

    def _follow(self, now):
        """Until the user takes hold of the view it follows the people, slowly."""
        share = 1 - math.exp(-(now - self.last_tick) / GLIDE)
        self.last_tick = now
        if self.stage.scene is not None and not self.held:
            orbit = self.stage.orbit
            target = Orbit(orbit.azimuth, orbit.elevation)
            self._frame(target)
            orbit.glide(target, share)

    def _frame(self, orbit):
        self.stage.aim(orbit, self.size[0] / self.size[1])

    # ---- what is drawn

    def on_draw(self, event):
        with self.guard():
            width, height = self.physical_size
            gloo.set_viewport(0, 0, width, height)
            self.stage.status = self._status()
            self.stage.draw(width, height, panel.text_size(height))

    def _status(self):
        now, scene = time.monotonic(), self.stage.scene
        note, noted = self.note
        alert = [(note, panel.ALERT)] if note and now - noted < NOTE else []
        if scene is None:
            return [("starting", panel.BRIGHT), *alert]
        rate, people = self.pace.rate, (panel.count_words(len(scene.ids)), panel.DIM)
        measured = [
            (f"latency {1000 * self.pace.latency:.0f} ms", panel.DIM),
            people,
            (panel.lens_words(scene.frame), panel.DIM),
        ]
        if self.paused:
            return [("paused", panel.ALERT), people, *alert]
        if self.ended:
            return [("end of the clip", panel.BRIGHT), *measured, *alert]
        if now - self.last_scene > QUIET:
            return [("waiting for the next frame", panel.ALERT), people, *alert]
        return [(f"{rate:.1f} fps" if rate else "...", panel.BRIGHT), *measured, *alert]

    # ---- what the user does

    def on_mouse_move(self, event):
        if not event.is_dragging:
            return
        before = event.last_event.pos if event.last_event is not None else event.press_event.pos
        across, down = (event.pos - before).tolist()
        self.held = True
        if "Shift" in event.modifiers or event.button in (2, 3):
            self.stage.orbit.shift(-across / self.size[1], down / self.size[1])
        else:
            self.stage.orbit.turn(-TURN * across, TURN * down)
        self.update()

    def on_mouse_wheel(self, event):
        self.held = True
        self.stage.orbit.zoom(WHEEL ** float(event.delta[1]))
        self.update()

    def on_key_press(self, event):
        key = event.key.name if event.key is not None else event.text
        if key in ("Q", "Escape"):
            self.close()
        elif key == "Space":
            self.paused = not self.paused
        elif key == "L":
            self.stage.lens = not self.stage.lens
        elif key == "R":
            self.held = self.stage.lens = False
            self.stage.orbit = Orbit()
            if self.stage.scene is not None:
                self._frame(self.stage.orbit)
        self.update()

    @contextmanager
    def guard(self):
        """An error inside an event must end the node with its name, not be swallowed by the window system."""
        try:
            yield
        except BaseException as error:
            self.failure = error
            self.close()


def has_card(qt_application):
    """Whether a graphics card draws for Qt, or this processor does. (Nothing of Qt works before its application.)"""
    from PyQt6.QtGui import QOffscreenSurface, QOpenGLContext

    surface, context = QOffscreenSurface(), QOpenGLContext()
    surface.create()
    if not (context.create() and context.makeCurrent(surface)):
        raise RuntimeError("this display has no OpenGL")
    renderer = str(gloo.gl.glGetParameter(gloo.gl.GL_RENDERER)).lower()
    context.doneCurrent()
    return not any(name in renderer for name in SOFTWARE)


def main(bus, settings):
    application = app.Application("pyqt6")
    card = has_card(application.native)
    window = Window(bus, application, samples=SAMPLES if card else 0, private=settings.privacy)

    def tick(event):
        with window.guard():
            window.tick()
        if bus.stopping or window.failure:
            window.close()

    timer = app.Timer(1 / (CARD_RATE if card else SOFTWARE_RATE), connect=tick, start=True, app=application)
    window.show()
    application.run()
    timer.stop()
    if window.failure:
        raise window.failure
