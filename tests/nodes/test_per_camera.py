import importlib
from types import SimpleNamespace

import msgspec
import numpy as np
import pytest

from duopose.nodes import profile
from duopose.nodes.per_camera import PerCamera
from duopose.stream.graph import NODES
from duopose.stream.settings import Settings
from tests.nodes import replay

FRAMES = 6  # of each camera


class Bus:
    """Stands for a bus: what came before is all there, and what is said is kept in order."""

    stopping = False

    def __init__(self, folder, name, said, images):
        self.folder, self.node = folder, next(node for node in NODES if node.name == name)
        self.said, self.images = said, images

    def each(self, tick=False):
        yield from [(topic, message) for topic, message in self.said if topic in self.node.inputs]

    def publish(self, topic, message):
        self.said.append((topic, message))

    def pixels(self, frame):
        return self.images[frame.camera_name, frame.number]

    def name_backends(self, backends):
        pass

    def when_changed(self, function):
        self.change = function


@pytest.fixture(scope="module")
def seen():
    """{camera: [(picture, Frame)]} of two cameras: the one sees the clip, the other its mirror image from the end."""
    clip = replay.pictures()[:FRAMES]
    turned = [np.ascontiguousarray(image[:, ::-1]) for image, _ in clip][::-1]
    cameras = {"door": clip, "yard": [(image, frame) for image, (_, frame) in zip(turned, clip, strict=True)]}
    return {
        name: [(image, msgspec.structs.replace(frame, camera_name=name)) for image, frame in pictures]
        for name, pictures in cameras.items()
    }


@pytest.fixture(scope="module")
def chosen():
    return profile.find()


@pytest.fixture
def play(chosen, seen, monkeypatch, tmp_path):
    """play(names, settings) -> {name: scenes}: the nodes one after the other, the cameras by turns."""
    monkeypatch.setattr(profile, "find", lambda *_: chosen)

    def play(names, settings):
        frames = [seen[name][number] for number in range(FRAMES) for name in names]
        images = {(frame.camera_name, frame.number): image for image, frame in frames}
        said = [("frame", frame) for _, frame in frames]
        for name in ("detection", "top_down", "bottom_up", "fusion"):
            bus = Bus(tmp_path, name, said, images)
            importlib.import_module(bus.node.module).main(bus, settings)
        for kept in tmp_path.iterdir():
            kept.unlink()
        scenes = [message for topic, message in said if topic == "scene"]
        return {name: [scene for scene in scenes if scene.frame.camera_name == name] for name in names}

    return play


def test_a_camera_gives_the_same_scenes_alone_and_beside_another(play, seen):
    """The nodes' own programs and networks; only the bus is none."""
    door = Settings(name="door", fov=70)
    yard = Settings(name="yard", smooth=0.0, person_height=1.6)
    both = play(("door", "yard"), Settings(cameras=(door, yard)))
    alone = play(("door",), door) | play(("yard",), yard)
    for name in seen:
        assert len(both[name]) == FRAMES
        assert max(len(scene.ids) for scene in both[name]) >= 2
        assert min(scene.ids.min(initial=1) for scene in both[name]) == 1  # each camera counts its own people
        for one, other in zip(both[name], alone[name], strict=True):
            for field in one.__struct_fields__:
                if field != "fused_at":
                    np.testing.assert_array_equal(getattr(one, field), getattr(other, field), err_msg=field)


def test_networks_are_loaded_once_however_many_cameras_there_are(chosen):
    assert chosen.detection().network is chosen.detection().network
    assert chosen.top_down(20).network is chosen.top_down(20).network
    assert chosen.lifting().networks is chosen.lifting().networks


class Changing:
    """Stands for a bus of which only this is asked."""

    def when_changed(self, function):
        self.change = function


def test_each_camera_has_a_state_of_its_own_made_of_its_settings():
    settings = Settings(cameras=(Settings(name="door", fov=70.0), Settings(name="yard", fov=60.0)))
    states = PerCamera(Changing(), settings, lambda own: [own.fov])
    states.of(SimpleNamespace(camera_name="yard")).append(1)
    assert list(states) == [[70.0], [60.0, 1]]
    assert list(PerCamera(Changing(), Settings(), lambda own: own.name)) == [""]


def test_cameras_that_stay_or_are_renamed_keep_their_state_and_one_that_was_changed_gets_a_new_one():
    bus, closed = Changing(), []
    door, yard, hall, gate = (Settings(name=name, fov=70.0) for name in ("door", "yard", "hall", "gate"))
    states = PerCamera(
        bus, Settings(cameras=(door, yard, hall, gate)), lambda own: [own.name],
        rename=lambda state, own: [*state, own.name], close=closed.append,
    )  # fmt: skip
    kept = states.of(SimpleNamespace(camera_name="door"))
    lane, wider = Settings(name="lane", fov=70.0), Settings(name="gate", fov=90.0)
    bus.change(Settings(cameras=(lane, door, wider)), {"yard": "lane"})
    assert list(states) == [["yard", "lane"], ["door"], ["gate"]]
    assert states.of(SimpleNamespace(camera_name="door")) is kept
    assert sorted(closed) == [["gate"], ["hall"]]
