"""Cameras come, leave and get another name while the run goes on: real processes, a toy in the networks' place."""

from pathlib import Path

import msgspec
import pytest

from duopose.stream.graph import name_of, started
from duopose.stream.processes.supervisor import Supervisor
from duopose.stream.record.reading import frames
from duopose.stream.settings import Settings
from tests.pictures import video
from tests.toy.scenes import NODES

LENGTH = 200  # frames of each clip


def table():
    return [node._replace(module="tests.toy.slow") if node.name == "fusion" else node for node in NODES]


def whole(*cameras):
    return Settings(cameras=cameras, record=cameras[0].record, headless=True)


def numbers(own):
    return [line["frame"] for _, line in frames(own.record)] if Path(own.record).exists() else []


@pytest.fixture
def camera(tmp_path):
    """camera(name, frames) -> Settings of one that shows a clip of its own, every frame of it."""

    def camera(name, frames=LENGTH):
        path = tmp_path / f"{name}.mp4"
        source = str(path) if path.exists() else video(path, frames=frames)
        return Settings(name=name, source=source, record=str(tmp_path / f"{name}.jsonl"))

    return camera


@pytest.fixture
def run(tmp_path_factory):
    """run(settings, *steps) -> Outcome. A step (when, Settings, renamed): the cameras change when `when()` holds."""

    def run(settings, *steps):
        left, run.said, run.pids = list(steps), [], []

        def tick(supervisor):
            if supervisor.cameras.changing is None and left and left[0][0]():
                _, settings, renamed = left.pop(0)
                run.pids.append({name: process.child.pid for name, process in supervisor.processes.items()})
                supervisor.cameras.change(settings, started(settings, table()), renamed)
            if supervisor.cameras.changing is None and len(run.pids) < len(steps) + 1 and not left:
                run.pids.append({name: process.child.pid for name, process in supervisor.processes.items()})

        say = lambda line, node: run.said.append(line)  # noqa: E731
        supervisor = Supervisor(settings, started(settings, table()), tmp_path_factory.mktemp("r"), say)
        outcome = supervisor.run(tick)
        assert left == []
        return outcome

    return run


def has(own, count):
    return lambda: len(numbers(own)) >= count


def test_a_camera_that_comes_is_recorded_from_its_first_frame_and_the_other_loses_none(run, camera):
    door, yard = camera("door"), msgspec.structs.replace(camera("yard", 50), added=1)
    outcome = run(whole(door), (has(door, 40), whole(door, yard), {}))
    assert (outcome.code, outcome.message, run.said) == (0, "", [])
    assert numbers(door) == list(range(LENGTH))
    assert numbers(yard) == list(range(50))
    before, after = run.pids
    assert before.items() <= after.items()  # nobody was started again
    assert {name: report.restarts for name, report in outcome.reports.items()} == dict.fromkeys(after, 0)
    assert not any(outcome.reports[name].counts.get("rubbish") for name in ("fusion", "recorder"))


def test_a_camera_that_leaves_is_recorded_to_its_last_frame_and_the_other_loses_none(run, camera):
    door, yard = camera("door"), camera("yard")
    outcome = run(whole(door, yard), (has(yard, 40), whole(door), {}))
    assert (outcome.code, outcome.message, run.said) == (0, "", [])
    assert numbers(door) == list(range(LENGTH))
    counts = outcome.reports["capture.yard"].counts
    assert 40 <= len(numbers(yard)) < LENGTH
    assert numbers(yard) == list(range(len(numbers(yard))))
    assert counts["read"] - 1 <= len(numbers(yard)) <= counts["read"]  # one may have waited for its turn
    assert set(run.pids[1]) == {"capture.door", "fusion", "recorder"}


def test_a_camera_with_another_name_counts_on_where_it_was(run, camera):
    door, yard = camera("door"), camera("yard")
    lane = msgspec.structs.replace(yard, name="lane", record=yard.record.replace("yard", "lane"))
    outcome = run(whole(door, yard), (has(yard, 40), whole(lane, door), {"yard": "lane"}))
    assert outcome.code == 0
    assert numbers(door) == list(range(LENGTH))
    assert numbers(yard) + numbers(lane) == list(range(LENGTH))
    assert outcome.reports["capture.lane"].counts["read"] >= LENGTH
    assert "capture.yard" not in outcome.reports


def test_a_camera_that_comes_back_counts_on_and_shows_its_film_from_the_beginning(run, camera, tmp_path):
    door, yard = camera("door"), camera("yard")
    again = msgspec.structs.replace(yard, added=2, fov=50.0)
    outcome = run(
        whole(door, yard),
        (has(yard, 20), whole(door), {}),
        (has(door, 100), whole(door, again), {}),
    )
    assert outcome.code == 0
    assert numbers(door) == list(range(LENGTH))
    assert numbers(yard) == list(range(len(numbers(yard))))
    stamps = [line["stamp"] for _, line in frames(yard.record)]
    assert stamps.count(0.0) == 2
    assert outcome.reports["capture.yard"].restarts == 0


def test_a_camera_that_comes_and_can_t_be_read_is_tried_again_and_ends_nobody(run, camera, tmp_path):
    door, yard = camera("door"), camera("yard", 20)
    Path(yard.source).write_text("no video")
    outcome = run(whole(door), (has(door, 20), whole(door, msgspec.structs.replace(yard, added=1)), {}),
                  (has(door, 120), whole(door), {}))  # fmt: skip
    assert outcome.code == 0
    assert numbers(door) == list(range(LENGTH))
    assert numbers(yard) == []
    assert any(line.startswith("capture.yard failed, starting it again") for line in run.said)
    assert outcome.reports[name_of("capture", "yard")].restarts >= 1
