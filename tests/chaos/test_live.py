"""Nodes die and stop, the camera goes, listeners misbehave, files vanish: a live run gets over each of it."""

import random
import re
import subprocess

import pytest

from duopose.benchmarks.parts import faults
from duopose.benchmarks.parts.faults import PIPELINE, Stage, recover
from duopose.benchmarks.parts.live_run import LiveRun
from tests.chaos.helpers import BACK, RESERVE, SOURCE, in_time, serving, write_stream

SHORT = [
    faults.kill("top_down"),  # who gives identities
    faults.stop("detection"),
    faults.camera_killed(0.5),
    faults.nonsense(300),
    faults.pause(12),
]
LONG = [
    *map(faults.kill, PIPELINE),
    *map(faults.stop, PIPELINE),
    *map(faults.hang, PIPELINE),
    faults.camera_frozen(1.0),
    faults.camera_frozen(6.0),
    faults.camera_killed(6.0),
    faults.camera_slow(6.0),
    faults.folder_gone(5.0),
    faults.disk_full(5.0),
    faults.idle_listeners(10.0),
    faults.nonsense(3000),
    faults.pause(1.0),
    faults.pause(60),
]


@pytest.fixture(scope="module")
def disk(tmp_path_factory):
    """A folder for the record, on a small disk of its own where mounting is allowed -> folder, whether it is."""
    parent = tmp_path_factory.mktemp("outputs")
    mounted = not subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m", "duopose-test", str(parent)], capture_output=True
    ).returncode
    (parent / "here").mkdir()
    yield parent / "here", mounted
    if mounted:
        subprocess.run(["umount", str(parent)], check=True)


@pytest.fixture(scope="module")
def stage(disk, tmp_path_factory, request):
    """A run that goes on through all tests of this file; at its end nothing of it may be left."""
    folder = tmp_path_factory.mktemp("live")
    chance = random.Random(request.config.getoption("chaos_seed"))
    with serving(write_stream(folder / "camera.h264")) as server:
        run = LiveRun(server.url, "--record", disk[0] / "record.jsonl", "--rotate", "2MB", folder=folder)
        try:
            run.start()
            yield Stage(run, server, chance, disk[0])
            assert run.end() == 0, run.said()
            assert run.left() == []
            assert "Traceback" not in run.said()
        finally:
            run.kill()


def survive(stage, fault):
    stage.run.wait(lambda: "spare" in stage.run.nodes(), RESERVE)
    recovery = recover(stage, fault)
    limit = BACK + (SOURCE if fault.source else 0.0)
    print(f"{fault.name}: poses are back after {recovery.seconds} s")
    assert in_time(recovery.seconds, limit), f"{recovery}, at most {limit} s: {stage.run.said()}"
    crowded_out = re.search("pace: (half|third of) people", stage.run.said())  # the machine has no time for everyone
    assert recovery.renamed == {} or crowded_out, f"{recovery}: {stage.run.said()}"
    assert len(stage.run.pids()) <= len(PIPELINE) + 2  # the command, and the process in reserve
    assert len(list(stage.run.folder.glob("*.ring"))) <= 2


@pytest.mark.parametrize("fault", SHORT, ids=lambda fault: fault.name)
def test_a_run_gets_over(stage, fault):
    survive(stage, fault)


@pytest.mark.slow
def test_a_run_gets_over_everything_in_any_order(stage, disk):
    todo = [fault for fault in LONG if disk[1] or not fault.name.startswith("disk")]
    for fault in stage.chance.sample(todo, len(todo)):
        for kept in sorted(stage.outputs.glob("record-*.jsonl"))[:-1]:  # the disk is small
            kept.unlink()
        survive(stage, fault)
