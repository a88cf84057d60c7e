"""The viewer draws people where they are, says who they are, and never waits for anybody."""

import json
import os
import shutil
import subprocess
import sys
import time
from ctypes.util import find_library
from types import SimpleNamespace

import av
import cv2
import numpy as np
import pytest

from duopose import viewer
from duopose.stream.messages import Camera, Frame, Health, Scene
from duopose.stream.overlay import colour_of
from duopose.stream.skeleton import BODY17, COCO17
from duopose.viewer import offscreen, record
from duopose.viewer.floor import Floor, to_world
from duopose.viewer.offscreen import Unavailable
from duopose.viewer.orbit import Orbit, to_pixels
from tests.places import ROOT

WIDTH, HEIGHT = 640, 360
LENS = Camera(560.0, 560.0, 330.0, 170.0, "file")  # not centred, so that a lost offset shows
STANDING = np.float32(  # right, up, away from the camera; m over the floor
    [
        (0, 0.95, 0), (-0.13, 0.93, 0), (-0.14, 0.5, 0.04), (-0.15, 0.09, -0.1), (0.13, 0.93, 0), (0.14, 0.5, 0.02),
        (0.15, 0.09, 0.1), (0, 1.2, 0), (0, 1.45, 0), (0, 1.56, -0.09), (0, 1.74, 0), (0.18, 1.42, 0),
        (0.27, 1.15, 0.03), (0.25, 0.92, -0.1), (-0.18, 1.42, 0), (-0.3, 1.2, 0), (-0.35, 1.45, -0.15),
    ]
)  # fmt: skip
ANKLES = [BODY17.index("right_ankle"), BODY17.index("left_ankle")]


def person(x, z, camera_height=1.4):
    """A standing person in the camera frame, float32 [17, 3]."""
    return STANDING * np.float32((1, -1, 1)) + np.float32((x, camera_height, z))


def project(points):
    return points[..., :2] / points[..., 2:] * (LENS.fx, LENS.fy) + (LENS.cx, LENS.cy)


def make_scene(people, ids=None, sources=None, number=0, stamp=0.0):
    joints = np.float32(people).reshape(-1, 17, 3)
    count = len(joints)
    coco = np.full((count, 17, 3), 0.9, np.float32)
    for joint, name in enumerate(COCO17):
        coco[:, joint, :2] = project(joints[:, BODY17.index(name if name in BODY17 else "nose")])
    low, high = coco[..., :2].min(1), coco[..., :2].max(1)
    return Scene(
        frame=Frame(number, None, stamp, 0.0, WIDTH, HEIGHT, LENS, "ring", 0, 2, False),
        fused_at=0.05,
        ids=np.array(ids if ids is not None else range(1, count + 1), np.int32),
        scores=np.ones(count, np.float32),
        sources=np.array(sources if sources is not None else [3] * count, np.uint8),
        boxes=np.concatenate([low, high - low], 1),
        coco=coco,
        joints=joints,
        top_down=joints * np.float32(np.nan),
        bottom_up=joints * np.float32(np.nan),
    )


@pytest.fixture(scope="module")
def screen():
    """Off-screen OpenGL, or a reason to skip."""
    try:
        return offscreen.hidden_canvas()
    except Unavailable as error:
        pytest.skip(str(error))


def render(scene, image, width=WIDTH, height=HEIGHT, view="orbit"):
    """One scene and its frame as a picture, uint8 RGBA."""
    camera = offscreen.Camera(width, height)
    camera.show(scene, image)
    return camera.shoot(view)


def colourfulness(pixels):
    """How far a pixel is from grey, 0..255; everything but people and their tags is nearly grey."""
    pixels = pixels[..., :3].astype(int)
    return pixels.max(-1) - pixels.min(-1)


def hue_of(colour):
    return cv2.cvtColor(np.uint8(colour).reshape(1, 1, -1)[..., :3], cv2.COLOR_RGB2HSV)[0, 0, 0] * 2


def hue_gap(pixel, identity):
    gap = abs(int(hue_of(pixel)) - int(hue_of(colour_of(identity))))
    return min(gap, 360 - gap)


# ---- what is drawn


def test_each_bone_is_drawn_where_the_camera_sees_it_and_in_the_colour_of_its_identity(screen):
    people = [person(-0.8, 5.0), person(0.6, 6.5)]
    image = render(make_scene(people, ids=[4, 9]), None, WIDTH, HEIGHT, "front")
    for joints, identity in zip(people, (4, 9), strict=True):
        for start, end in (("right_hip", "right_knee"), ("left_knee", "left_ankle"), ("left_shoulder", "left_elbow")):
            x, y = project((joints[BODY17.index(start)] + joints[BODY17.index(end)]) / 2)
            pixel = image[round(y), round(x)]
            assert colourfulness(pixel) > 60
            assert hue_gap(pixel, identity) < 16


