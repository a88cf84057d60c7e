"""Everything is killed at a random moment while it records: what was recorded stays.

DUOPOSE_KILLS   how many kills (default 20; a kill takes some 10 s)
DUOPOSE_SEED    of the moments (default: another one each time; it is printed)
"""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import av
import cv2
import pytest

from duopose.benchmarks import clips
from duopose.nodes.capture.sources import DEMO
from duopose.stream.record.reading import frames
from tests.places import ROOT
from tests.waiting import until

KILLS = int(os.environ.get("DUOPOSE_KILLS", "20"))
SEED = int(os.environ.get("DUOPOSE_SEED", random.SystemRandom().randrange(10**6)))
RATE = 15  # frames a second of the clip, which plays at its own pace
LONGEST = 6.0  # s from the first line of the record to a kill


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    path = str(tmp_path_factory.mktemp("clip") / "clip.mp4")
    clips.write(path, clips.there_and_back(clips.pictures(DEMO), 40 * RATE), RATE)
    return path


def nodes_of(pid):
    """The processes that the command has started."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def kill_all(program):
    """SIGKILL for the command and all its nodes, in any order."""
    pids = [program.pid, *nodes_of(program.pid)]
    random.shuffle(pids)
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:  # it went with the command
            continue
    program.wait()
    until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids))


def played(path):
    """s, until when the last frame is shown, and how many OpenCV shows; None, 0 for a file without."""
    if not path.exists() or not path.stat().st_size:
        return None, 0
    with av.open(str(path)) as container:
        ends = [float((frame.pts + frame.duration) * frame.time_base) for frame in container.decode(video=0)]
    last = max(ends, default=None)
    reader, shown = cv2.VideoCapture(str(path)), 0
    while reader.read()[0]:
        shown += 1
    return last, shown


@pytest.mark.slow
def test_what_was_recorded_outlives_every_kill(clip, tmp_path, capsys):
    chance = random.Random(SEED)
    random.seed(SEED)
    with capsys.disabled():
        print(f"\nDUOPOSE_SEED={SEED}")
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    record, before, whole, worst = tmp_path / "record.jsonl", b"", 0, 0.0
    for kill in range(KILLS):
        seen = tmp_path / f"seen-{kill}.mp4"
        command = [sys.executable, "-m", "duopose", clip, "--headless", "--realtime"]
        outputs = ["--record", record, "--save-video", seen]
        environment = os.environ | {"TMPDIR": str(temporary)}
        program = subprocess.Popen([*command, *outputs], cwd=ROOT, stderr=subprocess.DEVNULL, env=environment)
        moment = chance.uniform(-1.0, LONGEST)  # below 0: while it starts
        if moment < 0:
            time.sleep(1 - moment)
        else:
            size = len(before)
            until(lambda size=size: record.exists() and record.stat().st_size > size)
            time.sleep(moment)
        kill_all(program)

        after = record.read_bytes() if record.exists() else b""
        assert after.startswith(before), f"kill {kill}: an old record was changed"
        begun, before = before.count(b"\n"), after
        every = list(frames(record)) if record.exists() else []
        whole, torn = len(every), after.count(b'\n{"frame"') - len(every)
        assert torn <= kill + 1
        if found := [line["stamp"] for number, line in every if number > begun]:
            last, shown = played(seen)
            late = found[-1] - found[0] - (last or 0.0)
            worst = max(worst, late)
            assert late < 1, f"kill {kill} after {moment:.2f} s: the video ends {late:.2f} s before the kill"
            assert shown or last is None
    with capsys.disabled():
        print(f"{KILLS} kills: {whole} lines, all readable; videos end at most {worst:.2f} s before the kill")
    assert list(temporary.iterdir()) == []
