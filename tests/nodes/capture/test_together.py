"""Several cameras in one run: the real capture and recorder in processes of their own, between them a toy network."""

import itertools
import json
import os
import signal
from pathlib import Path

import numpy as np
import pytest

from duopose.benchmarks import clips
from duopose.nodes.capture.sources import kind_of
from duopose.nodes.recorder.measures import measured
from duopose.stream.graph import NODES as GRAPH
from duopose.stream.graph import name_of, started
from duopose.stream.messages import camera_of
from duopose.stream.processes.supervisor import Supervisor
from duopose.stream.record.reading import frames
from duopose.stream.session.file import Session
from duopose.stream.settings import Settings
from duopose.stream.subscribe import subscribe
from tests.pictures import picture, video
from tests.server import serve
from tests.toy.scenes import NODES


@pytest.fixture
def run(tmp_path, tmp_path_factory):
    """run({name: source}, on_tick, toy, **settings) -> Outcome, {name: frame numbers in its record}."""

    def run(sources, on_tick=None, toy="tests.toy.scenes", **more):
        def settings_of(name, source):
            kind = kind_of(source)
            told = {"kind": kind, "every_frame": kind != "stream", "record": str(tmp_path / f"{name}.jsonl")} | more
            if "session" in more:
                told["session"] = str(tmp_path / f"{name}.mcap")
            return Settings(name=name, source=source, **told)

        own = {name: settings_of(name, source) for name, source in sources.items()}
        settings = next(iter(own.values()))
        settings = Settings(cameras=tuple(own.values()), record=settings.record, headless=True, **more)
        table = [node._replace(module=toy) if node.name == "fusion" else node for node in NODES]
        if more.get("session"):
            table[0] = table[0]._replace(inputs=("done", "stored"))
            table.append(next(node for node in GRAPH if node.name == "session"))
        nodes = started(settings, table)
        run.found = {}

        def keep(folder):
            run.found |= {name: measured(folder, name) for name in sources}

        run.said = []
        say = lambda line, node: run.said.append(line)  # noqa: E731
        supervisor = Supervisor(settings, nodes, tmp_path_factory.mktemp("r"), say)
        outcome = supervisor.run(on_tick, keep)
        return outcome, {name: numbers(tmp_path / f"{name}.jsonl") for name in sources}

    return run


def numbers(path):
    return [line["frame"] for _, line in frames(path)] if Path(path).exists() else []


def test_every_frame_of_every_file_is_recorded_in_order_into_the_file_of_its_camera(run, tmp_path):
    lengths = {"door": 30, "yard": 12, "hall": 21, "gate": 1}
    outcome, found = run({name: video(tmp_path / f"{name}.mp4", frames=count) for name, count in lengths.items()})
    assert (outcome.code, outcome.message) == (0, "")
    assert found == {name: list(range(count)) for name, count in lengths.items()}
    for name, count in lengths.items():
        assert outcome.reports[name_of("capture", name)].counts == {"read": count}
        assert run.found[name]["frames_processed"] == count
    header = json.loads((tmp_path / "hall.jsonl").read_text().splitlines()[0])
    assert header["source"] == str(tmp_path / "hall.mp4")


def test_files_take_turns(run, tmp_path):
    run({name: video(tmp_path / f"{name}.mp4", frames=120) for name in ("door", "yard")}, toy="tests.toy.slow")
    turns = (tmp_path / "turns").read_text().splitlines()
    doors = np.cumsum([name == "door" for name in turns])
    yards = np.arange(1, len(turns) + 1) - doors
    both = (np.minimum(doors, yards) > 40) & (np.maximum(doors, yards) < 120)
    assert both.sum() > 100
    np.testing.assert_allclose(doors[both], yards[both], rtol=0.1)


def test_a_camera_that_hangs_costs_the_others_no_frame_and_goes_on_where_it_was(run, tmp_path):
    stopped = []

    def freeze(supervisor):
        door = len(numbers(tmp_path / "door.jsonl"))
        if not stopped and door > 5:
            stopped.append(supervisor.processes["capture.door"].child.pid)
            os.kill(stopped[0], signal.SIGSTOP)
            freeze.door = door
        elif len(stopped) == 1 and len(numbers(tmp_path / "yard.jsonl")) == 300:
            freeze.meanwhile = door
            stopped.append(os.kill(stopped[0], signal.SIGCONT))

    sources = {name: video(tmp_path / f"{name}.mp4", frames=300) for name in ("door", "yard")}
    outcome, found = run(sources, freeze)
    assert outcome.code == 0
    assert found == {"door": list(range(300)), "yard": list(range(300))}
    assert freeze.meanwhile < freeze.door + 50  # it did hang


