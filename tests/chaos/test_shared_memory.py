"""/dev/shm fills up while a run goes on, and has room again: the run goes on all the time."""

import shutil
import subprocess
import sys
import tempfile

import pytest

from duopose.stream.record.reading import frames
from tests.pictures import video
from tests.places import ROOT
from tests.waiting import LONG

RATE = 25
SCRIPT = """
mount -t tmpfs -o size=24m none /dev/shm || exit 77
grows() {{  # whether the record does, within a minute
    size=$(stat -c %s {record} 2> {temporary}/.said || echo 0)
    for i in $(seq 600); do
        [ "$(stat -c %s {record} 2> {temporary}/.said || echo 0)" -gt $((size + 20000)) ] && echo grows && return
        sleep 0.1
    done
}}
{command} {clip} {record} "" &
grows
head -c 100m /dev/zero > /dev/shm/fill 2> {temporary}/.said
grows
kill -KILL $(pgrep -P $! -n)
grows
rm /dev/shm/fill
grows
kill -INT $!
wait $!
echo code $?
ls /dev/shm
"""


@pytest.mark.slow
def test_a_shared_memory_that_fills_up_costs_no_poses(tmp_path):
    """The recorder, which is the youngest process, dies while it is full, and has to get what it remembers back."""
    clip = video(tmp_path / "clip.mp4", frames=240 * RATE, rate=RATE)
    record = tmp_path / "record.jsonl"
    if not shutil.which("unshare"):
        pytest.skip("this system lets nobody mount")
    with tempfile.TemporaryDirectory() as temporary:
        script = SCRIPT.format(
            command=f"{sys.executable} -m tests.toy.film", clip=clip, record=record, temporary=temporary
        )
        command = ["unshare", "--map-root-user", "--mount", "sh", "-c", script]
        run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=LONG)
    if run.returncode == 77 or "unshare" in run.stderr:
        pytest.skip("this system lets nobody mount")
    assert run.stdout.split() == [*["grows"] * 4, "code", "0"], run.stdout + run.stderr
    assert run.stderr.split("\n")[0] == "recorder failed, starting it again: killed by SIGKILL"
    numbers = [line["frame"] for _, line in frames(record)]
    assert numbers == sorted(set(numbers))
