"""What pylsl's own inlet gets is the person who is followed."""

import re
import subprocess
import sys
import time

import msgspec
import numpy as np
import pylsl
import pytest

from duopose.command import main
from duopose.sending.lsl import Stream
from duopose.sending.targets import Target
from duopose.stream.skeleton import BODY17
from tests.places import ROOT
from tests.viewer.scenes import make_scene, person
from tests.waiting import LONG

PAGE = (ROOT / "docs" / "export.md").read_text()


@pytest.fixture
def stream(request):
    """A stream of its own name, and an inlet that is open."""
    name = f"test-{time.monotonic_ns()}"
    made = Stream(Target("lsl", name, 0), getattr(request, "param", None))
    found = pylsl.resolve_byprop("name", name, timeout=20)
    if not found:
        made.close()
        pytest.skip("LSL finds no stream on this network")
    inlet = pylsl.StreamInlet(found[0])
    inlet.open_stream(LONG)
    yield made, inlet
    inlet.close_stream()
    made.close()


def scene_at(read_at, *people, ids):
    scene = make_scene([person(0, depth) for depth in people], ids=ids, stamp=read_at)
    return msgspec.structs.replace(scene, frame=msgspec.structs.replace(scene.frame, read_at=read_at))


def test_an_inlet_gets_the_joints_and_when_the_picture_was_read(stream):
    made, inlet = stream
    ahead = pylsl.local_clock() - time.monotonic()
    for number in range(5):
        now = time.monotonic()
        scene = scene_at(now, 4 + number, ids=[7])
        made.send(scene)
        sample, stamp = inlet.pull_sample(LONG)
        np.testing.assert_array_equal(np.float32(sample).reshape(17, 3), scene.joints[0])
        assert stamp == pytest.approx(now + ahead, abs=1e-3)


@pytest.mark.parametrize("stream", [3], indirect=True)
def test_the_one_who_is_wanted_is_sent_and_nobody_else(stream):
    made, inlet = stream
    made.send(scene_at(1.0, 2, ids=[1]))
    scene = scene_at(2.0, 2, 6, ids=[1, 3])
    made.send(scene)
    sample, _ = inlet.pull_sample(LONG)
    np.testing.assert_array_equal(np.float32(sample).reshape(17, 3), scene.joints[1])


def test_the_stream_says_what_its_channels_are(stream):
    info = stream[1].info(LONG)
    assert info.get_channel_labels() == [f"{joint}_{axis}" for joint in BODY17 for axis in "xyz"]
    assert info.get_channel_units() == ["meters"] * 51
    assert (info.type(), info.nominal_srate()) == ("MoCap", pylsl.IRREGULAR_RATE)


def test_the_snippet_of_the_page_reads_it(stream):
    made, inlet = stream
    (code,) = [code for code in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL) if "pylsl" in code]
    code = code.replace('"Duopose"', repr(inlet.info(LONG).name()))
    reader = subprocess.Popen(
        [sys.executable, "-W", "error", "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    while reader.poll() is None:
        made.send(scene_at(time.monotonic(), 4, ids=[1]))
        time.sleep(0.02)
    assert reader.returncode == 0
    assert "4.0]" in reader.communicate()[0]


def test_without_pylsl_it_is_one_line(capfd, monkeypatch):
    monkeypatch.setitem(sys.modules, "pylsl", None)
    assert main(["demo", "--headless", "--send", "lsl:"]) == 2
    told = "duopose: --send lsl:: pylsl is not installed: pip install 'duopose[lsl]'\n"
    assert capfd.readouterr() == ("", told)
