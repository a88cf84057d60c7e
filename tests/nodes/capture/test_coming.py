"""Cameras come, leave and get another name while the run goes on: real processes, a toy in the networks' place."""

import signal
from pathlib import Path

import msgspec
import pytest

from duopose.stream.graph import name_of, started
from duopose.stream.processes.supervisor import Supervisor
from duopose.stream.record.reading import frames
from duopose.stream.settings import Settings
from tests.pictures import video
from tests.toy.scenes import NODES

LENGTH = 3000  # frames of each clip: nobody waits for its end


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
    """run(settings, *steps, until=condition) -> Outcome.

    A step (when, Settings, renamed): the cameras change when `when()` holds. Behind the last one there is a Ctrl-C as
    soon as `until()` holds.
    """

    def run(settings, *steps, until):
        left, run.said, run.pids = list(steps), [], []

        def tick(supervisor):
            if supervisor.cameras.changing is None and left and left[0][0]():
                _, settings, renamed = left.pop(0)
                run.pids.append({name: process.child.pid for name, process in supervisor.processes.items()})
                supervisor.cameras.change(settings, started(settings, table()), renamed)
            elif supervisor.cameras.changing is None and not left and until():
                run.pids.append({name: process.child.pid for name, process in supervisor.processes.items()})
                signal.raise_signal(signal.SIGINT)

        say = lambda line, node: run.said.append(line)  # noqa: E731
        supervisor = Supervisor(settings, started(settings, table()), tmp_path_factory.mktemp("r"), say)
        outcome = supervisor.run(tick)
        assert left == []
        return outcome

    return run


def has(own, count):
    return lambda: len(numbers(own)) >= count


def has_more(own, count):
    """As many more than when it was first asked for."""
    seen = []

    def enough():
        seen.append(len(numbers(own)))
        return seen[-1] - seen[0] >= count

    return enough


def all_in_order(*recorded):
    """Every frame from the first to the last that was recorded -> how many."""
    found = [number for own in recorded for number in numbers(own)]
    assert found == list(range(len(found)))
    return len(found)


def test_a_camera_that_comes_is_recorded_from_its_first_frame_and_the_other_loses_none(run, camera):
    door, yard = camera("door"), msgspec.structs.replace(camera("yard", 50), added=1)
    outcome = run(whole(door), (has(door, 40), whole(door, yard), {}), until=has(yard, 50))
    assert (outcome.code, outcome.message, run.said) == (0, "", [])
    assert all_in_order(door) > 40
    assert numbers(yard) == list(range(50))
    before, after = run.pids
    assert before.items() <= after.items()  # nobody was started again
    assert {name: report.restarts for name, report in outcome.reports.items()} == dict.fromkeys(after, 0)
    assert not any(outcome.reports[name].counts.get("rubbish") for name in ("fusion", "recorder"))


def test_a_camera_that_leaves_is_recorded_to_its_last_frame_and_the_other_loses_none(run, camera):
    door, yard = camera("door"), camera("yard")
    outcome = run(whole(door, yard), (has(yard, 40), whole(door), {}), until=has_more(door, 40))
    assert (outcome.code, outcome.message, run.said) == (0, "", [])
    assert all_in_order(door) >= 80
    counts = outcome.reports["capture.yard"].counts
    assert 40 <= all_in_order(yard) < LENGTH
    assert counts["read"] - 1 <= len(numbers(yard)) <= counts["read"]  # one may have waited for its turn
    assert set(run.pids[1]) == {"capture.door", "fusion", "recorder"}


def test_a_camera_with_another_name_counts_on_where_it_was(run, camera):
    door, yard = camera("door"), camera("yard")
    lane = msgspec.structs.replace(yard, name="lane", record=yard.record.replace("yard", "lane"))
    outcome = run(whole(door, yard), (has(yard, 40), whole(lane, door), {"yard": "lane"}), until=has(lane, 40))
    assert outcome.code == 0
    all_in_order(door)
    whole_film = all_in_order(yard, lane)
    assert outcome.reports["capture.lane"].counts["read"] >= whole_film >= 80
    assert "capture.yard" not in outcome.reports


def test_a_camera_that_comes_back_counts_on_and_shows_its_film_from_the_beginning(run, camera, tmp_path):
    door, yard = camera("door"), camera("yard")
    again = msgspec.structs.replace(yard, added=2, fov=50.0)
    outcome = run(
        whole(door, yard),
        (has(yard, 20), whole(door), {}),
        (has_more(door, 20), whole(door, again), {}),
        until=has_more(yard, 20),
    )
    assert outcome.code == 0
    all_in_order(door)
    all_in_order(yard)
    stamps = [line["stamp"] for _, line in frames(yard.record)]
    assert stamps.count(0.0) == 2
    assert outcome.reports["capture.yard"].restarts == 0


def test_a_camera_that_comes_and_can_t_be_read_is_tried_again_and_ends_nobody(run, camera, tmp_path):
    door, yard = camera("door"), camera("yard", 20)
    Path(yard.source).write_text("no video")
    tried = lambda: sum(line.startswith("capture.yard failed, starting it again") for line in run.said) > 1  # noqa: E731
    outcome = run(
        whole(door),
        (has(door, 20), whole(door, msgspec.structs.replace(yard, added=1)), {}),
        (tried, whole(door), {}),
        until=has_more(door, 20),
    )
    assert outcome.code == 0
    all_in_order(door)
    assert numbers(yard) == []
    assert outcome.reports[name_of("capture", "yard")].restarts >= 1
