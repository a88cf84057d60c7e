import os
import signal
import time
from itertools import pairwise
from statistics import median

import pytest

from duopose.running.watch import Watch
from duopose.stream.processes.supervisor import Supervisor
from duopose.stream.settings import Settings
from tests.pictures import video
from tests.toy.scenes import NODES


@pytest.fixture
def run(tmp_path):
    """run(act) -> looks, said: a pipeline of real processes with a toy network; act(looks, supervisor) each tick."""

    def run(act, quiet=5.0):
        clip = video(tmp_path / "clip.mp4", frames=3000, rate=50)
        settings = Settings(source=clip, every_frame=False)
        looks, said = [], []
        with Watch([looks.append]) as watch:
            watch.quiet = quiet

            def tick(supervisor):
                watch.tick(supervisor)
                act(looks, supervisor)

            say = watch.also(lambda line, node: said.append((node, line)))
            outcome = Supervisor(settings, NODES, tmp_path, say).run(tick)
        assert outcome.code == 0
        return looks, said

    return run


def end_after(count):
    def act(looks, supervisor):
        if sum(look.trouble is None for look in looks) >= count:
            signal.raise_signal(signal.SIGINT)

    return act


def test_a_look_each_second_tells_rate_latency_people_and_memory(run):
    looks, _ = run(end_after(3))
    *_, before, last = looks
    (only,) = last.cameras
    assert 0 < last.rate < 60
    assert 0 < only.latency_ms["p50"] <= only.latency_ms["p95"]
    assert last.people == 1
    assert only.scenes == sum(only.latency_counts) > looks[0].cameras[0].scenes
    assert only.scenes - before.cameras[0].scenes == pytest.approx(last.rate * (last.at - before.at), abs=0.5)
    assert only.latency_sum > 0
    assert set(last.memory) == {"supervisor", "capture", "fusion", "recorder"}
    assert min(last.memory.values()) > 10_000_000
    assert last.reports["capture"].handled > 0
    gaps = [later.at - look.at for look, later in pairwise(looks)]
    assert min(gaps) > 0.9
    assert median(gaps) < 3  # a busy machine may be late once


def test_a_run_without_scenes_says_since_when_and_what_was_told_last(run):
    stopped = []

    def act(looks, supervisor):
        if not stopped and looks and looks[-1].trouble is None:
            stopped.append(supervisor.processes["fusion"].child.pid)
            supervisor.say("rtsp://me:pass@door is lost", "capture")
            os.kill(stopped[0], signal.SIGSTOP)
        elif stopped and looks[-1].trouble:
            os.kill(stopped[0], signal.SIGCONT)
            signal.raise_signal(signal.SIGINT)
            time.sleep(0.01)

    looks, said = run(act, quiet=1.0)
    assert looks[-1].trouble.startswith("no scene for ")
    assert looks[-1].trouble.endswith("s (rtsp://***@door is lost)")
    assert said == [("capture", "rtsp://***@door is lost")]
