"""Cameras of 1, 2 and 3 frames a second: the whole run begins in time and keeps everybody's identity."""

import time

import pytest

from duopose.benchmarks import rtsp
from duopose.benchmarks.parts.live_run import LiveRun
from tests.chaos.helpers import PYTHON_SERVER, in_time, write_stream

FIRST = 12.0  # s from the command to the first poses
SCENES = 20


@pytest.mark.slow
@pytest.mark.parametrize("rate", [1, 2, 3])
def test_a_slow_camera_begins_in_time_and_keeps_identities(rate, tmp_path):
    server = rtsp.Server(write_stream(tmp_path / "camera.h264", rate=rate), rate, PYTHON_SERVER)
    begun = time.monotonic()
    run = LiveRun(server.url, folder=tmp_path)
    try:
        run.start()
        taken = run.seen[0].at - begun
        assert run.wait(lambda: len(run.seen) > SCENES, 10 + 3 * SCENES / rate)
        assert run.end() == 0
        assert run.left() == []
    finally:
        run.kill()
        server.stop()
    print(f"{rate} frames a second: first poses after {taken:.1f} s")
    assert in_time(taken, FIRST)
    assert {identity for scene in run.seen for identity in scene.people} == {1, 2, 3}