def test_a_capture_that_is_killed_costs_the_others_no_frame(run, tmp_path):
    killed = []

    def kill(supervisor):
        if not killed and len(numbers(tmp_path / "door.jsonl")) > 5:
            killed.append(supervisor.processes["capture.door"].child.pid)
            os.kill(killed[0], signal.SIGKILL)

    sources = {name: video(tmp_path / f"{name}.mp4", frames=100) for name in ("door", "yard")}
    outcome, found = run(sources, kill, "tests.toy.slow")
    assert outcome.code == 0
    assert outcome.reports["capture.door"].restarts == 1
    assert found["yard"] == list(range(100))
    assert len(found["door"]) >= 100 - 6  # what was on its way when it died


def test_a_camera_that_is_lost_again_and_again_costs_the_others_no_frame(run, tmp_path):
    clips.write(tmp_path / "door.h264", [picture(number) for number in range(5)], 25, "h264")  # ends, without a length

    def end(supervisor):
        if supervisor.processes["capture.yard"].finished:
            signal.raise_signal(signal.SIGINT)

    with serve(tmp_path) as url:
        sources = {"door": f"{url}/door.h264", "yard": video(tmp_path / "yard.mp4", frames=300)}
        outcome, found = run(sources, end, "tests.toy.slow")
    assert outcome.code == 0
    assert found["yard"] == list(range(300))
    assert outcome.reports["capture.door"].counts["interrupted"] >= 1
    assert any(line.startswith("door: http://") and "is lost (the stream ended)" in line for line in run.said)


def test_a_camera_that_does_not_answer_is_named(run, tmp_path):
    (tmp_path / "yard.mp4").write_text("no video")
    outcome, _ = run({"door": video(tmp_path / "door.mp4"), "yard": str(tmp_path / "yard.mp4")})
    assert outcome.code == 2
    assert outcome.message.startswith("yard: ")


def test_whoever_listens_is_told_which_camera_a_scene_is_from(run, tmp_path):
    heard = {}

    def listen(supervisor):
        if supervisor.going and not heard:
            for topic in ("frame", "scene"):
                told = subscribe(topic, supervisor.folder.path)
                names = {camera_of(message) for message in itertools.islice(told, 40)}
                heard[topic] = names

    sources = {name: video(tmp_path / f"{name}.mp4", frames=100) for name in ("door", "yard")}
    run(sources, listen, "tests.toy.slow")
    assert heard == {"frame": {"door", "yard"}, "scene": {"door", "yard"}}


def test_cameras_that_are_played_at_their_pace_drop_what_there_is_no_time_for_and_count_it(run, tmp_path):
    """The toy has time for 66 frames a second, the cameras have 100."""
    sources = {name: video(tmp_path / f"{name}.mp4", frames=100, rate=50) for name in ("door", "yard")}
    outcome, found = run(sources, toy="tests.toy.slow", every_frame=False, in_flight=3)
    assert outcome.code == 0
    for name, seen in found.items():
        counts = outcome.reports[name_of("capture", name)].counts
        assert seen == sorted(set(seen))
        assert len(seen) + counts.get("dropped", 0) + counts.get("lost", 0) == counts["read"] <= 100
    assert len(found["door"]) == pytest.approx(len(found["yard"]), rel=0.15)


def test_each_camera_has_a_session_of_its_own(run, tmp_path):
    lengths = {"door": 9, "yard": 5}
    sources = {name: video(tmp_path / f"{name}.mp4", frames=count) for name, count in lengths.items()}
    outcome, found = run(sources, session="asked for")
    assert (outcome.code, outcome.message) == (0, "")
    assert found == {name: list(range(count)) for name, count in lengths.items()}
    for name, count in lengths.items():
        stored = [entry.number for entry in Session(str(tmp_path / f"{name}.mcap")).entries() if entry.topic == "scene"]
        assert stored == list(range(count))
