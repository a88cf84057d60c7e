"""The window shows the newest scene, obeys its keys, and never waits for anybody."""

import os
import shutil
import subprocess
import sys
import time
from ctypes.util import find_library
from types import SimpleNamespace

import numpy as np
import pytest

from duopose.stream.messages import Health
from tests.places import ROOT
from tests.viewer.bus import FakeBus
from tests.viewer.scenes import make_scene, person
from tests.waiting import LONG


def press(window, key):
    from vispy.util import keys

    window.events.key_press(key=keys.SPACE if key == " " else keys.Key(key), text=key, modifiers=[])


def words(window):
    return " ".join(words for words, _ in window._status())


def health(node, state="running", note=""):
    return "health", Health(node, 1, state, 0, None, None, 0.0, 0.0, {}, note=note)


def paint(window):
    window.set_current()
    window.events.draw(region=None)
    assert window.failure is None


def test_the_window_lives_without_any_scene_and_never_waits(window):
    for _ in range(3):
        window.tick()
        paint(window)
    assert set(window.bus.waits) == {0}
    assert words(window) == "starting"


def test_the_newest_scene_is_shown_with_rate_and_latency(window):
    clock = time.monotonic()
    for number in range(3):
        window.bus.waiting = [("scene", make_scene([person(0, 4)] * number, number=number))]
        window.tick()
    paint(window)
    assert window.stage.scene.frame.number == 2
    window.pace.seen.clear()
    for number in range(11):
        window.pace.add(make_scene([], number=10 + number), clock + number / 20)
    assert "20.0 fps" in words(window)
    assert "latency 50 ms" in words(window)
    assert "2 people" in words(window)
    assert "from the camera file" in words(window)


def test_a_scene_whose_pixels_are_gone_is_left_out(window):
    window.bus.waiting = [("scene", make_scene([person(0, 4)], number=5))]
    window.tick()
    window.bus.waiting, window.bus.picture = [("scene", make_scene([], number=6))], None
    window.tick()
    assert window.stage.scene.frame.number == 5


def test_space_holds_the_picture_and_gives_it_back(window):
    window.bus.waiting = [("scene", make_scene([person(0, 4)], number=1))]
    window.tick()
    press(window, " ")
    window.bus.waiting = [("scene", make_scene([person(0, 4)], number=2))]
    window.tick()
    paint(window)
    assert window.stage.scene.frame.number == 1
    assert "paused" in words(window)
    assert window.bus.waiting == []  # read all the same, so that nothing piles up
    press(window, " ")
    window.bus.waiting = [("scene", make_scene([person(0, 4)], number=3))]
    window.tick()
    assert window.stage.scene.frame.number == 3


def test_a_picture_that_stands_still_is_drawn_once(window, monkeypatch):
    drawn = []
    monkeypatch.setattr(window, "update", lambda: drawn.append(None))
    window.bus.waiting = [("scene", make_scene([person(0, 4)]))]
    for _ in range(5):
        window.tick()
    assert len(drawn) == 1
    window.bus.waiting = [("scene", make_scene([person(0, 4)], number=1))]
    window.tick()
    assert len(drawn) == 2


def test_a_drag_takes_hold_of_the_view_and_r_gives_it_back(window):
    window.bus.waiting = [("scene", make_scene([person(0, 4)]))]
    window.tick()
    azimuth, distance = window.stage.orbit.azimuth, window.stage.orbit.distance
    press_event = SimpleNamespace(pos=np.array([100, 100]))
    drag = SimpleNamespace(
        is_dragging=True, last_event=None, press_event=press_event, pos=np.array([140, 100]), modifiers=(), button=1
    )
    window.on_mouse_move(drag)
    window.on_mouse_wheel(SimpleNamespace(delta=(0, 2)))
    assert window.stage.orbit.azimuth != azimuth
    assert window.stage.orbit.distance < distance
    held = window.stage.orbit.distance
    window.last_tick -= 1
    window.tick()
    assert window.stage.orbit.distance == held
    press(window, "R")
    assert window.stage.orbit.azimuth == azimuth


def test_l_looks_through_the_lens(window):
    window.bus.waiting = [("scene", make_scene([person(0, 4)]))]
    window.tick()
    press(window, "L")
    paint(window)
    assert window.stage.lens


@pytest.mark.parametrize("key", ["Q", "Escape"])
def test_q_and_escape_close_the_window(window, key):
    press(window, key)
    assert window._closed


def test_the_last_scene_stays_at_the_end_of_a_clip(window):
    window.bus.waiting = [("scene", make_scene([person(0, 4)])), health("recorder", "stopping")]
    window.tick()
    window.last_scene -= 60
    window.tick()
    paint(window)
    assert "end of the clip" in words(window)
    assert len(window.stage.joints) == 1


def test_the_user_is_told_when_frames_stop_coming_and_what_the_camera_says(window):
    window.bus.waiting = [("scene", make_scene([])), health("capture", note="the camera is gone, trying again")]
    window.tick()
    window.last_scene -= 60
    assert "waiting for the next frame" in words(window)
    assert "the camera is gone, trying again" in words(window)


def test_an_error_while_drawing_closes_the_window_and_is_kept(window):
    window.stage.draw = None
    window.events.draw(region=None)
    assert isinstance(window.failure, TypeError)
    assert window._closed


def test_qt_opens_a_window_and_a_stop_closes_it(tmp_path):
    missing = [name for name in ("xcb-cursor", "xkbcommon-x11", "GL", "EGL") if find_library(name) is None]
    if shutil.which("xvfb-run") is None or missing:
        pytest.skip(f"no X server to test with: needs xvfb and the libraries of Qt (missing: {missing})")
    script = tmp_path / "window.py"
    script.write_text(
        "import time\n"
        "from tests.viewer.bus import FakeBus\n"
        "from tests.viewer.scenes import make_scene, person\n"
        "from duopose.viewer.app import main\n"
        "class Bus(FakeBus):\n"
        "    def poll(self, timeout=0.0):\n"
        "        self.stopping = len(self.waits) > 5\n"
        "        super().poll(timeout)\n"
        "        return [('scene', make_scene([person(0, 4)], number=len(self.waits)))]\n"
        "main(Bus(), None)\n"
        "print('closed')\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = ["xvfb-run", "-a", "-s", "-screen 0 1400x900x24", sys.executable, str(script)]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=LONG, check=False)
    assert (result.returncode, result.stdout) == (0, "closed\n"), result.stderr


def test_a_private_window_shows_everyone_and_asks_for_no_pixels(screen):
    from vispy.app import Application

    from duopose.viewer.app import Window

    bus = FakeBus()
    bus.pixels = lambda frame: pytest.fail("a private window looks at pixels")
    window = Window(bus, Application("egl"), (320, 180), private=True)
    bus.waiting = [("scene", make_scene([person(0, 4)], number=7))]
    window.tick()
    paint(window)
    assert (window.stage.scene.frame.number, window.stage.video) == (7, None)
    window.close()
