"""The node between bus and pages: privacy, notes, pictures with their scene."""

import json
import threading
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from duopose.stream.messages import Health
from duopose.stream.settings import Settings
from duopose.viewer.web import address, node
from tests.viewer.scenes import make_scene, person
from tests.viewer.web.client import stream
from tests.waiting import until


class Bus:
    """Gives a scene after the other until it is told to stop."""

    def __init__(self, folder):
        self.folder, self.node = folder, SimpleNamespace(name="web")
        self.stop, self.asked, self.messages = threading.Event(), 0, []

    def each(self):
        number = 0
        while not self.stop.wait(0.01):
            yield from self.messages
            yield "scene", make_scene([person(0, 4)], number=number, stamp=number / 100)
            number += 1

    def when_changed(self, function):
        self.change = function

    def pixels(self, frame):
        self.asked += 1
        return np.full((frame.height, frame.width, 3), (200, 40, 40), np.uint8)


@pytest.fixture
def run(tmp_path):
    """run(settings) -> (Bus, the page's address) of a node that works."""
    threads = []

    def run(**settings):
        bus = Bus(tmp_path)
        thread = threading.Thread(target=node.main, args=(bus, Settings(web=0, **settings)))
        thread.start()
        threads.append((bus, thread))
        until(lambda: address.read(tmp_path) or not thread.is_alive())
        return bus, address.read(tmp_path)

    yield run
    for bus, thread in threads:
        bus.stop.set()
        thread.join()


def test_a_picture_comes_with_its_scene(run, tmp_path):
    _, where = run()
    assert (tmp_path / address.NAME).stat().st_mode & 0o777 == 0o600
    with stream(where, max_size=None) as page:
        page.send("pictures")
        data = next(message for message in iter(lambda: page.recv(30), None) if isinstance(message, bytes))
    size = int.from_bytes(data[:4], "big")
    assert json.loads(data[4 : 4 + size])["people"][0]["id"] == 1
    picture = cv2.imdecode(np.frombuffer(data[4 + size :], np.uint8), cv2.IMREAD_COLOR_RGB)
    assert picture.shape == (360, 640, 3)
    assert picture.mean((0, 1)) == pytest.approx((200, 40, 40), abs=4)


def test_nobody_pays_for_pictures_that_no_page_shows(run):
    bus, where = run()
    with stream(where) as page:
        for _ in range(20):
            assert isinstance(page.recv(30), str)
    assert bus.asked == 0


def test_a_private_run_sends_no_picture_and_looks_at_no_pixel(run):
    bus, where = run(privacy=True)
    with stream(where) as page:
        page.send("pictures")
        for _ in range(30):
            assert isinstance(page.recv(30), str)
    assert bus.asked == 0


def test_a_note_is_told_without_its_passwords(run):
    bus, where = run(source="rtsp://me:secret@door/live")
    health = Health("capture", 1, "running", 0, None, None, 0.0, 0.0, {}, note="rtsp://me:secret@door/live is lost")
    bus.messages = [("health", health)]
    with stream(where) as page:
        told = next(message for message in iter(lambda: page.recv(30), None) if "note" in message)
    assert json.loads(told) == {"note": "rtsp://***@door/live is lost", "ended": False}
