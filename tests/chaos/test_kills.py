"""Everything is killed at a random moment while it records: what was recorded stays."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import av
import cv2
import pytest

from duopose.benchmarks import clips
from duopose.benchmarks.parts.live_run import children
from duopose.nodes.capture.sources import DEMO
from duopose.stream.record.reading import frames
from tests.pictures import video
from tests.places import ROOT
from tests.waiting import until

RATE = 15  # frames a second of the clip, which plays at its own pace
LONGEST = 6.0  # s from the first line of the record to a kill
LATE = 1.0  # s before the kill, at most, at which a video ends


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    path = str(tmp_path_factory.mktemp("clip") / "clip.mp4")
    clips.write(path, clips.there_and_back(clips.pictures(DEMO), 40 * RATE), RATE)
    return path


def kill_all(program, chance):
    """SIGKILL for the command and all its nodes, in any order."""
    pids = [program.pid, *children(program.pid)]
    chance.shuffle(pids)
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


def kill_again_and_again(kills, command, folder, chance, longest=LONGEST):
    """command(record, video) -> words. The same record all along, a video for each life."""
    temporary = folder / "temporary"
    temporary.mkdir()
    record, before, whole, worst = folder / "record.jsonl", b"", 0, 0.0
    for kill in range(kills):
        seen = folder / f"seen-{kill}.mp4"
        environment = os.environ | {"TMPDIR": str(temporary)}
        words = [sys.executable, "-m", *map(str, command(record, seen))]
        program = subprocess.Popen(words, cwd=ROOT, stderr=subprocess.DEVNULL, env=environment)
        moment = chance.uniform(-0.15 * longest, longest)  # below 0: while it starts
        if moment < 0:
            time.sleep(0.2 - moment)
        else:
            size = len(before)
            until(lambda size=size: record.exists() and record.stat().st_size > size)
            time.sleep(moment)
        kill_all(program, chance)

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
            assert late < LATE, f"kill {kill} after {moment:.2f} s: the video ends {late:.2f} s before the kill"
            assert shown or last is None
    print(f"{kills} kills: {whole} lines, all readable; videos end at most {worst:.2f} s before the kill")
    assert list(temporary.iterdir()) == []


@pytest.mark.slow
def test_what_was_recorded_outlives_kills_of_the_whole_command(clip, tmp_path, chance):
    def command(record, video):
        return "duopose", clip, "--headless", "--realtime", "--record", record, "--save-video", video

    kill_again_and_again(15, command, tmp_path, chance)


@pytest.mark.parametrize("kills", [3, pytest.param(100, marks=pytest.mark.slow)])
def test_what_was_recorded_outlives_kills_of_a_run_with_a_toy_for_networks(tmp_path, chance, kills):
    clip = video(tmp_path / "clip.mp4", frames=20 * RATE, rate=RATE)
    kill_again_and_again(kills, lambda record, seen: ("tests.toy.film", clip, record, seen), tmp_path, chance, 1.0)
