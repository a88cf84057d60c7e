"""The window shows a run of another machine by the bus that it knows."""

import cv2
import msgspec
import numpy as np
import pytest

from duopose.stream.messages import Jpeg
from duopose.viewer.remote import RemoteBus, decode
from tests.viewer.scenes import HEIGHT, WIDTH, make_scene, person


class FakeRemote:
    """Gives out the messages that a test puts in."""

    def __init__(self, *messages):
        self.messages, self.rubbish, self.ended = list(messages), 0, False

    def poll(self, timeout):
        messages, self.messages = self.messages, []
        return messages


def jpeg(scene, size=(HEIGHT, WIDTH)):
    data = cv2.imencode(".jpg", np.full((*size, 3), (10, 20, 200), np.uint8))[1].tobytes()
    return "picture", Jpeg(scene.frame, data)


def test_a_scene_comes_with_its_picture():
    scene = make_scene([person(0, 4)], number=3)
    bus = RemoteBus(FakeRemote(jpeg(scene), ("scene", scene)))
    assert bus.poll(0) == [("scene", scene)]
    assert np.abs(bus.pixels(scene.frame).mean((0, 1)) - (200, 20, 10)).max() < 5  # RGB
    assert bus.pixels(make_scene([], number=4).frame) is None


def test_a_run_that_shows_no_pictures_is_seen_before_grey():
    scene = make_scene([person(0, 4)])
    bus = RemoteBus(FakeRemote(("scene", scene)))
    bus.poll(0)
    assert bus.pixels(scene.frame).shape == (HEIGHT, WIDTH, 3)


def test_a_picture_of_another_size_and_a_frame_of_absurd_size_are_left_out():
    scene = make_scene([person(0, 4)])
    absurd = msgspec.structs.replace(scene, frame=msgspec.structs.replace(scene.frame, width=1 << 20, height=1 << 20))
    bus = RemoteBus(FakeRemote(jpeg(scene, (8, 8)), ("scene", absurd)))
    assert bus.poll(0) == []
    assert bus.remote.rubbish == 1
    assert bus.pixels(scene.frame) is None


@pytest.mark.parametrize("data", [b"", b"words", bytes(range(200)), b"\xff\xd8\xff\xe0"])
def test_bytes_that_are_no_picture_are_none(data):
    assert decode(data) is None


def test_the_window_draws_it(window):
    scene = make_scene([person(0, 4), person(1, 5)], number=3)
    window.bus = RemoteBus(FakeRemote(jpeg(scene), ("scene", scene)))
    window.tick()
    window.set_current()
    window.events.draw(region=None)
    assert window.failure is None
    assert window.stage.scene is scene
