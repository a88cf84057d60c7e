"""One space: the people of all cameras stand where they are in one world."""

import json
import time

import msgspec
import numpy as np
import pytest

from duopose.stream.settings import Settings
from duopose.viewer.drawing.together import STALE, TOGETHER, Gathering, distances_of, eyes_of, name_of
from duopose.viewer.offscreen import Camera
from duopose.viewer.web.scenes import SceneWriter
from tests.viewer.placed import PEOPLE, POSES, SEES, seen_by, standing


def gathered(**read_at):
    gathering = Gathering(list(POSES))
    for name, when in read_at.items():
        assert gathering.add(seen_by(name, when))
    return gathering.scene()


def in_world(points):
    """From the frame of the first camera."""
    pose = POSES["door"]
    return points @ pose[:, :3].T + pose[:, 3]


def test_everyone_stands_where_they_are_whoever_sees_them():
    scene = gathered(door=100.0, yard=100.1, gate=100.2)
    assert scene.names == ("door/1", "door/2", "yard/1", "yard/2", "gate/1", "gate/2")
    people = [PEOPLE[person] for name in POSES for person in SEES[name]]
    for joints, where in zip(in_world(scene.joints), people, strict=True):
        np.testing.assert_allclose(joints, standing(*where), atol=1e-5)
    np.testing.assert_allclose(in_world(eyes_of(scene))[2], POSES["yard"][:, 3], atol=1e-5)
    own = np.linalg.norm(standing(*PEOPLE[2])[0] - POSES["gate"][:, 3])
    assert distances_of(scene)[5] == pytest.approx(own, abs=1e-4)
    assert len(set(scene.ids.tolist())) == 6
    assert name_of(scene.ids[3], scene) == "yard/2"
    assert (scene.frame.stamp, scene.frame.camera_name) == (100.2, TOGETHER)


def test_people_of_a_camera_that_is_silent_are_left_out_and_it_still_stands_there():
    scene = gathered(door=100.0, yard=100.0 + 1.1 * STALE)
    assert scene.names == ("yard/1", "yard/2")
    assert [frame.camera_name for frame in scene.frames] == ["door", "yard"]


def test_a_camera_whose_place_nobody_knows_is_left_out():
    gathering = Gathering()
    assert gathering.add(seen_by("door"))
    lost = seen_by("yard")
    camera = msgspec.structs.replace(lost.frame.camera, pose=None)
    lost = msgspec.structs.replace(lost, frame=msgspec.structs.replace(lost.frame, camera=camera))
    assert not gathering.add(lost)
    assert not gathering.is_one
    gathering.add(seen_by("gate"))
    assert gathering.is_one
    gathering.forget(["gate"])
    assert not gathering.is_one


def test_it_is_drawn_with_each_camera_and_its_people_in_one_colour(screen):
    camera, gathering, past = Camera(640, 360), Gathering(list(POSES)), []
    for number in range(5):
        for name in POSES:
            gathering.add(seen_by(name, 100 + number / 10, number))
        past.append(gathering.scene())
        camera.stage.world.floor.update(past[-1])
    camera.canvas.set_current()
    camera.stage.show(past[-1], None, 360, past[:-1])
    world = camera.stage.world
    assert [one.name for one in world.cameras] == list(POSES)
    np.testing.assert_allclose([one.eye[2] for one in world.cameras], [2.4, 2.6, 2.5], atol=0.1)  # over the floor
    shot = camera.shoot().astype(int)
    for one in world.cameras:
        off = np.abs(shot[..., :3] - 255 * np.array(one.colour)).max(-1)
        assert (off < 90).sum() > 100


def test_the_window_has_a_tab_of_it_where_two_cameras_say_where_they_stand(window):
    def come(*names, at):
        window.bus.waiting = [("scene", seen_by(name, at)) for name in names]
        window.tick()
        window.set_current()
        window.events.draw(region=None)
        assert window.failure is None

    come("door", at=100.0)
    assert window.tabs.names == ["door"]
    come("yard", "gate", at=100.1)
    assert window.tabs.names == ["door", "yard", "gate", TOGETHER]
    window.press("tab")
    window.press("tab")
    window.press("tab")
    come("door", "yard", "gate", at=100.2)
    assert len(window.stage.scene.ids) == 6
    assert "3 cameras" in words(window)
    window.press("f")
    assert "following door/1" in words(window)
    window.change_cameras(settings_of("hall", "gate"), {"door": "hall"})
    assert window.tabs.names == ["hall", "gate", TOGETHER]
    come("gate", at=100.3)  # it is alone until hall has said where it stands
    assert window.stage.scene is None
    window.press("tab")
    window.change_cameras(settings_of("gate"), {})
    assert window.tabs.name == "gate"


def words(window):
    window.tab.last_scene = time.monotonic()  # however slow this machine is
    return " ".join(words for words, _ in window.status())


def settings_of(*names):
    return Settings(cameras=tuple(Settings(name=name) for name in names))


def test_the_page_is_told_where_each_camera_stands():
    told = json.loads(SceneWriter().write(gathered(door=100.0, yard=100.1), 1.0))
    assert told["from"] == TOGETHER
    assert [one["name"] for one in told["cameras"]] == ["door", "yard"]
    assert [person["name"] for person in told["people"]] == ["door/1", "door/2", "yard/1", "yard/2"]
    door, yard = (np.array(one["floor"])[:, 3] for one in told["cameras"])
    expected = np.linalg.norm(POSES["yard"][:, 3] - POSES["door"][:, 3])
    assert np.linalg.norm(yard - door) == pytest.approx(expected, abs=1e-3)
    assert json.loads(SceneWriter().write(seen_by("door"), 1.0))["cameras"] is None
