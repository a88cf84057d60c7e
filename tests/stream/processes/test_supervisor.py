import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from duopose.stream.bus import endpoint
from duopose.stream.graph import NODES as GRAPH
from duopose.stream.graph import Node
from duopose.stream.processes.run_folder import RunFolder, running
from duopose.stream.processes.supervisor import Supervisor
from duopose.stream.settings import Settings
from duopose.stream.subscribe import newest, subscribe
from tests.places import ROOT
from tests.toy import NODES, SINK, SOURCE, WORKER
from tests.waiting import LONG, until

ENDLESS = 6000  # frames: a minute, for a run that is ended when it has shown what it should


def window(module):
    return Node("viewer", f"tests.toy.{module}", ("boxes",), (), "never", 0.0, "window")


@pytest.fixture
def run(tmp_path):
    """run(nodes, *steps, **settings) -> Outcome; afterwards nothing of the run may be left.

    A step (when, action) does action(supervisor) once when(supervisor) holds and the steps before it are done.
    """
    pids, said = set(), []

    def run(nodes=NODES, *steps, total=50, spare=(), **settings):
        left = list(steps)

        def tick(supervisor):
            pids.update(one.child.pid for one in (*supervisor.processes.values(), supervisor.spare) if one.child)
            if left and left[0][0](supervisor):
                left.pop(0)[1](supervisor)

        say = lambda line, node: said.append(line)  # noqa: E731
        supervisor = Supervisor(settings_of(tmp_path, total, **settings), nodes, tmp_path, say, spare)
        outcome = supervisor.run(tick)
        assert left == [], "the run has ended before its steps"
        assert not list(tmp_path.glob("*duopose*"))
        assert not any(alive(pid) for pid in pids)
        return outcome

    run.said = said
    return run


def settings_of(folder, total, **settings):
    return Settings(record=str(folder / "record"), total=total, **settings)


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def recorded(folder):
    """Frame numbers in the record, in its order; the pixels of each must have been its own."""
    lines = [line.split() for line in (folder / "record").read_text().splitlines()]
    assert all(int(number) % 256 == int(pixel) for number, pixel in lines)
    return [int(number) for number, _ in lines]


def handled(name, count):
    """True once this life of the node has worked on so many messages."""
    return lambda supervisor: (health := supervisor.processes[name].health) is not None and health.handled >= count


def handles_more(name, count):
    """True once the node has worked on so many more messages since it was first asked for."""
    seen = []

    def enough(supervisor):
        seen.append(supervisor.processes[name].health.handled)
        return seen[-1] - seen[0] >= count

    return enough


def back(name):
    """True once the node is at work again after a restart."""
    return lambda supervisor: not supervisor.returning and supervisor.reports()[name].restarts == 1


def send(name, number):
    return lambda supervisor: os.kill(supervisor.processes[name].child.pid, number)


def interrupt(supervisor):
    """Ctrl-C."""
    signal.raise_signal(signal.SIGINT)


def test_a_run_ends_with_its_input_and_every_frame_comes_through_in_order(run, tmp_path):
    outcome = run(total=300)
    assert (outcome.code, outcome.message) == (0, "")
    assert recorded(tmp_path) == list(range(300))
    report = outcome.reports["detection"]
    assert (report.handled, report.restarts, report.counts) == (300, 0, {})
    assert report.ms_p95 >= report.ms_p50 > 0
    assert report.rss_peak_mb > 5


@pytest.mark.parametrize("victim", ["capture", "detection", "recorder"])
def test_a_node_that_is_killed_comes_back_and_costs_a_gap_only(run, tmp_path, victim):
    steps = [
        (handled("recorder", 20), send(victim, signal.SIGKILL)),
        (back(victim), lambda supervisor: None),
        (handles_more("recorder", 20), interrupt),
    ]
    outcome = run(NODES, *steps, total=ENDLESS, camera_fps=100)
    assert outcome.code == 0
    assert outcome.reports[victim].restarts == 1
    numbers = recorded(tmp_path)
    assert numbers == sorted(set(numbers))
    assert numbers[-1] + 1 - Settings().in_flight <= len(numbers)
    assert run.said == [f"{victim} failed, starting it again: killed by SIGKILL"]


