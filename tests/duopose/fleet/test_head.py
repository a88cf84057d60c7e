"""The head keeps cameras going and their numbers apart, whatever happens to pipelines and runs."""

import os
import signal
import time
from collections import defaultdict
from pathlib import Path

import pytest

from duopose.benchmarks.parts.live_run import run_folder_of
from duopose.fleet.asked import read
from duopose.fleet.head import Head
from duopose.running.cameras.changes import changes
from tests.duopose.fleet.records import write_cameras, write_record
from tests.duopose.fleet.threads import Threads
from tests.waiting import LONG


class Heard:
    """A head at work, and what it has given out."""

    def __init__(self, file, share):
        self.seen, self.rows = defaultdict(list), {}
        self.cluster = Threads()
        self.head = Head(lambda: read(file), self.cluster, 2, share, 1.0, self.take, self.look)
        asked = read(file)
        self.head.change(changes({}, asked), asked)

    def take(self, scene):
        self.seen[scene.frame.camera_name].append(scene)

    def look(self, rows):
        self.rows = {row.camera: row for row in rows}

    def until(self, condition):
        end = time.monotonic() + LONG
        while not condition():
            assert time.monotonic() < end, self.rows
            self.head.tick()

    def more(self, *names):
        """Until scenes of all these have come that are not there yet."""
        before = {name: len(self.seen[name]) for name in names}
        self.until(lambda: all(len(self.seen[name]) > before[name] for name in names))

    def numbers(self, name):
        return [scene.frame.number for scene in self.seen[name]]


def runs():
    """Numbers of the processes of runs that this process has started."""
    found = []
    for file in Path("/proc/self/task").glob("*/children"):  # a thread of each pipeline has started some
        for pid in map(int, file.read_text().split()):
            if b"duopose.fleet.child" in Path(f"/proc/{pid}/cmdline").read_bytes():
                found.append(pid)
    return found


@pytest.fixture
def start(tmp_path):
    """start(share, {camera: record}) -> Heard"""
    for name in ("a", "b", "c"):
        write_record(tmp_path / f"{name}.jsonl", frames=1000, rate=10)
    write_record(tmp_path / "short.jsonl", frames=5, rate=10)
    started = []

    def start(share, cameras):
        started.append(Heard(write_cameras(tmp_path / "cameras.toml", cameras), share))
        return started[-1]

    yield start
    for heard in started:
        heard.head.stop()
    assert runs() == []


def test_numbers_go_on_when_a_shared_run_or_its_pipeline_dies(start):
    heard = start(True, {"door": "a.jsonl", "yard": "b.jsonl"})
    heard.more("door", "yard")
    assert len(runs()) == 1
    folders = [run_folder_of(pid) for pid in runs()]

    for pid in runs():
        os.kill(pid, signal.SIGKILL)
    heard.until(lambda: {row.restarts for row in heard.rows.values()} == {1})
    heard.more("door", "yard")
    assert [folder for folder in folders if folder.exists()] == []

    heard.cluster.replace(next(iter(heard.cluster.pipelines)))
    heard.until(
        lambda: {(row.machine, row.restarts, row.state) for row in heard.rows.values()} == {("elsewhere", 2, "running")}
    )
    heard.more("door", "yard")
    for name in ("door", "yard"):
        assert heard.numbers(name) == sorted(set(heard.numbers(name)))
        people = [scene.ids.tolist() for scene in heard.seen[name]]
        assert len({tuple(ids) for ids in people}) == 3  # somebody else in each life


def test_a_change_of_the_file_touches_nobody_else(start, tmp_path):
    heard = start(False, {"door": "a.jsonl", "yard": "b.jsonl"})
    heard.more("door", "yard")
    before = set(runs())
    write_cameras(tmp_path / "cameras.toml", {"front": "a.jsonl", "lane": "c.jsonl"})
    heard.head.reread()
    heard.more("front", "lane")
    heard.until(lambda: len(runs()) == 2)
    assert len(before & set(runs())) == 1
    assert heard.numbers("front")[0] > heard.numbers("door")[-1]
    heard.until(lambda: set(heard.rows) == {"front", "lane"})
    assert heard.rows["front"].restarts == 0

    (tmp_path / "cameras.toml").write_text("[camera.door]\n")
    heard.head.reread()
    heard.more("front", "lane")

    write_cameras(tmp_path / "cameras.toml", {"front": "a.jsonl", "yard": "b.jsonl"})  # one that was there before
    last = heard.numbers("yard")[-1]
    heard.head.reread()
    heard.more("yard")
    assert heard.numbers("yard")[-1] > last
    assert heard.numbers("yard") == sorted(set(heard.numbers("yard")))


def test_a_source_that_ends_is_not_begun_again_and_one_that_fails_says_why(start, tmp_path):
    heard = start(False, {"short": "short.jsonl", "gone": "gone.jsonl"})
    heard.until(lambda: heard.rows.get("short") and heard.rows["short"].state == "ended")
    short = heard.numbers("short")  # who follows a run may come late, and is given the newest scene
    assert short == sorted(set(short) & set(range(5)))
    heard.until(lambda: "no such file" in heard.rows["gone"].state)
    assert not heard.head.ended
    heard.cluster.replace(next(iter(heard.cluster.pipelines)))
    write_record(tmp_path / "gone.jsonl", frames=5, rate=10)
    heard.until(lambda: heard.head.ended)
    assert heard.numbers("short") == short
    assert heard.numbers("gone")[-1] == 4