def test_nothing_colourful_is_drawn_away_from_the_people(screen):
    image = render(make_scene([person(-0.8, 3.0)]), None, WIDTH, HEIGHT, "front")
    left, top = project(person(-0.8, 3.0)).min(0) - (60, 60)
    right, bottom = project(person(-0.8, 3.0)).max(0) + (60, 60)
    outside = np.ones(image.shape[:2], bool)
    outside[max(round(top), 0) : round(bottom), max(round(left), 0) : round(right)] = False
    assert colourfulness(image)[outside].max() < 60


def test_a_tag_in_the_colour_of_the_identity_stands_over_the_head(screen):
    joints = person(0.0, 5.0)
    image = render(make_scene([joints], ids=[2]), None, WIDTH, HEIGHT, "front")
    x, y = project(joints[BODY17.index("head_top")])
    over = image[round(y) - 45 : round(y) - 12, round(x) - 50 : round(x) + 50, :3].astype(int)
    exact = np.abs(over - colour_of(2)).max(-1) <= 2
    assert exact.sum() > 40


def test_tags_do_not_cover_each_other():
    from duopose.viewer.panel import tags

    points = np.float64([(100, 50), (104, 52), (101, 49)])
    placed = tags([1, 2, 3], [3.0, 3.1, 3.2], np.ones((3, 3), np.float32), points, np.float64([1, 2, 3]), 15)
    taken = np.zeros((300, 300), int)
    for tag, left, top in placed:
        taken[top + 150 : top + 150 + tag.shape[0], left : left + tag.shape[1]] += 1
    assert len(placed) == 3
    assert taken.max() == 1


def test_a_limb_that_nobody_measured_is_drawn_darker(screen):
    joints = person(0.0, 5.0)
    scene = make_scene([joints])
    scene.coco[0, COCO17.index("left_ankle")] = 0
    image = render(scene, None, WIDTH, HEIGHT, "front").astype(int)

    def shin(side):
        x, y = project((joints[BODY17.index(f"{side}_knee")] + joints[BODY17.index(f"{side}_ankle")]) / 2)
        return image[round(y), round(x), :3].max()

    assert shin("left") < 0.7 * shin("right")


def test_someone_seen_by_one_branch_only_is_drawn_thinner(screen):
    areas = []
    for source in (3, 1, 2):
        image = render(make_scene([person(0.0, 3.0)], sources=[source]), None, WIDTH, HEIGHT, "front")
        x, y = project(person(0.0, 3.0)[BODY17.index("left_knee")])
        areas.append((colourfulness(image[round(y) - 25 : round(y) - 15, round(x) - 20 : round(x) + 20]) > 60).sum())
    assert areas[1] == areas[2]
    assert areas[1] < 0.75 * areas[0]


def test_a_scene_without_people_is_an_empty_floor(screen):
    for view in offscreen.VIEWS:
        image = render(make_scene([]), None, 320, 180, view)
        assert image.shape == (180, 320, 4)
        assert colourfulness(image).max() < 60


def test_the_video_is_shown_with_the_joints_drawn_in(screen):
    video = np.full((HEIGHT, WIDTH, 3), 128, np.uint8)
    scene = make_scene([person(0.0, 3.0)])
    image = render(scene, video, 640, 360)
    card = image[20:110, 20:180]
    assert (np.abs(card[..., :3].astype(int) - 128).max(-1) <= 3).mean() > 0.7
    assert (np.abs(card[..., :3].astype(int) - colour_of(1)).max(-1) < 60).sum() > 20
    assert (video == 128).all()


def test_a_crowd_is_drawn_with_coarser_tubes_but_complete(screen):
    people = [person(x, z) for z in (5, 7, 9, 11) for x in (-2, -1, 0, 1, 2)]
    image = render(make_scene(people), None, WIDTH, HEIGHT, "above")
    assert (colourfulness(image) > 60).sum() > 500


# ---- the floor


def tilted(joints, degrees):
    """The same person before a camera that looks down by so much."""
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return joints @ np.float32([[1, 0, 0], [0, cos, -sin], [0, sin, cos]]).T


