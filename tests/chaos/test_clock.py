"""The wall clock jumps an hour forward and back while a run records: nothing but the times in headers notices.

The clock is Python's `time.time` of every process of the run, replaced when Python starts. (libfaketime can't be used:
with it the absolute sleeps of the true monotonic clock fail.)
"""

import os
import signal
import subprocess
import sys
import time
from itertools import pairwise

from duopose.stream.record.reading import frames
from tests.pictures import video
from tests.places import ROOT
from tests.waiting import LONG, until

RATE = 25
STEPS = (3600, -7200, 0, 31_536_000, 0)  # s from the true time
PATCH = """
import os, time
true = time.time

def jumping():
    with open(os.environ["CLOCK"]) as file:
        return true() + float(file.read() or 0)

time.time = jumping
"""


def test_a_wall_clock_that_jumps_changes_no_poses(tmp_path):
    clip, record, clock = video(tmp_path / "clip.mp4", 60 * RATE, RATE), tmp_path / "record.jsonl", tmp_path / "clock"
    (tmp_path / "patch").mkdir()
    (tmp_path / "patch/sitecustomize.py").write_text(PATCH)
    clock.write_text("0")
    environment = os.environ | {"PYTHONPATH": str(tmp_path / "patch"), "CLOCK": str(clock)}
    command = [sys.executable, "-m", "tests.toy.film", clip, record, tmp_path / "film.mp4", '{"rotate_seconds": 1800}']
    run = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True)
    until(lambda: record.exists() and record.stat().st_size)
    for step in STEPS:
        time.sleep(0.6)
        clock.write_text(str(step))
    time.sleep(0.6)
    run.send_signal(signal.SIGINT)
    said = run.communicate(timeout=LONG)[1]
    assert (run.returncode, said.strip()) == (0, "")
    kept = [*tmp_path.glob("record-*.jsonl"), record]
    assert len(kept) > 1  # the age of a record is what the wall clock is asked for
    lines = sorted((line for path in kept for _, line in frames(path)), key=lambda line: line["frame"])
    numbers, stamps = [line["frame"] for line in lines], [line["stamp"] for line in lines]
    assert numbers == sorted(set(numbers))
    assert len(numbers) > RATE
    assert all(0 < after - before < 3 for before, after in pairwise(stamps))
    assert max(line["latency_ms"] for line in lines) < 10_000
