"""The window as a VisPy canvas: it takes in what has come, hands keys and mouse to the controls, and draws."""

import time
from contextlib import contextmanager

import numpy as np
from vispy import app

from duopose.stream.skeleton import PELVIS
from duopose.viewer import panel, picture_file
from duopose.viewer.controls import trails
from duopose.viewer.controls.controls import Controls
from duopose.viewer.controls.film import before
from duopose.viewer.controls.tabs import Tabs
from duopose.viewer.drawing.together import Together, name_of
from duopose.viewer.hud import Hud
from duopose.viewer.offscreen import FINER, finely
from duopose.viewer.stage import ASIDE, Stage

SIZE = (1280, 720)  # pixels, at first
QUIET = 2.0  # s without a scene until the status line says so
NOTE = 8.0  # s that a message of a node is shown
STILL = 5.0  # pixels that the mouse may move in a click


class Window(app.Canvas):
    """`tick` takes in what has come; all else happens on the user's events.

    film      what is shown, as controls.film; by default what comes over the bus
    private   it shows no pixels of the camera
    cameras   names of the run's cameras, a tab each
    """

    def __init__(self, bus, application, size=SIZE, samples=0, private=False, film=None, cameras=()):
        self.bus, self.private = bus, private
        self.tabs = Tabs(cameras, film)
        self.controls = Controls(self.tabs)
        self.note, self.ended = ("", 0.0), False
        self.learned = -1  # the farthest place of a recording that the floor was estimated from
        self.wants_picture = self.closed = False
        self.seeking = False  # the mouse went down on the time line
        self.failure = self.drawn = None
        super().__init__("Duopose", size, app=application, config={"depth_size": 24, "samples": samples}, keys=None)
        self.set_current()
        self.stage = Stage()
        self.hud = Hud(self.stage, self.controls)
        self._open_tab()

    def _open_tab(self):
        """Show the tab that the user has chosen: what it showed last, until its next scene comes."""
        tab = self.tab = self.tabs.shown
        self.film, self.player, self.pace, self.stage.world.floor = tab.film, tab.player, tab.pace, tab.floor
        self.stage.clear()
        if len(self.film):
            place = len(self.film) - 1
            self._show(
                self.film.scene(place), None if self.private else self.film.video(place), place, time.monotonic()
            )

    def change_cameras(self, settings, renamed):
        """As Bus.when_changed calls it."""
        if self.tabs.change([own.name for own in settings.each], renamed):
            self.controls.forget()
            self._open_tab()

    # ---- what comes in

    def tick(self):
        """Take in the newest messages and what is due; to be called some times a second."""
        now, messages = time.monotonic(), self.bus.poll(0)
        scenes = [self.tabs.take(message) for topic, message in messages if topic == "scene"]
        scene = next((scene for scene in reversed(scenes) if scene is not None), None)
        if scene is not None and self.film.live and not self.player.paused:
            self._take(scene, now)
        for topic, message in messages:
            if topic == "health" and message.node != self.bus.node.name:
                self.ended = message.state == "stopping"
                if message.note:
                    self.note = (message.note, now)
        self._show_due(now)
        self._follow(now)
        orbit, status = self.controls.orbit, self.status()
        shown = id(self.stage.scene), status, np.round((*orbit.centre, orbit.distance), 3).tolist()
        if shown != self.drawn:  # a picture that stands still costs nothing
            self.drawn = shown
            self.update()

    def _take(self, scene, now):
        blind = self.private or isinstance(scene, Together)
        video = None if blind else self.bus.pixels(scene.frame)
        if video is None and not blind:  # overwritten: the next one comes soon
            return
        start = time.perf_counter()
        self.film.add(scene, video)
        self.tab.last_scene, self.ended = now, False
        self._show(scene, video, len(self.film) - 1, now, learn=True)
        self.bus.measure(time.perf_counter() - start)

    def _show_due(self, now):
        place = self.player.due(now)
        if place is not None and self.film.scene(place) is not self.stage.scene:
            self._show(self.film.scene(place), None if self.private else self.film.video(place), place, now)

    def _show(self, scene, video, place, now, learn=False):
        self.set_current()
        if self.stage.scene is None or len(self.stage.joints) == 0:
            self.controls.glided = None  # the first people are framed at once
        past = before(self.film, place, trails.SPAN)[:-1]
        if not self.film.live:  # the floor is estimated as it is live: from what comes, once
            learn, self.learned = place > self.learned, max(place, self.learned)
        self.stage.show(scene, video, self.physical_size[1], past, learn)
        if not self.player.paused:
            self.pace.add(scene, now)

    def _follow(self, now):
        if self.stage.scene is not None:
            middles = dict(zip(self.stage.scene.ids.tolist(), self.stage.joints[:, PELVIS], strict=True))
            self.controls.follow(now, self._aim, middles)

    def _aim(self, orbit):
        look = self.controls.look
        self.stage.aim(orbit, self.size[0] / self.size[1] / len(look.panes), 0.0 if look.apart else ASIDE)

    # ---- what is drawn

    def on_draw(self, event):
        with self.guard():
            now = time.monotonic()
            if self.player.paused:
                self._show_due(now)  # where the user has just gone
            if self.controls.glided is None:
                self._follow(now)  # the view that the user has just chosen
            if self.wants_picture:
                self.wants_picture = False
                self.save_picture()
            self._paint(*self.physical_size)

    def _paint(self, width, height, scale=1):
        """scale: how much larger than in the window everything is."""
        size = round(scale * panel.text_size(height / scale))
        controls, flat = self.controls, self.hud.pieces(width, height, size, time.monotonic())
        self.stage.draw(width, height, size, controls.look, controls.orbit, flat, self.status())

    def save_picture(self):
        """The picture as it is, with smooth edges, into a file of this folder; its name is told."""
        width, height = self.physical_size
        self._resize_picture(FINER * height)
        image = finely(width, height, lambda wide, high: self._paint(wide, high, FINER))
        self._resize_picture(height)
        told = picture_file.write(image)
        self.note = (told, time.monotonic())
        self.bus.note(told)

    def _resize_picture(self, height):
        if self.stage.scene is not None:
            self.stage.show_video(self.stage.video, height)

    def status(self):
        """[(words, role)] of the status line."""
        now, scene, player = time.monotonic(), self.stage.scene, self.player
        note, noted = self.note
        alert = [(note, "alert")] if note and now - noted < NOTE else []
        if scene is None:
            return [("starting", "bright"), *alert]
        people = [(panel.count_words(len(scene.ids)), "dim")]
        if self.controls.followed is not None:
            people += [(f"following {name_of(self.controls.followed, scene)}", "dim")]
        cameras = f"{len(scene.frames)} cameras" if isinstance(scene, Together) else None
        lens = (cameras or panel.lens_words(scene.frame), "dim")
        if player.paused or not self.film.live:
            where = "paused" if player.paused else "end of the recording" if player.at_end else "playing"
            role = "alert" if player.paused else "bright"
            return [(where, role), (f"frame {scene.frame.number}", "dim"), *people, lens, *alert]
        measured = [(f"latency {1000 * self.pace.latency:.0f} ms", "dim"), *people, lens]
        if self.ended:
            return [("end of the clip", "bright"), *measured, *alert]
        if now - self.tab.last_scene > QUIET:
            return [("waiting for the next frame", "alert"), *people, *alert]
        return [(f"{self.pace.rate:.1f} fps" if self.pace.rate else "...", "bright"), *measured, *alert]

    # ---- what the user does

    def press(self, key):
        """A key: a character, or "left", "right", "home", "end", "escape", "tab", with "shift+" before."""
        with self.guard():
            ids = self.stage.scene.ids.tolist() if self.stage.scene is not None else ()
            asked = self.controls.press(key, ids)
            if asked == "quit":
                self.close()
                return
            if asked == "tab":
                self._open_tab()
            self.wants_picture = self.wants_picture or asked == "picture"
            self.update()

    def on_mouse_press(self, event):
        with self.guard():
            share = self._time_at(event.pos)
            self.seeking = share is not None
            if self.seeking:
                self.player.seek(share)

    def on_mouse_move(self, event):
        with self.guard():
            if not event.is_dragging:
                return
            if self.seeking:
                share = self._time_at((event.pos[0], event.press_event.pos[1]))
                if share is not None:
                    self.player.seek(share)
                return
            before_ = event.last_event.pos if event.last_event is not None else event.press_event.pos
            across, down = ((event.pos - before_) / self.size[1]).tolist()
            self.controls.drag(across, down, "Shift" in event.modifiers or event.press_event.button in (2, 3))
            self.update()

    def on_mouse_release(self, event):
        with self.guard():
            if self.seeking or event.press_event is None or event.button != 1:
                return
            if np.abs(event.pos - event.press_event.pos).max() <= STILL:
                self.controls.click(self.hud.hit(self._physical(event.pos), *self.physical_size))
                self.update()

    def on_mouse_wheel(self, event):
        with self.guard():
            self.controls.wheel(float(event.delta[1]))
            self.update()

    def on_close(self, event):
        self.closed = True

    def _physical(self, position):
        """Where the mouse is, in pixels."""
        return np.asarray(position) * (self.physical_size[1] / self.size[1])

    def _time_at(self, position):
        width, height = self.physical_size
        return self.hud.time_at(self._physical(position), width, height, panel.text_size(height))

    @contextmanager
    def guard(self):
        """An error inside an event must end the node with its name, not be swallowed by the window system."""
        try:
            yield
        except BaseException as error:
            self.failure = error
            self.close()
