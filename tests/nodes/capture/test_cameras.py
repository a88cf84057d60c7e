import time
from collections import Counter

import numpy as np
import pytest

from duopose.benchmarks import clips
from duopose.nodes.capture import cameras
from duopose.nodes.capture.live import Lost
from tests.pictures import number_of, picture, video
from tests.server import serve


class Device:
    """Stands for cv2.VideoCapture."""

    def __init__(self, *images):
        self.images, self.asked, self.released = list(images), {}, False

    def __call__(self, index, backend):
        return self

    def isOpened(self):
        return bool(self.images)

    def set(self, option, value):
        self.asked[option] = value

    def read(self):
        return (True, self.images.pop(0)) if self.images else (False, None)

    def release(self):
        self.released = True


def test_a_webcam_is_asked_for_a_size_and_read_until_it_fails(monkeypatch):
    device = Device(np.full((6, 8, 3), (1, 2, 3), np.uint8), np.zeros((4, 2, 3), np.uint8))
    monkeypatch.setattr(cameras.cv2, "VideoCapture", device)
    pictures = cameras.webcam(0, size=(1920, 1080), rate=25)
    first, second = next(pictures), next(pictures)
    assert (first.width, first.height, second.width, second.height) == (8, 6, 2, 4)  # it may change its size
    assert first.pixels()[0, 0].tolist() == [3, 2, 1]  # OpenCV speaks BGR
    assert {1920, 1080, 25} <= set(device.asked.values())
    with pytest.raises(Lost, match="no picture"):
        next(pictures)
    assert device.released


def test_a_webcam_that_cannot_be_opened_is_lost(monkeypatch):
    monkeypatch.setattr(cameras.cv2, "VideoCapture", Device())
    with pytest.raises(Lost, match="can't be opened"):
        next(cameras.webcam(0))


def test_a_stream_that_refuses_is_lost_and_its_password_is_not_told():
    with pytest.raises(Lost, match="refused") as error:
        next(cameras.stream("rtsp://me:secret@127.0.0.1:9/live", Counter()))
    assert "secret" not in str(error.value)


def test_a_file_on_a_server_plays_at_its_pace_and_ends(tmp_path):
    video(tmp_path / "clip.mp4", frames=5, rate=50)
    with serve(tmp_path) as url:
        start = time.monotonic()
        pictures = list(cameras.stream(f"{url}/clip.mp4", Counter()))
    assert [round(picture.stamp, 3) for picture in pictures] == [0.0, 0.02, 0.04, 0.06, 0.08]
    assert pictures[-1].read_at - start >= 0.08


def test_a_stream_without_a_length_is_lost_when_it_ends(tmp_path):
    clips.write(tmp_path / "camera.h264", [picture(number) for number in range(5)], 25, "h264")
    with serve(tmp_path) as url:
        pictures = cameras.stream(f"{url}/camera.h264", Counter())
        assert [number_of(next(pictures).pixels()) for _ in range(5)] == [0, 1, 2, 3, 4]
        with pytest.raises(Lost, match="ended"):
            next(pictures)
