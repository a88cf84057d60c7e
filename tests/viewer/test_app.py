"""The window shows the newest scene, obeys its keys, and never waits for anybody."""

import time

import cv2
import msgspec
import numpy as np
import pytest

from duopose.stream.messages import Health
from duopose.stream.overlay import colour_of
from duopose.stream.skeleton import BODY17
from tests.viewer.bus import FakeBus
from tests.viewer.scenes import make_scene, person


def words(window):
    return " ".join(words for words, _ in window.status())


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
    window.press(" ")
    window.bus.waiting = [("scene", make_scene([person(0, 4)], number=2))]
    window.tick()
    paint(window)
    assert window.stage.scene.frame.number == 1
    assert "paused" in words(window)
    assert window.bus.waiting == []  # read all the same, so that nothing piles up
    window.press(" ")
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
    azimuth, distance = window.controls.orbit.azimuth, window.controls.orbit.distance
    down = window.events.mouse_press(pos=(100, 100), button=1)
    window.events.mouse_move(pos=(140, 100), press_event=down, button=1, modifiers=())
    window.events.mouse_wheel(pos=(140, 100), delta=(0, 2))
    assert window.controls.orbit.azimuth != azimuth
    assert window.controls.orbit.distance < distance
    held = window.controls.orbit.distance
    window.controls.glided -= 1
    window.tick()
    assert window.controls.orbit.distance == held
    window.press("r")
    assert window.controls.orbit.azimuth == azimuth


def test_each_camera_has_a_tab_that_goes_on_where_it_was(window):
    def come(camera, number, people):
        scene = make_scene(people, number=number)
        of_camera = msgspec.structs.replace(scene.frame, camera_name=camera)
        return "scene", msgspec.structs.replace(scene, frame=of_camera)

    window.bus.waiting = [come("door", 1, [person(0, 4)]), come("yard", 7, [person(0, 3), person(1, 4)])]
    window.tick()
    paint(window)
    assert window.stage.scene.frame.number == 1
    assert window.tabs.names == ["door", "yard"]
    window.press("f")
    assert "following door/1" in words(window)
    window.press("tab")
    assert "following" not in words(window)
    window.bus.waiting = [come("yard", 8, [person(0, 3), person(1, 4)]), come("door", 2, [person(0, 4)])]
    window.tick()
    paint(window)
    assert (window.stage.scene.frame.camera_name, window.stage.scene.frame.number) == ("yard", 8)
    window.press("tab")
    assert window.stage.scene.frame.number == 1  # what this tab showed last


@pytest.mark.parametrize("key", ["q", "escape"])
def test_q_and_escape_close_the_window(window, key):
    window.press(key)
    assert window.closed


def test_the_last_scene_stays_at_the_end_of_a_clip(window):
    window.bus.waiting = [("scene", make_scene([person(0, 4)])), health("recorder", "stopping")]
    window.tick()
    window.tab.last_scene -= 60
    window.tick()
    paint(window)
    assert "end of the clip" in words(window)
    assert len(window.stage.joints) == 1


def test_the_user_is_told_when_frames_stop_coming_and_what_the_camera_says(window):
    window.bus.waiting = [("scene", make_scene([])), health("capture", note="the camera is gone, trying again")]
    window.tick()
    window.tab.last_scene -= 60
    assert "waiting for the next frame" in words(window)
    assert "the camera is gone, trying again" in words(window)


def test_an_error_while_drawing_closes_the_window_and_is_kept(window):
    window.stage.draw = None
    window.events.draw(region=None)
    assert isinstance(window.failure, TypeError)
    assert window.closed


def test_a_private_window_shows_everyone_and_asks_for_no_pixels(screen):
    from vispy.app import Application

    from duopose.viewer.window import Window

    bus = FakeBus()
    bus.pixels = lambda frame: pytest.fail("a private window looks at pixels")
    window = Window(bus, Application("egl"), (320, 180), private=True)
    bus.waiting = [("scene", make_scene([person(0, 4)], number=7))]
    window.tick()
    paint(window)
    assert (window.stage.scene.frame.number, window.stage.video) == (7, None)
    window.close()