def test_a_node_that_is_killed_comes_back_in_the_process_in_reserve_and_the_next_one_has_another(run, monkeypatch):
    monkeypatch.setattr("duopose.stream.processes.spare.AFTER", 0.0)
    reserve = []

    def kill(supervisor):
        reserve.append(supervisor.spare.child.pid)
        send("detection", signal.SIGKILL)(supervisor)

    def back_in_it(supervisor):
        return supervisor.processes["detection"].child.pid == reserve[-1] and supervisor.processes["detection"].running

    there = lambda supervisor: supervisor.spare.child is not None  # noqa: E731
    steps = [(handled("recorder", 20), lambda supervisor: None), (there, kill), (back_in_it, lambda supervisor: None)]
    steps += [(there, kill), (back_in_it, lambda supervisor: None), (handles_more("recorder", 20), interrupt)]
    outcome = run(NODES, *steps, total=ENDLESS, camera_fps=100, spare=("tests.toy.worker",))
    assert outcome.code == 0
    assert reserve[0] != reserve[1]
    assert outcome.reports["detection"].restarts == 2


def test_a_node_that_hangs_is_started_again(run):
    nodes = (SOURCE, WORKER._replace(stall=1.0), SINK)
    steps = [
        (handled("recorder", 20), send("detection", signal.SIGSTOP)),
        (back("detection"), lambda supervisor: None),
        (handles_more("recorder", 20), interrupt),
    ]
    outcome = run(nodes, *steps, total=ENDLESS, camera_fps=100)
    assert outcome.code == 0
    assert run.said == ["detection failed, starting it again: no sign of life for 1 s"]


def test_a_pause_of_everybody_is_no_nodes_death(run):
    """As on a laptop that sleeps: the supervisor, which is stopped in `pause`, and all nodes."""

    def pause(supervisor):
        children = [process.child for process in supervisor.processes.values()]
        for child in children:
            child.send_signal(signal.SIGSTOP)
        time.sleep(1.5)
        for child in children:
            child.send_signal(signal.SIGCONT)

    nodes = [node._replace(stall=1.0) for node in NODES]
    steps = [(handled("recorder", 20), pause), (handles_more("recorder", 20), interrupt)]
    outcome = run(nodes, *steps, total=ENDLESS, camera_fps=100)
    assert outcome.code == 0
    assert run.said == []
    assert sum(report.restarts for report in outcome.reports.values()) == 0


def test_a_node_that_fails_again_and_again_ends_the_run_with_its_name_and_error(run):
    outcome = run((SOURCE, WORKER._replace(module="tests.toy.bad"), SINK))
    assert outcome.code == 1
    first, *rest = outcome.message.splitlines()
    assert first.startswith("detection failed 3 times in ")
    assert "ValueError: no good: frame " in first
    assert "(bad.py:6)" in first
    assert any("Traceback" in line for line in rest)


def test_what_the_user_has_to_mend_is_one_line_and_code_2(run):
    outcome = run((SOURCE._replace(module="tests.toy.refusing"), WORKER, SINK), source="clip.mp4")
    assert (outcome.code, outcome.message) == (2, "clip.mp4: no such file")
    assert run.said == []


def test_a_window_stays_after_the_last_frame_and_ends_the_run_when_it_is_closed(run, tmp_path):
    start = time.monotonic()
    outcome = run((*NODES, window("window")), total=300, camera_fps=100, lookahead=1)
    assert outcome.code == 0
    assert time.monotonic() - start > 1
    assert recorded(tmp_path) == list(range(300))


def test_a_window_that_breaks_is_done_without(run, tmp_path):
    steps = [(lambda supervisor: run.said, lambda supervisor: None), (handled("recorder", 20), interrupt)]
    outcome = run((*NODES, window("broken_window")), *steps, total=ENDLESS, camera_fps=100)
    assert outcome.code == 0
    assert recorded(tmp_path) == list(range(len(recorded(tmp_path))))
    assert len(run.said) == 1
    assert run.said[0].startswith("viewer failed, going on without it: OSError: no display")


