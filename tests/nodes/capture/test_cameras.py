import time
from collections import Counter

import numpy as np
import pytest

from duopose.benchmarks import clips
from duopose.nodes.capture import cameras
from duopose.nodes.capture.live import Lost
from tests import rtsp
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


@pytest.fixture(scope="module")
def recording(tmp_path_factory):
    """What an RTSP camera plays: 40 pictures, each tenth a key frame."""
    path = tmp_path_factory.mktemp("camera") / "camera.h264"
    clips.write(path, [picture(number % 16) for number in range(40)], 10, "h264")
    return path


def first_picture(url):
    """The first picture of a stream, and how long it took."""
    start = time.monotonic()
    answered = []
    pictures = cameras.stream(url, Counter(), lambda: answered.append(time.monotonic()))
    first = next(pictures)
    taken = time.monotonic() - start
    pictures.close()
    assert answered[0] - start < 5
    return first, taken


@pytest.mark.parametrize("rate", [1, 3])
def test_a_slow_rtsp_camera_gives_its_first_picture_soon(recording, rate):
    with rtsp.camera(recording, rate) as url:
        first, taken = first_picture(url)
    assert (first.width, first.height) == (64, 48)
    assert taken < 15  # of pictures so small, FFmpeg looks at eight


def test_a_stream_whose_first_key_frame_is_late_is_waited_for(recording):
    with rtsp.camera(recording, rate=3, first=1) as url:
        assert first_picture(url)[1] >= 2.5


def test_a_stream_that_sends_nothing_for_a_while_is_waited_for(recording):
    with rtsp.camera(recording, rate=10, silent_for=10.0) as url:
        assert first_picture(url)[1] >= 10


@pytest.mark.parametrize("request_", ["", "SETUP", "PLAY"])
def test_a_server_that_says_nothing_has_not_answered(request_, monkeypatch):
    monkeypatch.setattr(cameras, "ANSWER", 0.5)
    answered = []
    with rtsp.camera(mute_at=request_) as url, pytest.raises(Lost, match="does not answer"):
        next(cameras.stream(url, Counter(), lambda: answered.append(True)))
    assert answered == []


@pytest.mark.parametrize("request_", ["DESCRIBE", "SETUP", "PLAY"])
def test_a_stream_that_is_closed_says_so_in_words(request_):
    with rtsp.camera(close_at=request_) as url, pytest.raises(Lost) as lost:
        next(cameras.stream(url, Counter()))
    assert str(lost.value) in ("it closed the connection", "what it sends is no video that can be read")