def test_the_floor_is_found_under_the_feet_before_a_tilted_camera():
    people = [tilted(person(x, z, camera_height=2.2), 20) for x, z in ((-1, 4), (1, 5), (0.5, 8))]
    floor = Floor()
    floor.update(make_scene(people))
    matrix = floor.camera_to_world()
    assert np.degrees(np.arccos(matrix[2, :3] @ tilted(np.float32([0, -1, 0]), 20))) < 3
    assert np.abs(to_world(matrix, np.float32(people))[:, ANKLES, 2]).max() < 0.2
    assert matrix[2, 3] == pytest.approx(2.2, abs=0.15)


def test_the_world_is_turned_but_not_stretched():
    floor = Floor()
    floor.plane = np.array([1.5, 0.05, -0.3])
    matrix = floor.camera_to_world()
    np.testing.assert_allclose(matrix[:3, :3] @ matrix[:3, :3].T, np.eye(3), atol=1e-12)
    assert np.linalg.det(matrix[:3, :3]) == pytest.approx(1)
    on_floor = np.float64([(x, 1.5 + 0.05 * x - 0.3 * z, z) for x in (-2, 0, 3) for z in (1, 4, 9)])
    np.testing.assert_allclose(to_world(matrix, on_floor)[:, 2], 0, atol=1e-5)


def test_someone_who_jumps_does_not_lift_the_floor():
    floor = Floor()
    for number in range(20):
        floor.update(make_scene([person(-1, 4), person(1, 5)], number=number, stamp=number / 10))
    before = floor.camera_to_world()[2, 3]
    for number in range(20, 26):
        jumping = person(1, 5) - np.float32((0, 0.8, 0))
        floor.update(make_scene([person(-1, 4), jumping], number=number, stamp=number / 10))
    assert floor.camera_to_world()[2, 3] == pytest.approx(before, abs=0.06)


def test_the_floor_is_where_the_lowest_stand_even_if_they_come_last():
    floor = Floor()
    for number in range(60):
        on_a_box = person(-1, 6) - np.float32((0, 1.5, 0))
        newcomer = [person(1, 5)] if number >= 30 else []
        floor.update(make_scene([on_a_box, *newcomer], number=number, stamp=number / 30))
    assert floor.camera_to_world()[2, 3] == pytest.approx(1.4, abs=0.15)


def test_the_floor_moves_smoothly_and_stays_when_everyone_has_left():
    floor, heights = Floor(), []
    for number in range(30):
        height = 1.4 if number < 15 else 1.6
        floor.update(make_scene([person(0, 4, height)], number=number, stamp=number / 30))
        heights.append(floor.camera_to_world()[2, 3])
    assert np.abs(np.diff(heights)).max() < 0.05
    floor.update(make_scene([], number=30, stamp=1.0))
    assert floor.camera_to_world()[2, 3] == heights[-1]


# ---- the view


def test_a_framed_orbit_has_every_point_in_the_picture():
    points = np.random.default_rng(0).uniform((-3, 0, 0), (4, 9, 2), (40, 3))
    for azimuth, elevation in ((28, 17), (90, 3), (0, 90), (-140, 40)):
        orbit = Orbit(azimuth, elevation)
        orbit.frame(points, 16 / 9)
        pixels, depths = to_pixels(points, *orbit.matrices(1600, 900), 1600, 900)
        assert (depths > 0).all()
        assert (pixels > 0).all()
        assert (pixels < (1600, 900)).all()
        assert max(np.ptp(pixels[:, 0]) / 1600, np.ptp(pixels[:, 1]) / 900) > 0.6


def test_one_wrong_depth_does_not_push_the_others_out_of_sight(screen):
    sound, wrong = [person(-1, 4), person(0.5, 5), person(1, 6)], [person(0, 90)]
    for view in ("orbit", "above"):
        images = [render(make_scene(people), None, WIDTH, HEIGHT, view) for people in (sound, sound + wrong)]
        alone, together = ((colourfulness(image) > 60).sum() for image in images)
        assert together > 0.8 * alone


# ---- the window


class FakeBus:
    """Gives out messages and pixels as a test puts them in; says how it was asked."""

    def __init__(self):
        self.node = SimpleNamespace(name="viewer")
        self.waiting, self.waits, self.picture, self.stopping = [], [], np.full((HEIGHT, WIDTH, 3), 90, np.uint8), False

    def poll(self, timeout=0.0):
        self.waits.append(timeout)
        messages, self.waiting = self.waiting, []
        return messages

    def pixels(self, frame):
        return None if self.picture is None else self.picture.copy()

    def measure(self, seconds):
        pass