FOLLOWER = """
import sys
from duopose.stream.subscribe import subscribe
for boxes in subscribe("boxes", sys.argv[1]):
    print(boxes.frame.number, flush=True)
"""


def test_another_program_that_subscribes_is_sent_every_frame_from_then_on(run, tmp_path):
    children, seen = [], tmp_path / "seen"

    def follow(supervisor):
        command = [sys.executable, "-c", FOLLOWER, str(supervisor.folder.path)]
        with seen.open("w") as file:
            children.append(subprocess.Popen(command, cwd=ROOT, stdout=file))

    start = (lambda supervisor: supervisor.going, follow)
    end = (lambda supervisor: len(seen.read_text().splitlines()) > 10, interrupt)
    run(NODES, start, end, total=ENDLESS, camera_fps=100)
    assert children[0].wait(LONG) == 0
    numbers = [int(line) for line in seen.read_text().splitlines()]
    assert numbers == list(range(numbers[0], recorded(tmp_path)[-1] + 1))


def test_nothing_to_subscribe_to_is_said(monkeypatch, tmp_path):
    monkeypatch.setattr("duopose.stream.processes.run_folder.places", lambda: [tmp_path])
    with pytest.raises(LookupError, match="no pipeline is running that publishes 'scene': start duopose first"):
        next(subscribe("scene"))
    folder = RunFolder(tmp_path)
    Path(endpoint(folder.path, "fusion").removeprefix("ipc://")).touch()
    with pytest.raises(LookupError, match="publishes 'regions': start duopose --also regions first"):
        next(subscribe("regions"))
    assert newest("scene", GRAPH) == folder.path
    folder.remove()


def test_a_topic_that_there_is_not_is_said():
    with pytest.raises(LookupError, match=r"no topic is called 'sceen'; there are: frame, boxes, "):
        next(subscribe("sceen"))


@pytest.fixture
def program(tmp_path):
    """program(name, total, fps) starts a run that writes into tmp_path/name -> process, run folder, nodes' pids."""
    started = []

    def program(name="a", total=ENDLESS, fps=100):
        (tmp_path / name).mkdir()
        command = [sys.executable, "-m", "tests.toy.run", tmp_path, tmp_path / name / "record", str(total), str(fps)]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        started.append(process)
        folder, *pids = process.stdout.readline().split()
        started.extend(map(int, pids))
        until(lambda: (tmp_path / name / "record").exists())
        return process, Path(folder), [int(pid) for pid in pids]

    yield program
    for process in started:
        if isinstance(process, subprocess.Popen):
            process.kill()
            process.communicate()
        elif alive(process):
            os.kill(process, signal.SIGKILL)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_the_run_in_order(program, tmp_path, number):
    process, folder, pids = program()
    until(lambda: len(recorded(tmp_path / "a")) > 10)
    process.send_signal(number)
    _, errors = process.communicate(timeout=LONG)
    assert (process.returncode, errors) == (0, "")
    assert not folder.exists()
    assert not any(map(alive, pids))
    numbers = recorded(tmp_path / "a")
    assert numbers == list(range(len(numbers)))


@pytest.mark.parametrize("stopped", [None, 1])
def test_no_process_and_no_folder_is_left_when_the_supervisor_is_killed(program, stopped):
    process, folder, pids = program()
    if stopped is not None:
        os.kill(pids[stopped], signal.SIGSTOP)
    process.kill()
    process.wait()
    until(lambda: not any(map(alive, pids)))
    assert not folder.exists()


def test_two_runs_side_by_side_do_not_meet(program, tmp_path):
    one, one_folder, _ = program("one", total=60)
    two, two_folder, _ = program("two", total=60)
    assert one_folder != two_folder
    assert set(running(tmp_path)) <= {one_folder, two_folder}
    for process, name in ((one, "one"), (two, "two")):
        assert process.wait(timeout=LONG) == 0
        assert recorded(tmp_path / name) == list(range(60))
