"""A disk that is full costs the file that lies on it, and only while it is full."""

import subprocess

import numpy as np
import pytest

from duopose.nodes.recorder import output
from duopose.nodes.recorder.recorder import Recorder
from duopose.stream.record.reading import frames
from duopose.stream.settings import Settings
from tests.nodes.recorder.test_video_file import decoded
from tests.toy import frame
from tests.toy.scenes import scene


@pytest.fixture
def small(tmp_path):
    """A disk of 64 kB."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "duopose-test", str(folder)]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("may not mount")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.slow
@pytest.mark.parametrize("full", ["record", "save_video"])
def test_a_full_disk_costs_one_file_for_as_long_as_it_is_full(small, tmp_path, monkeypatch, full):
    monkeypatch.setattr(output, "AGAIN", 0.0)
    folders = {name: small if name == full else tmp_path for name in ("record", "save_video")}
    record, seen = folders["record"] / "record.jsonl", folders["save_video"] / "seen.mp4"
    said, noise = [], np.random.default_rng(0)
    recorder = Recorder(Settings(record=str(record), save_video=str(seen)), None, said.append)
    for number in range(200):
        if number == 150:
            subprocess.run(["mount", "-o", "remount,size=10m", str(small)], check=True)
        recorder.add(scene(frame(number)), noise.integers(0, 255, (48, 64, 3), np.uint8))
    recorder.close()
    failing = record if full == "record" else seen
    assert said[0] == f"can't write {failing}: No space left on device; trying again, the run goes on"
    assert said[1].startswith(f"{failing} is written again; ")
    assert len(said) == 2
    numbers = [line["frame"] for _, line in frames(record)]
    times = [shown.time for shown in decoded(seen)]
    missing = int(said[1].split("; ")[1].split()[0])
    kept = len(numbers) if full == "record" else len(times)
    assert kept + missing == 200
    assert (len(times) if full == "record" else len(numbers)) == 200
    assert numbers[-1] == 199
    assert times[-1] == pytest.approx(199 / 30, abs=0.02)
