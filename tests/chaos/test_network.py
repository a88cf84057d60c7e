"""Nobody is told anything: no program opens a socket but those of its run, and on loopback those that were asked for.

strace sees every socket of every process that a program starts.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time

import pytest

from duopose.benchmarks import clips
from duopose.benchmarks.parts.live_run import children, processes_of_session
from duopose.nodes.capture.sources import DEMO
from tests import rtsp
from tests.chaos.helpers import write_stream
from tests.duopose.test_programs import COMMANDS, PROGRAMS
from tests.places import ROOT
from tests.waiting import LONG, until

CALLS = "trace=socket,connect,bind,sendto,sendmsg,sendmmsg"
FAMILY = re.compile(r"socket\((AF_\w+)")
UNIX = re.compile(r'sa_family=AF_UNIX, sun_path=(@?"[^"]*")')
OTHER = re.compile(r"sa_family=(AF_(?!UNIX|UNSPEC|NETLINK)\w+)[^}]*")
WITH_TCP = ("AF_UNIX", "AF_INET", "AF_NETLINK")  # NETLINK: the kernel is asked which addresses this machine has
# Sockets of a run; and that of the C library, which asks a daemon of this machine what the user is called.
OURS = re.compile(r'"/[^"]*/duopose-[0-9]+-[^/"]+/\w+\.ipc"|"/var/run/nscd/socket"')
TRACED = 600.0  # s: what is traced is slow
DUOPOSE = (sys.executable, "-m", "duopose")


def can_trace():
    if not shutil.which("strace"):
        return False
    return subprocess.run(["strace", "-f", "-qq", "-e", CALLS, "true"], capture_output=True).returncode == 0


pytestmark = pytest.mark.skipif(not can_trace(), reason="no strace that may trace")


@pytest.fixture
def traced(tmp_path):
    """traced(*words, ports=...): the program runs to its end -> what it did that nobody asked for, a line each.

    ports     on loopback that it may use
    end_when  it is ended by Ctrl-C when this file holds something
    """

    def traced(*words, ports=(), end_when=None):
        log = tmp_path / "network.txt"
        command = ["strace", "-f", "--seccomp-bpf", "-qq", "-e", CALLS, "-o", log, *words]
        with (tmp_path / "said.txt").open("w+") as said:
            program = subprocess.Popen(
                command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=said, start_new_session=True
            )  # fmt: skip
            try:
                while end_when and program.poll() is None and not (end_when.exists() and end_when.stat().st_size):
                    time.sleep(0.1)
                for child in children(program.pid) if end_when else ():
                    time.sleep(2)
                    os.kill(child, signal.SIGINT)
                assert program.wait(TRACED) == 0, (tmp_path / "said.txt").read_text()
            finally:
                for pid in processes_of_session(program.pid):  # without strace, the others would go on
                    os.kill(pid, signal.SIGKILL)
                program.wait()
        return unasked(log.read_text(), ports)

    return traced


def unasked(log, ports):
    """Lines of strace's log about sockets that are neither of a run nor on loopback at one of these ports."""
    found = set()
    for line in log.splitlines():
        if (family := FAMILY.search(line)) and family[1] not in (("AF_UNIX",) if not ports else WITH_TCP):
            found.add(line.split(maxsplit=1)[1])
        found |= {path for path in UNIX.findall(line) if not OURS.fullmatch(path)}
        for other in OTHER.finditer(line):
            port = re.search(r"sin6?_port=htons\((\d+)\)", other[0])
            near = 'inet_addr("127.0.0.1")' in other[0]
            if not (near and port and int(port[1]) in ports):
                found.add(other[0])
    return found


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.fixture
def clip(tmp_path):
    clips.write(tmp_path / "clip.mp4", clips.pictures(DEMO)[20:26], 12.5)
    return tmp_path / "clip.mp4"


def test_what_tells_somebody_is_seen(traced):
    asks = "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(('192.0.2.1', 53))"
    assert len(traced(sys.executable, "-c", asks)) == 2
    opens = "import socket; socket.socket(socket.AF_UNIX).connect_ex('/tmp/of-others')"
    assert traced(sys.executable, "-c", opens) == {'"/tmp/of-others"'}


def test_a_run_talks_to_itself_alone(traced, clip, tmp_path):
    assert traced(*DUOPOSE, clip, "--headless", "--record", tmp_path / "record.jsonl") == set()


@pytest.mark.slow
def test_what_was_asked_for_is_all_there_is(traced, clip, tmp_path):
    """A stream, its metrics, someone who follows it, and a session that is replayed."""
    listen, metrics = free_port(), free_port()
    record, saved = tmp_path / "record.jsonl", tmp_path / "saved.mcap"
    stream = write_stream(tmp_path / "camera.h264")

    with rtsp.camera(stream, 8) as url:
        camera = int(url.split(":")[2].split("/")[0])
        options = ["--listen", f"tcp://127.0.0.1:{listen}", "--insecure", "--metrics", str(metrics), "--record", record]
        words = [*DUOPOSE, url, "--headless", *options, "--session", saved]
        assert traced(*words, ports={listen, metrics, camera}, end_when=record) == set()
    assert traced(*DUOPOSE, "replay", saved, "--headless") == set()
    assert traced(*DUOPOSE, "replay", record, "--headless") == set()
    assert traced(*DUOPOSE, "keys", tmp_path / "keys", "--add", "laptop") == set()
    assert traced(*DUOPOSE, "draw", record, "--out", tmp_path / "scene.png") == set()


@pytest.mark.slow
def test_who_follows_from_afar_talks_to_that_run_alone(traced, tmp_path):
    port = free_port()
    address = f"tcp://127.0.0.1:{port}"
    clips.write(tmp_path / "clip.mp4", clips.there_and_back(clips.pictures(DEMO), 600), 15)
    run = subprocess.Popen(
        [*DUOPOSE, tmp_path / "clip.mp4", "--headless", "--realtime", "--listen", address, "--insecure"], cwd=ROOT,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    with socket.socket() as door:
        until(lambda: door.connect_ex(("127.0.0.1", port)) == 0)
    assert traced(*DUOPOSE, "view", address, "--headless", ports={port}) == set()
    assert run.wait(LONG) == 0


@pytest.mark.slow
@pytest.mark.parametrize("program", ["", *COMMANDS, *PROGRAMS])
def test_help_tells_nobody_else(traced, program):
    assert traced(*DUOPOSE, *program.split(), "--help") == set()


@pytest.mark.slow
@pytest.mark.parametrize(
    "small", ["training/test_lifting", "training/test_integration", "evaluation/test_people2d", "evaluation/test_gt3d"]
)
def test_a_small_training_and_a_small_evaluation_tell_nobody(traced, small):
    """Those of the tests: the real programs on little data."""
    assert traced(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"tests/{small}.py") == set()


@pytest.mark.slow
def test_a_benchmark_tells_nobody(traced):
    assert traced(*DUOPOSE, "bench", "kernels") == set()
