"""However a run is cut short: a quiet end, its outputs finished, and nothing left of it."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pytest

from duopose.benchmarks import clips
from duopose.benchmarks.parts.live_run import folders, processes_of_session
from duopose.command import NOT_READ
from duopose.nodes.capture.sources import DEMO
from duopose.stream.processes.run_folder import running
from duopose.stream.record.reading import frames
from tests.duopose.exporting.recorded import RATE, walker, write_record
from tests.places import ROOT
from tests.waiting import LONG

COMMAND = [sys.executable, "-m", "duopose"]


@pytest.fixture
def environment():
    """Of a program whose temporary files can be told from those of others, in a folder of a short name."""
    with tempfile.TemporaryDirectory() as temporary:
        yield os.environ | {"TMPDIR": temporary}


@pytest.fixture
def leaves_nothing(environment):
    """leaves_nothing(process): it has ended, and no child, run folder or temporary file of it is there any more.

    The process is the leader of its session. Other runs may go on beside it.
    """
    before = folders()

    def leaves_nothing(process):
        assert processes_of_session(process.pid) == []
        assert set(folders()) - set(before) - set(running()) == set()
        assert os.listdir(environment["TMPDIR"]) == []

    return leaves_nothing


def start(*arguments, **how):
    return subprocess.Popen(
        [*COMMAND, *arguments], cwd=ROOT, stderr=subprocess.PIPE, text=True, start_new_session=True, **how
    )  # fmt: skip


@pytest.mark.parametrize(("pause", "times"), [(0.1, 2), (0.6, 1), (1.2, 2), (2.5, 1), (4.0, 2)])
def test_ctrl_c_ends_a_run_quietly_at_any_moment(environment, leaves_nothing, pause, times):
    """While it loads, checks, starts its nodes, and at work; the terminal sends it to the whole group."""
    process = start("demo", "--headless", "--realtime", stdout=subprocess.DEVNULL, env=environment)
    time.sleep(pause)
    for _ in range(times):
        os.killpg(process.pid, signal.SIGINT)
        time.sleep(0.05)
    said = process.communicate(timeout=LONG)[1]
    # Before its first line Python itself has no better answer than KeyboardInterrupt.
    assert (process.returncode, said) == (0, "") or pause == 0.1
    leaves_nothing(process)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_run_that_compiles_its_kernels_is_ended_with_the_process_that_does_it(
    environment, leaves_nothing, tmp_path, number
):
    environment = environment | {"NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    process = start("demo", "--headless", stdout=subprocess.DEVNULL, env=environment)
    assert "compiling the kernels" in process.stderr.readline()
    time.sleep(0.5)
    process.send_signal(number)
    said = process.communicate(timeout=LONG)[1]
    assert (process.returncode, said) == (0, "")
    leaves_nothing(process)


@pytest.mark.parametrize("lost", ["pipe", "full"])
def test_a_report_that_can_not_be_written_costs_no_output(environment, leaves_nothing, tmp_path, lost):
    """`duopose ... | head -0` and `duopose ... > /dev/full`, of a record, which needs no networks."""
    walk, record, stats = (str(tmp_path / name) for name in ("walk.jsonl", "record.jsonl", "stats.json"))
    write_record(walk, {1: (0, walker(np.arange(4) / RATE), ())}, 4)
    outputs = "--headless", "--record", record, "--stats", stats
    process = start("replay", walk, *outputs, stdout=unwritable(lost), env=environment)
    said = process.communicate(timeout=LONG)[1]
    assert (process.returncode, said) == END[lost]
    assert len(list(frames(record))) == 4
    assert json.loads(Path(stats).read_text())["frames_processed"] == 4
    leaves_nothing(process)


END = {
    "pipe": (NOT_READ, ""),
    "full": (1, "duopose replay: can't write what was found: No space left on device\n"),
}


def unwritable(lost):
    """A standard output on a full disk, or one whose reader has gone."""
    if lost == "full":
        return os.open("/dev/full", os.O_WRONLY)
    reading, writing = os.pipe()
    os.close(reading)
    return writing


@pytest.mark.parametrize("words", [["--help"], ["evaluate", "--help"]])
@pytest.mark.parametrize("lost", ["pipe", "full"])
def test_help_that_can_not_be_written_is_no_traceback(words, lost):
    buffered = os.environ | {"PYTHONUNBUFFERED": ""}  # as Python is by itself; else argparse hides what goes wrong
    process = start(*words, stdout=unwritable(lost), env=buffered)
    said = process.communicate(timeout=LONG)[1]
    assert process.returncode == END[lost][0]
    assert said.count("\n") == END[lost][1].count("\n")


def test_closed_standard_streams_are_no_files_of_ours(tmp_path):
    command = f"{sys.executable} -m duopose nowhere.mp4 --headless <&- >&- 2>&-"
    assert subprocess.run(["sh", "-c", command], cwd=ROOT).returncode == 2


@pytest.mark.parametrize(
    "words",
    [
        "draw nowhere.jsonl --out a.png", "draw nowhere.jsonl --out a.png --size 0x0", "evaluate people2d nowhere",
        "bench end_to_end nowhere.mp4",
    ],
)  # fmt: skip
def test_what_a_sub_command_is_not_given_is_one_line(words):
    run = subprocess.run([*COMMAND, *words.split()], cwd=ROOT, capture_output=True, text=True, timeout=LONG)
    assert (run.returncode, run.stderr.count("\n")) == (2, 1), run.stderr


FULL = """
mount -t tmpfs -o size=1m none /dev/shm && mount -t tmpfs -o size={size} none {temporary} || exit 77
head -c 2m /dev/zero > /dev/shm/fill 2> {temporary}/.said
exec {python} -m duopose {clip} --headless
"""


@pytest.mark.parametrize("size", ["200m", "1m"])
def test_a_full_shared_memory_is_got_round_or_one_line(environment, tmp_path, size):
    """With room for temporary files elsewhere, and without. The demo's ring is 3 MB."""
    clip = str(tmp_path / "clip.mp4")
    clips.write(clip, clips.pictures(DEMO)[20:24], 12.5)
    temporary = environment["TMPDIR"]
    script = FULL.format(size=size, temporary=temporary, python=sys.executable, clip=clip)
    if not shutil.which("unshare"):
        pytest.skip("this system lets nobody mount")
    command = ["unshare", "--map-root-user", "--mount", "sh", "-c", script]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=LONG, env=environment)
    if run.returncode == 77 or "unshare" in run.stderr:
        pytest.skip("this system lets nobody mount")
    if size == "200m":
        assert (run.returncode, run.stderr) == (0, "")
    else:
        place = f"/dev/shm or {temporary}"
        assert run.returncode == 2
        assert run.stderr.startswith(f"duopose: no room for the run's sockets and logs in {place}: free 16 MB there.")
        assert run.stderr.count("\n") == 1
