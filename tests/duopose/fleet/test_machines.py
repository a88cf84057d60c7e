"""A fleet on two machines of Ray's: a pipeline is killed, then a machine. `make fleet` runs it, in its own network.

Both machines are this one, by two of its loopback addresses. The cameras are records that are played at their own pace:
real runs, but for the networks, which three cameras would need more cores for.
"""

import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

import pytest

from duopose.benchmarks.parts.live_run import processes_of_session, run_folder_of
from duopose.fleet import status
from duopose.fleet.cluster import TUNED
from duopose.stream.network import keys
from duopose.stream.network.remote import Remote
from tests.chaos.helpers import in_time
from tests.duopose.fleet.records import write_cameras, write_record
from tests.places import ROOT

pytestmark = pytest.mark.slow

CAMERAS = ("door", "hall", "yard")
RATE, SECONDS = 5, 900  # frames a second and length of each record: longer than the test
READY = "will now block"  # what `ray start --block` says when its machine is there
TRIES = 3
START = 300.0  # s for everything to be there at first, on a machine with other work
BACK = 30.0  # s for all cameras to be back


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def command_of(pid):
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    return ""


class Machine:
    """`ray start` in a session of its own, so that it can be killed as a machine dies: everything at once."""

    def __init__(self, name, words, environment, folder):
        self.command = [str(Path(sys.executable).with_name("ray")), "start", "--block", "--num-cpus=3", *words]
        self.environment, self.said = environment, folder / f"{name}.txt"
        if not any(self.started() for _ in range(TRIES)):
            pytest.fail(self.said.read_text())

    def started(self):
        """Whether it is there now; Ray gives up after 30 s, which is little where other work keeps the cores busy."""
        with open(self.said, "wb") as said:
            self.process = subprocess.Popen(
                self.command, stdout=said, stderr=said, stdin=subprocess.DEVNULL, env=self.environment,
                start_new_session=True,
            )  # fmt: skip
        while self.process.poll() is None:
            if READY in self.said.read_text():
                return True
            time.sleep(0.1)
        self.kill()
        return False

    def pids(self):
        return processes_of_session(self.process.pid)

    def runs(self):
        """Processes of cameras' runs."""
        return [pid for pid in self.pids() if "duopose.fleet.child" in command_of(pid)]

    def pipelines(self):
        return [pid for pid in self.pids() if command_of(pid).startswith("ray::Pipeline")]

    def kill(self):
        while pids := self.pids():
            for pid in pids:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.01)
        self.process.wait()


class Fleet:
    """The cluster, the head, and somebody who follows it from outside."""

    def __init__(self, folder):
        self.folder = folder
        self.machines, self.seen, self.states = [], defaultdict(list), []
        (folder / "tmp").mkdir()
        (folder / "token").write_text(secrets.token_hex(32))
        self.environment = os.environ | TUNED | {
            "RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN_PATH": str(folder / "token"), "TMPDIR": str(folder / "tmp"),
            "RAY_USAGE_STATS_ENABLED": "0", "PYTHONPATH": str(ROOT),
        }  # fmt: skip
        self.address, self.listen = f"127.0.0.1:{free_port()}", f"tcp://127.0.0.1:{free_port()}"
        port = self.address.rpartition(":")[2]
        self.machine("head", "--head", "--node-ip-address=127.0.0.1", f"--port={port}", "--include-dashboard=false",
                     f"--temp-dir={folder}/ray")  # fmt: skip
        self.machine("other", f"--address={self.address}", "--node-ip-address=127.0.0.2")
        keys.make(folder / "keys")
        self.key = keys.add(folder / "keys", "laptop")
        self.file = folder / "cameras.toml"
        for name in (*CAMERAS, "lane"):
            write_record(folder / f"{name}.jsonl", RATE * SECONDS, RATE)
        write_cameras(self.file, {name: f"{name}.jsonl" for name in CAMERAS})

    def machine(self, name, *words):
        self.machines.append(Machine(name, words, self.environment, self.folder))

    def start(self):
        words = [str(self.file), "--ray", self.address, "--cameras-per-pipeline=1", "--listen", self.listen,
                 "--keys", str(self.folder / "keys")]  # fmt: skip
        with open(self.folder / "said.txt", "wb") as said:
            self.head = subprocess.Popen(
                [sys.executable, "-m", "duopose", "fleet", *words],
                stderr=said, stdout=said, env=self.environment, cwd=ROOT, start_new_session=True,
            )  # fmt: skip
        self.following = True
        self.thread = threading.Thread(target=self.follow, daemon=True)
        self.thread.start()

    def follow(self):
        while self.following:
            with contextlib.suppress(ConnectionError), Remote(self.listen, ["scene"], self.key) as remote:
                while self.following and not remote.ended:
                    for _, scene in remote.poll(0.1):
                        self.seen[scene.frame.camera_name].append((time.monotonic(), scene.frame, scene.ids.tolist()))

    def said(self):
        return (self.folder / "said.txt").read_text()

    def until(self, condition, most):
        """s until it holds. AssertionError after `most` s."""
        begun = time.monotonic()
        while not condition():
            assert time.monotonic() - begun < most, self.said() if hasattr(self, "head") else "Ray does not start"
            time.sleep(0.05)
        return time.monotonic() - begun

    def rows(self):
        with contextlib.suppress(Exception):
            return {row.camera: row for row in status.read(self.head_folder().parent).rows}
        return {}

    def head_folder(self):
        return run_folder_of(self.head.pid)

    def all_back(self, since, cameras=CAMERAS):
        """Whether each camera has given a scene of a run that goes on, after `since`; what the status says is kept."""
        self.states.append((time.monotonic(), {name: row.state for name, row in self.rows().items()}))
        rows = self.states[-1][1]
        return all(
            self.seen[name] and self.seen[name][-1][0] > since and rows.get(name) == "running" for name in cameras
        )


