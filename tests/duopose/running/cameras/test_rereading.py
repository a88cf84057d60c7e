"""`duopose cameras.toml` as a user has it: the file is changed, SIGHUP is sent, the run goes on with what it says."""

import json
import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from duopose.stream.record.reading import frames
from tests.duopose.fleet.records import write_record
from tests.duopose.running.test_metrics import get, samples
from tests.places import ROOT
from tests.waiting import LONG, until

RATE = 20  # frames a second of each camera
START = 300.0  # s until the first frames: kernels may have to be compiled
RUN = """
[run]
headless = true
realtime = true
record = "seen-{camera}.jsonl"
stats = "stats.json"
metrics = 0
log = "json"
"""


class Program:
    """The run; the cameras are records that are played at their own pace."""

    def __init__(self, folder):
        self.folder, self.file, self.said = folder, folder / "cameras.toml", []

    def begin(self):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "duopose", str(self.file)],
            cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        self.thread = threading.Thread(target=self._listen)
        self.thread.start()

    def _listen(self):
        with self.process.stderr as lines:
            for line in lines:
                self.said.append(json.loads(line))

    def write(self, run=RUN, **cameras):
        """cameras: the record that each plays."""
        tables = [f'[camera.{name}]\nsource = "{record}.jsonl"\n' for name, record in cameras.items()]
        self.file.write_text(run + "".join(tables))

    def reread(self, **cameras):
        """Change the file and have it read -> what is told of it."""
        before = len(self.said)
        self.write(**cameras)
        return self.hang_up(before)

    def hang_up(self, before):
        os.kill(self.process.pid, signal.SIGHUP)

        def told():
            lines = self.said[before:]
            return [one["message"] for one in lines if "read again:" in one["message"] or one["level"] == "error"]

        until(lambda: told() or self.process.poll() is not None)
        return told()[0]

    def numbers(self, camera):
        path = self.folder / f"seen-{camera}.jsonl"
        return [line["frame"] for _, line in frames(path)] if path.exists() else []

    def lines(self, camera):
        path = self.folder / f"seen-{camera}.jsonl"
        return path.read_bytes().count(b"\n") if path.exists() else 0

    def comes(self, camera, more=10):
        """Wait for more frames of a camera."""
        count = self.lines(camera) + more
        end = time.monotonic() + START
        while self.lines(camera) < count:
            assert time.monotonic() < end, self.said
            assert self.process.poll() is None, self.said
            time.sleep(0.1)

    def measured(self):
        """What the log's newest line says of each camera."""
        return next(one["cameras"] for one in reversed(self.said) if "cameras" in one)

    def end(self):
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(LONG)


@pytest.fixture
def program(tmp_path):
    for name in ("a", "b", "c"):
        write_record(tmp_path / f"{name}.jsonl", frames=100 * RATE, rate=RATE)
    program = Program(tmp_path)
    yield program
    if program.process.poll() is None:
        program.process.kill()
        program.process.wait()
    program.thread.join()


def test_cameras_come_leave_and_are_renamed_while_the_others_go_on(program, tmp_path):
    program.write(door="a", yard="b")
    program.begin()
    program.comes("door")
    program.comes("yard")
    assert any(f"kill -HUP {program.process.pid}" in one["message"] for one in program.said)
    address = next(one["message"].split("/")[2] for one in program.said if one["message"].startswith("metrics"))
    pids = children(program.process.pid)

    assert program.reread(door="a", yard="b", lane="c") == "the file was read again: added lane"
    program.comes("lane")
    assert pids < children(program.process.pid)

    assert program.reread(door="a", court="b", lane="c") == "the file was read again: yard is now court"
    program.comes("court")
    yard, court = program.numbers("yard"), program.numbers("court")
    assert court[0] > yard[-1]

    assert program.reread(door="a", court="b") == "the file was read again: removed lane"
    program.comes("court")
    until(lambda: set(program.measured()) == {"door", "court"})
    told = samples(get(address, "/metrics")[1])
    assert {key[1] for key in told if key[0] == "duopose_frames_total"} == {"door", "court"}
    assert "capture.lane" not in {key[1] for key in told if key[0] == "duopose_node_memory_bytes"}

    program.write(door="nowhere", court="b")
    assert program.hang_up(len(program.said)).endswith("; the cameras go on as before")
    assert program.reread(run=RUN.replace("metrics = 0", "metrics = 1"), door="a", court="b") == (
        f"{program.file}:7: --metrics belongs to the whole run: it can't change while that goes on; "
        "the cameras go on as before"
    )
    program.comes("door")
    program.comes("court")
    told = samples(get(address, "/metrics")[1])
    for camera in ("door", "court"):
        assert told["duopose_frames_dropped_total", camera, "lost"] == 0
    assert program.end() == 0

    stats = json.loads((tmp_path / "stats.json").read_text())
    assert set(stats["cameras"]) == {"door", "court", "lane"}
    assert stats["cameras"]["court"]["frames_processed"] == len(yard) + len(program.numbers("court"))
    assert {node["restarts"] for node in stats["nodes"].values()} == {0}
    assert pids - children(program.process.pid) == pids


def children(pid):
    path = f"/proc/{pid}/task/{pid}/children"
    if not os.path.exists(path):
        return set()
    with open(path) as file:
        return set(file.read().split())
