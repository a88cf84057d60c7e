import threading
import time
from collections import Counter

import numpy as np
import pytest

from duopose.benchmarks import clips
from duopose.nodes.capture import cameras, live
from duopose.nodes.capture.live import Live, Lost, paced
from duopose.nodes.capture.sources import Picture
from duopose.stream.errors import UsageError
from tests.pictures import number_of, video
from tests.pictures import picture as painted
from tests.server import serve


def picture(stamp=0.0):
    return Picture(stamp, time.monotonic(), None, 4, 4, lambda: np.zeros((4, 4, 3), np.uint8))


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    """The same behaviour, in a tenth of the time."""
    monkeypatch.setattr(live, "SILENCE", 0.2)
    monkeypatch.setattr(live, "CONNECT", 0.4)
    monkeypatch.setattr(live, "PAUSES", (0.0, 0.02, 0.05))
    monkeypatch.setattr(live, "SAY_EVERY", 0.3)


class Source:
    """Connections one after the other, each a generator function; the last one again and again."""

    def __init__(self, *connections, give_up=1.0):
        self.connections, self.made = connections, 0
        self.said, self.counts = [], Counter()
        self.live = Live("camera", self.connect, self.counts, time.monotonic() + give_up, self.said.append)

    def connect(self):
        self.made += 1
        return self.connections[min(self.made, len(self.connections)) - 1]()

    def wait(self, timeout=5.0):
        """The next picture."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if (newest := self.live.newest(0.02)) is not None:
                return newest
            if self.live.finished:
                return None
        pytest.fail("no picture came")


def one_then_fault():
    yield picture()
    raise Lost("the stream ended")


def one_then_silence():
    yield picture()
    threading.Event().wait(1.0)


def refused():
    raise Lost("Connection refused")
    yield


def never():
    threading.Event().wait(1.5)
    yield picture()


def for_ever():
    while True:
        yield picture()
        time.sleep(0.01)


def test_only_the_newest_picture_waits_and_the_others_are_counted():
    def five():
        yield from (picture(stamp) for stamp in range(5))
        hold.wait(5)

    hold = threading.Event()
    source = Source(five)
    source.live.watch()
    while source.counts["read"] < 5:
        time.sleep(0.01)
    assert source.wait().stamp == 4
    assert source.counts == {"read": 5, "dropped": 4}
    hold.set()


def test_a_source_that_refuses_at_the_start_is_an_error_at_once():
    with pytest.raises(UsageError, match="camera: Connection refused"):
        Source(refused, give_up=60.0).wait()


def test_a_source_that_never_answers_is_an_error_in_time():
    source, start = Source(never, give_up=0.3), time.monotonic()
    with pytest.raises(UsageError, match="camera: no answer"):
        source.wait()
    assert time.monotonic() - start < 1.5  # though the connection still hangs


def test_a_stream_that_ends_is_a_fault_and_comes_back():
    source = Source(one_then_fault, refused, refused, for_ever)
    assert source.wait() is not None
    assert source.wait() is not None
    assert source.made == 4
    assert source.counts["interrupted"] == 1
    assert source.said[0] == "camera is lost (the stream ended), trying again"
    assert source.said[-1].startswith("camera is back after")
    source.live.close()


def test_a_camera_that_hangs_is_left_and_connected_again():
    source = Source(one_then_silence, for_ever)
    source.wait()
    start = time.monotonic()
    source.wait()
    assert time.monotonic() - start < 1.0  # before the hanging connection lets go
    assert "no picture for" in source.said[0]
    source.live.close()


def test_a_lost_source_is_told_now_and_then_but_not_with_each_attempt():
    source = Source(one_then_fault, refused)
    source.wait()
    end = time.monotonic() + 0.8
    while time.monotonic() < end:
        source.live.newest(0.02)
    assert source.made > 5
    assert 2 <= len(source.said) <= 4


def test_hanging_connections_do_not_pile_up():
    source = Source(one_then_fault, never)
    source.wait()
    end = time.monotonic() + 1.4
    while time.monotonic() < end:
        source.live.newest(0.02)
    assert source.made <= 1 + live.LEFT_BEHIND


def test_what_a_left_connection_still_gives_is_not_taken():
    late = threading.Event()

    def hangs():
        yield picture(1)
        late.wait(5)
        yield picture(2)

    source = Source(hangs, for_ever)
    source.wait()
    source.wait()
    late.set()
    assert {source.wait().stamp for _ in range(5)} == {0.0}
    source.live.close()


def test_a_source_that_is_at_its_end_ends_after_its_last_picture():
    source = Source(lambda: (picture(stamp) for stamp in [7]))
    assert source.wait().stamp == 7
    assert source.wait() is None
    assert source.said == []


def test_a_bug_is_no_fault_of_the_camera():
    def broken():
        yield picture()
        raise ZeroDivisionError

    source = Source(broken)
    source.wait()
    with pytest.raises(ZeroDivisionError):
        source.wait()


def test_a_file_at_its_own_pace_gives_each_picture_when_its_time_has_come():
    start = time.monotonic()
    late = [out.read_at - start - out.stamp for out in paced(picture(stamp) for stamp in (0.0, 0.05, 0.2))]
    assert min(late) >= 0


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
    clips.write(tmp_path / "camera.h264", [painted(number) for number in range(5)], 25, "h264")
    with serve(tmp_path) as url:
        pictures = cameras.stream(f"{url}/camera.h264", Counter())
        assert [number_of(next(pictures).pixels()) for _ in range(5)] == [0, 1, 2, 3, 4]
        with pytest.raises(Lost, match="ended"):
            next(pictures)