def scenes_come(window, count, every=0.1):
    for number in range(count):
        scene = make_scene([person(0, 4 + number / 10), person(1.2, 5)], number=number, stamp=every * number)
        window.bus.waiting = [("scene", scene)]
        window.tick()


def test_the_arrows_go_back_and_space_goes_on(window):
    scenes_come(window, 8)
    window.press("left")
    window.press("left")
    window.tick()
    assert window.stage.scene.frame.number == 5
    assert np.abs(window.stage.video.astype(int) - 90).max() < 8  # its picture was kept
    assert "paused frame 5" in words(window)
    window.press("shift+left")
    window.tick()
    assert window.stage.scene.frame.number == 0
    window.press(" ")
    scenes_come(window, 9)
    assert window.stage.scene.frame.number == 8


def test_every_key_can_be_drawn_with_people_and_without(window):
    for people in (0, 2):
        window.bus.waiting = [("scene", make_scene([person(0, 4), person(1, 5)][:people], number=people))]
        window.tick()
        for key in ("1", "2", "3", "4", "c", "v", "f", "t", "g", "l", "h", "?", "left", "home", "end", " ", "r", "x"):
            window.press(key)
            window.tick()
            paint(window)


def colours_of(image, identity):
    """How many pixels have the hue of an identity."""
    hue = cv2.cvtColor(image, cv2.COLOR_RGB2HSV)
    wanted = cv2.cvtColor(np.uint8([[colour_of(identity)]]), cv2.COLOR_RGB2HSV)[0, 0, 0]
    gap = np.abs(hue[..., 0].astype(int) - int(wanted))
    return int(((np.minimum(gap, 180 - gap) < 6) & (hue[..., 1] > 90) & (hue[..., 2] > 60)).sum())


def test_p_writes_a_picture_of_everyone_and_tells_where(window, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    scenes_come(window, 3)
    window.press("p")
    paint(window)
    window.press("p")
    paint(window)
    first, second = sorted(tmp_path.glob("duopose-*.png"), key=lambda path: (len(path.name), path.name))
    assert window.bus.told == [f"picture: {first.name}", f"picture: {second.name}"]
    assert second.name in words(window)
    image = cv2.cvtColor(cv2.imread(str(first)), cv2.COLOR_BGR2RGB)
    assert image.shape == (180, 320, 3)
    assert min(colours_of(image, 1), colours_of(image, 2)) > 100


def test_a_folder_that_takes_no_picture_is_one_line(window, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    scenes_come(window, 1)
    monkeypatch.setattr("pathlib.Path.write_bytes", lambda path, data: (_ for _ in ()).throw(OSError(28, "No space")))
    window.press("p")
    paint(window)
    assert window.failure is None
    assert window.bus.told[0].endswith(".png: No space")


def test_a_click_on_a_joint_says_what_it_is(window):
    scenes_come(window, 1)
    ((_, pixels, _),) = window.hud.seen(*window.physical_size)
    place = pixels[1, BODY17.index("left_knee")]
    down = window.events.mouse_press(pos=place, button=1)
    window.events.mouse_release(pos=place + 1, button=1, press_event=down)
    assert window.controls.picked == (2, BODY17.index("left_knee"))
    paint(window)
    down = window.events.mouse_press(pos=(0, 0), button=1)
    window.events.mouse_release(pos=(0, 0), button=1, press_event=down)
    assert window.controls.picked is None


def test_the_time_line_is_dragged(window):
    scenes_come(window, 11)
    window.press(" ")
    left, top, wide, _ = window.hud.bar(*window.physical_size, 11)
    down = window.events.mouse_press(pos=(left + wide / 2, top), button=1)
    window.tick()
    assert window.stage.scene.frame.number == 5
    window.events.mouse_move(pos=(left, top + 90), press_event=down, button=1, modifiers=())
    window.tick()
    assert window.stage.scene.frame.number == 0
    assert "orbit" not in window.controls.held