@pytest.fixture
def fleet():
    pytest.importorskip("ray", reason="make fleet installs Ray")
    folder = Path(tempfile.mkdtemp(prefix="fleet"))  # pytest's own is too long for Ray's sockets
    fleet = Fleet(folder)
    yield fleet
    fleet.following = False
    if hasattr(fleet, "head"):
        fleet.head.kill()
        fleet.head.wait()
    for machine in fleet.machines:
        machine.kill()
    shutil.rmtree(folder)


def test_cameras_of_a_pipeline_or_a_machine_that_is_killed_go_on_elsewhere(fleet):
    head, other = fleet.machines
    fleet.start()
    print(f"all cameras there after {fleet.until(lambda: fleet.all_back(0), START):.1f} s")

    # A pipeline dies. Its run goes with it, and the camera comes back.
    victim = (other.pipelines() or head.pipelines())[0]
    folders = {run_folder_of(pid) for machine in fleet.machines for pid in machine.runs()}
    killed_at = time.monotonic()
    os.kill(victim, signal.SIGKILL)
    fleet.until(lambda: any(row.restarts for row in fleet.rows().values()), START)
    fleet.until(lambda: fleet.all_back(time.monotonic() - 1), START)
    back = max(first_after_gap(fleet.seen[name], killed_at) for name in CAMERAS) - killed_at
    print(f"a killed pipeline: all cameras back after {back:.1f} s")
    assert in_time(back, BACK), fleet.said()

    # A machine dies.
    on_other = len(other.pipelines())
    assert on_other
    folders |= {run_folder_of(pid) for machine in fleet.machines for pid in machine.runs()}
    killed_at = time.monotonic()
    fleet.states.clear()
    other.kill()
    fleet.until(lambda: sum("lost since" in state for state in states(fleet)) == on_other, START)
    fleet.until(lambda: fleet.all_back(time.monotonic() - 1), START)
    back = max(first_after_gap(fleet.seen[name], killed_at) for name in CAMERAS) - killed_at
    print(f"a killed machine with {on_other} cameras: all cameras back after {back:.1f} s")
    assert in_time(back, BACK), fleet.said()

    # The file changes: one camera has another name, one is new, one is gone, and nobody else notices.
    restarts = {name: row.restarts for name, row in fleet.rows().items()}
    write_cameras(fleet.file, {"front": "door.jsonl", "yard": "yard.jsonl", "lane": "lane.jsonl"})
    fleet.head.send_signal(signal.SIGHUP)
    cameras = ("front", "yard", "lane")
    fleet.until(lambda: fleet.all_back(time.monotonic() - 1, cameras) and set(fleet.rows()) == set(cameras), START)
    assert {"front": restarts["door"], "yard": restarts["yard"]}.items() <= {
        name: row.restarts for name, row in fleet.rows().items()
    }.items()
    assert "the file was read again: removed hall; added lane; door is now front" in fleet.said()
    fleet.file.write_text("[camera.door]\n")
    fleet.head.send_signal(signal.SIGHUP)
    fleet.until(
        lambda: "[camera.door] has no source: a webcam, stream or file; the cameras go on as before" in fleet.said(),
        START,
    )

    for name, scenes in fleet.seen.items():
        numbers = [frame.number for _, frame, _ in scenes]
        assert numbers == sorted(set(numbers)), name
        stamps = [frame.stamp for _, frame, _ in scenes]
        assert stamps == sorted(stamps), name

    # The end leaves nothing.
    folders |= {run_folder_of(pid) for pid in head.runs()} | {fleet.head_folder()}
    assert None not in folders
    begun = time.monotonic()
    fleet.head.send_signal(signal.SIGINT)
    assert fleet.head.wait(60) == 0, fleet.said()
    print(f"the end took {time.monotonic() - begun:.1f} s")
    print(fleet.said())
    fleet.until(lambda: not head.pipelines(), 30)
    assert head.runs() == []
    assert processes_of_session(fleet.head.pid) == []
    assert [folder for folder in folders if folder.exists()] == []
    assert list((fleet.folder / "tmp").iterdir()) == []


def first_after_gap(scenes, since):
    """s when scenes came again after the longest pause since then; `since` where there was none longer than 1 s."""
    times = [since, *(at for at, *_ in scenes if at > since)]
    gap, end = max((late - early, late) for early, late in pairwise(times))
    return end if gap > 1 else since


def states(fleet):
    return [row.state for row in fleet.rows().values()]
