"""A camera that becomes another one in mid-stream, and one whose clock is wrong: pictures go on."""

import time
from collections import Counter
from fractions import Fraction
from functools import partial

import av
import pytest

from duopose.benchmarks import clips
from duopose.nodes.capture import cameras
from duopose.nodes.capture.live import Live
from tests import rtsp
from tests.pictures import picture
from tests.waiting import LONG, until

RATE = 20
SMALL, LARGE = (128, 96), (256, 192)  # width, height


def h264(path, size, frames=20):
    clips.write(path, [picture(number % 16, *size) for number in range(frames)], RATE, "h264")
    return path


def h265(path, size, frames=20):
    with av.open(str(path), "w", format="hevc") as container:
        stream = container.add_stream("libx265", rate=Fraction(RATE))
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        stream.options = {
            "preset": "ultrafast",
            "x265-params": f"keyint={RATE // 2}:bframes=0:aud=1:repeat-headers=1:log-level=none:pools=none",
        }
        for number in range(frames):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture(number % 16, *size), format="rgb24")))
        container.mux(stream.encode())
    return path


class Camera:
    """What `duopose rtsp://...` reads, without the rest."""

    def __init__(self, url):
        self.said, self.counts = [], Counter()
        pictures = partial(cameras.stream, url, self.counts)
        self.live = Live("camera", pictures, self.counts, time.monotonic() + LONG, self.said.append)

    def sizes(self, enough):
        """Sizes of the pictures as they come, until enough(of them)."""
        sizes = []
        until(lambda: self.next(sizes) or enough(sizes))
        return sizes

    def next(self, sizes):
        if (one := self.live.newest(0.05)) is not None:
            assert one.pixels().shape == (one.height, one.width, 3)
            sizes.append((one.width, one.height))


@pytest.fixture
def watch():
    """watch(url) -> Camera."""
    made = []

    def watch(url):
        made.append(Camera(url))
        return made[-1]

    yield watch
    for camera in made:
        camera.live.close()


def test_a_size_that_changes_within_a_connection_changes_the_pictures(watch, tmp_path):
    both = tmp_path / "both.h264"
    both.write_bytes(h264(tmp_path / "a.h264", SMALL).read_bytes() + h264(tmp_path / "b.h264", LARGE).read_bytes())
    with rtsp.camera(both, RATE) as url:
        camera = watch(url)
        sizes = camera.sizes(lambda seen: seen.count(LARGE) > 5 and seen[-1:] == [SMALL])
    assert set(sizes) == {SMALL, LARGE}
    assert camera.counts["interrupted"] == 0


def test_a_server_that_comes_back_with_another_size_and_codec_is_followed(watch, tmp_path):
    first, second = h264(tmp_path / "a.h264", SMALL), h265(tmp_path / "b.hevc", LARGE)
    with rtsp.camera(first, RATE) as url:
        camera = watch(url)
        camera.sizes(lambda seen: len(seen) > 5)
    with rtsp.camera(second, RATE, port=int(url.split(":")[2].split("/")[0]), codec="H265") as same:
        assert same == url
        camera.sizes(lambda seen: seen.count(LARGE) > 5)
    assert camera.counts["interrupted"] >= 1
    assert any("is back after" in line for line in camera.said)


@pytest.mark.slow
def test_a_codec_that_changes_within_a_connection_is_taken_for_a_fault_and_the_camera_opened_again(watch, tmp_path):
    """What it goes on to send can't be read as what it said it would send."""
    both = tmp_path / "both"
    h264(tmp_path / "a.h264", SMALL), h265(tmp_path / "b.hevc", LARGE, frames=80)
    both.write_bytes((tmp_path / "a.h264").read_bytes() + (tmp_path / "b.hevc").read_bytes())
    with rtsp.camera(both, RATE) as url:
        camera = watch(url)
        camera.sizes(lambda seen: len(seen) > 5)
        until(lambda: camera.next([]) or camera.counts["interrupted"])
        camera.sizes(lambda seen: len(seen) > 5)  # the new connection begins with H.264
    assert "camera is lost" in camera.said[0]


STAMPS = {
    "all the same": lambda number: 5.0,
    "each twice": lambda number: number // 2 * 2 / RATE,
    "back and forth": lambda number: (number ^ 3) / RATE,
    "an hour ahead and back": lambda number: number / RATE + 3600 * (number // 10 % 2),
    "past the end of their 32 bits": lambda number: (2**32 - 500_000) / rtsp.TICKS + number / RATE,
}


@pytest.mark.parametrize(
    "stamps", ["all the same", *(pytest.param(name, marks=pytest.mark.slow) for name in [*STAMPS][1:])]
)
def test_stamps_that_jump_and_repeat_change_nothing(watch, tmp_path, stamps):
    """Time is when a picture was read."""
    with rtsp.camera(h264(tmp_path / "a.h264", SMALL), RATE, stamp=STAMPS[stamps]) as url:
        camera, read = watch(url), []

        def enough():
            if (one := camera.live.newest(0.05)) is not None:
                assert one.stamp == pytest.approx(one.read_at, abs=0.1)
                read.append(one.stamp)
            return len(read) > 2 * RATE

        until(enough)
    assert read == sorted(set(read))
    assert camera.counts["interrupted"] == 0
    assert camera.counts["unreadable"] == 0
