import subprocess
import time
from collections import Counter
from fractions import Fraction
from functools import partial

import av
import numpy as np
import pytest

from duopose.benchmarks import cameras as several
from duopose.benchmarks import clips, rtsp, viewer
from duopose.nodes.capture import cameras
from duopose.nodes.capture.live import Live
from duopose.running.cameras.file import asked
from tests.pictures import number_of, picture
from tests.waiting import LONG, until


def test_the_window_is_measured_with_as_many_people_as_are_asked_for(monkeypatch):
    try:
        viewer.hidden_canvas()
    except viewer.Unavailable as error:
        pytest.skip(str(error))
    monkeypatch.setattr(viewer, "WARM", 1)
    assert len(viewer.crowd(20, 3).ids) == 20
    taken, drawn = viewer.measure(5, 2, 320, 180, "g4")
    assert (taken > 0).all()
    assert (drawn > 0).all()
    assert len(taken) == len(drawn) == 2


def test_few_pictures_go_there_and_back():
    assert list(clips.there_and_back([1, 2, 3], 8)) == [1, 2, 3, 2, 1, 2, 3, 2]
    assert list(clips.there_and_back([1], 3)) == [1, 1, 1]


@pytest.mark.parametrize("shape", [(270, 480, 3), (1080, 1920, 3), (600, 400, 3), (7, 300, 3)])
def test_a_picture_is_filled_into_another_size(shape):
    assert clips.filled(np.full(shape, 9, np.uint8), 128, 72).shape == (72, 128, 3)


@pytest.mark.parametrize("rate", [15, 30, 12.5])
def test_a_clip_has_its_rate_and_every_frame(tmp_path, rate):
    clips.write(tmp_path / "clip.mp4", [picture(number) for number in range(10)], rate)
    assert [number_of(image) for image in clips.pictures(tmp_path / "clip.mp4")] == list(range(10))
    with av.open(str(tmp_path / "clip.mp4")) as container:
        assert container.streams.video[0].average_rate == Fraction(rate)


def test_a_bare_stream_has_a_delimiter_before_each_frame(tmp_path):
    clips.write(tmp_path / "clip.h264", [picture(number) for number in range(10)], 25, "h264")
    assert (tmp_path / "clip.h264").read_bytes().count(b"\x00\x00\x00\x01\x09") == 10


def test_growing_latency_is_seen():
    node = {"rss_peak_mb": 1.0, "restarts": 0}
    stats = {"fps": 10.0, "frames_dropped": 0, "nodes": {"fusion": node}}
    lines = [{"stamp": n / 10, "latency_ms": 50 + n / 10} for n in range(1000) if not 400 <= n < 500]
    figures = rtsp.judge(stats, lines, [("killed", 40.0, 49.0)], 100.0)
    assert figures["latency_p95_first_ms"] == pytest.approx(74, abs=0.5)
    assert figures["latency_p95_last_ms"] == pytest.approx(149, abs=0.5)
    assert figures["growth"] == pytest.approx(2.0, abs=0.03)
    assert figures["back_after_s"] == {"killed": 1.0}


@pytest.fixture
def server(tmp_path):
    modules = "import gi; gi.require_version('GstRtspServer', '1.0')"
    try:
        subprocess.run(["/usr/bin/python3", "-c", modules], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("the RTSP server's packages are not installed, see benchmarks/parts/rtsp_server.py")
    stream = tmp_path / "loop.h264"
    clips.write(stream, [picture(number, 320, 240) for number in range(10)], 25, "h264")
    server = rtsp.Server(stream, 25)
    yield server
    server.stop()


def test_a_stream_is_read_live_and_comes_back_after_its_server_was_killed(server):
    said, counts = [], Counter()
    live = Live("camera", partial(cameras.stream, server.url, counts), counts, time.monotonic() + LONG, said.append)

    def wait():
        found = []
        until(lambda: found.append(live.newest(0.05)) or found[-1] is not None)
        return found[-1]

    assert wait().pixels().shape == (240, 320, 3)
    numbers = {number_of(wait().pixels()) for _ in range(10)}
    assert len(numbers) > 3  # pictures follow each other
    server.fail("killed", 0.5)
    until(lambda: live.newest(0.05) is None and said)
    wait()
    assert counts["interrupted"] == 1
    assert said[-1].startswith("camera is back after")
    live.close()


def test_a_run_with_several_cameras_is_told_camera_by_camera(tmp_path):
    latency = {"p50": 50.0, "p95": 80.0, "p99": 90.0}
    camera = {"fps": 7.5, "latency_ms": latency, "frames_dropped": 3}
    nodes = {
        name: {"rss_peak_mb": size}
        for name, size in (("capture.cam1", 80.0), ("capture.cam2", 90.0), ("fusion", 200.0))
    }
    found = several.figures({"fps": 15.0, "cameras": {"cam1": camera, "cam2": camera}, "nodes": nodes}, 61.24, 369.6)
    assert (found["fps_each"], found["cpu_ms_per_frame"]) == ([7.5, 7.5], 61.2)
    assert (found["memory_mb"], found["capture_mb"]) == (370, 90.0)
    assert several.row(found).endswith("7.5: 50 / 80, 7.5: 50 / 80")
    cameras = asked([str(several.write_file(tmp_path, ["demo", "demo"]))])
    assert [(one.name, one.arguments.source) for one in cameras] == [("cam1", "demo"), ("cam2", "demo")]