@pytest.fixture
def window(screen):
    from vispy.app import Application

    from duopose.viewer.app import Window

    window = Window(FakeBus(), Application("egl"), (320, 180))
    yield window
    window.close()


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
        "from tests.viewer.test_viewer import FakeBus, make_scene, person\n"
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
    result = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert (result.returncode, result.stdout) == (0, "closed\n"), result.stderr


# ---- what a program asks first


def test_no_window_without_a_display_and_the_reason_is_one_line(monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    assert viewer.available() == "there is no display"
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert "PyQt6" in viewer.available()
    monkeypatch.setattr("importlib.util.find_spec", lambda name: object())
    assert viewer.available() is None


def test_asking_imports_neither_qt_nor_opengl():
    code = "import sys, viewer; viewer.available(); print([m for m in sys.modules if 'PyQt' in m or 'vispy' in m])"
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


# ---- recorded scenes


def line_of(scene, people=()):
    frame, camera = scene.frame, scene.frame.camera
    return {
        "frame": frame.number, "file": frame.file, "stamp": frame.stamp, "width": WIDTH, "height": HEIGHT,
        "camera": {"fx": camera.fx, "fy": camera.fy, "cx": camera.cx, "cy": camera.cy, "from": camera.origin},
        "latency_ms": 41.2, "people": list(people),
    }  # fmt: skip


def recorded(scene):
    name = {1: "top_down", 2: "bottom_up", 3: "both"}
    return [
        {
            "id": int(scene.ids[n]), "score": 1.0, "source": name[int(scene.sources[n])],
            "box": scene.boxes[n].tolist(), "coco2d": scene.coco[n].tolist(), "joints2d": [[0, 0, 0]] * 17,
            "joints3d": scene.joints[n].tolist(), "branches": {"top_down": scene.joints[n].tolist()},
        }
        for n in range(len(scene.ids))
    ]  # fmt: skip


@pytest.fixture
def clip(tmp_path):
    """Ten frames of rising brightness, ten a second, beginning at 0 s."""
    path = tmp_path / "clip.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=10)
        stream.width, stream.height = WIDTH, HEIGHT
        for number in range(10):
            grey = np.full((HEIGHT, WIDTH, 3), 20 * number + 20, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(grey, format="rgb24")))
        container.mux(stream.encode())
    return path


def test_a_recorded_line_becomes_the_scene_it_was(tmp_path):
    scene = make_scene([person(0, 4), person(1, 5)], ids=[3, 8], sources=[3, 1], number=7, stamp=0.5)
    path = tmp_path / "record.jsonl"
    path.write_text(json.dumps(line_of(scene, recorded(scene))) + "\n" + json.dumps(line_of(make_scene([]))) + "\n")
    back, empty = record.scenes(path)
    assert back.frame.number == 7
    assert back.ids.tolist() == [3, 8]
    assert back.sources.tolist() == [3, 1]
    np.testing.assert_allclose(back.joints, scene.joints)
    np.testing.assert_allclose(back.top_down, scene.joints)
    assert np.isnan(back.bottom_up).all()
    assert empty.joints.shape == (0, 17, 3)


def test_rubbish_in_a_record_is_named_by_its_line(tmp_path):
    path = tmp_path / "record.jsonl"
    path.write_text(json.dumps(line_of(make_scene([]))) + "\n{}\n")
    with pytest.raises(ValueError, match=r"record\.jsonl:2: not a line of a record"):
        list(record.scenes(path))


def test_the_picture_of_a_recorded_frame_is_found_by_its_stamp(clip):
    for number in (0, 4, 9):
        image = record.picture(clip, make_scene([], number=number, stamp=number / 10).frame)
        assert image.shape == (HEIGHT, WIDTH, 3)
        assert np.abs(image.astype(int) - (20 * number + 20)).max() < 8


def test_the_program_makes_a_picture_of_a_recorded_frame(screen, clip, tmp_path):
    path, out = tmp_path / "record.jsonl", tmp_path / "scene.png"
    scenes = [make_scene([person(0, 4)], number=number, stamp=number / 10) for number in range(3)]
    path.write_text("".join(json.dumps(line_of(scene, recorded(scene))) + "\n" for scene in scenes))
    command = [
        sys.executable,
        "-m",
        "duopose",
        "draw",
        path,
        "--video",
        clip,
        "--frame",
        "1",
        "--out",
        out,
        "--size",
        "320x180",
    ]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=60)
    assert cv2.imread(str(out)).shape == (180, 320, 3)
    missing = subprocess.run(
        [*command, "--frame", "77"], cwd=ROOT, check=False, capture_output=True, text=True, timeout=60
    )
    assert missing.returncode == 2
    assert "has no frame 77" in missing.stderr
