"""A live run as a process of its own, followed like any other program follows it: for what is done to it on purpose."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np

from duopose.kernels.boxes import iou_matrix
from duopose.nodes.tracking import GAP
from duopose.stream.processes.run_folder import places, run_folder_of
from duopose.stream.subscribe import subscribe

START = 300.0  # s that it may take until the first poses: kernels may have to be compiled
SAME = 0.5  # box IoU of one person before and after a fault, who is not expected to move far
SETTLED = 5  # scenes after a fault until its identities are compared: who is unsure at first is not


class Seen(NamedTuple):
    """A scene, as this process got it."""

    at: float  # s, time.monotonic() when it came
    read_at: float  # s, of its picture
    stamp: float  # s, media time
    latency: float  # s
    number: int
    people: dict  # {identity: box, float32 [4]}
    camera: str = ""  # its name, where the run has several


class LiveRun:
    """`duopose SOURCE --headless OPTIONS ...`

    folder  for its standard error
    """

    def __init__(self, source, *options, folder, environment=None):
        self.said_file = Path(folder, "said.txt")
        self.before = set(folders())
        command = [sys.executable, "-m", "duopose", source, "--headless", *map(str, options)]
        with self.said_file.open("a") as said:
            self.process = subprocess.Popen(
                command, stdout=subprocess.DEVNULL, stderr=said, env=environment, start_new_session=True
            )
        self.seen = []
        self.folder = None
        self.thread = threading.Thread(target=self._follow, daemon=True)
        self.thread.start()

    def _follow(self):
        while self.folder is None:
            if self.process.poll() is not None:
                return
            self.folder = run_folder_of(self.process.pid)
            time.sleep(0.05)
        for scene in subscribe("scene", self.folder):
            frame, people = scene.frame, dict(zip(scene.ids.tolist(), scene.boxes, strict=True))
            latency = scene.fused_at - frame.read_at
            told = frame.read_at, frame.stamp, latency, frame.number, people, frame.camera_name
            self.seen.append(Seen(time.monotonic(), *told))

    # ---- its processes

    def nodes(self):
        """{name: number} of the processes of its nodes, and of one in reserve, "spare", once it is ready."""
        found = {}
        for child in children(self.process.pid):
            try:
                found[Path(f"/proc/{child}/comm").read_text().strip()] = child
            except OSError:  # it has just ended
                continue
        return found

    def pids(self):
        """All of its processes, the command last."""
        return [*children(self.process.pid), self.process.pid]

    # ---- what it gives

    def wait(self, condition, most):
        """Wait until the condition holds -> whether it did, within `most` s. AssertionError where the run has ended."""
        end = time.monotonic() + most
        while not condition():
            assert self.process.poll() is None, f"the run has ended with code {self.process.returncode}: {self.said()}"
            if time.monotonic() > end:
                return False
            time.sleep(0.005)
        return True

    def start(self):
        """Wait for the first poses."""
        assert self.wait(lambda: any(scene.people for scene in list(self.seen)), START), f"no poses: {self.said()}"

    def back(self, since, most, scenes=1):
        """s from `since` (time.monotonic()) until poses of so many pictures read after it have come; None: not yet."""

        def come():
            return [one.at for one in reversed(self.seen[-200:]) if one.read_at >= since and one.people]

        return come()[-scenes] - since if self.wait(lambda: len(come()) >= scenes, most) else None

    def said(self):
        return self.said_file.read_text()

    # ---- its end

    def end(self):
        """Ctrl-C -> exit code."""
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait(60)
        self.thread.join(10)
        return code

    def kill(self):
        """Whatever is left, until nothing is."""
        self.process.kill()
        self.process.wait()
        while left := processes_of_session(self.process.pid):
            for pid in left:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.01)

    def left(self):
        """What of it is still there though it has ended: processes of its session, run folders, shared memory."""
        alive = [f"process {pid}" for pid in processes_of_session(self.process.pid)]
        return alive + [str(folder) for folder in [self.folder] if folder in folders()]


def renamed(before, after):
    """Who was in view on both sides of a gap and has another identity now -> {identity before: identity after}.

    before, after   Seen
    {} where the gap is so long that everybody is somebody new by rule
    """
    if not before.people or not after.people or after.stamp - before.stamp > GAP:
        return {}
    old, new = list(before.people), list(after.people)
    overlap = iou_matrix(*(np.stack(list(one.people.values())).astype(np.float32) for one in (before, after)))
    pairs = {old[row]: new[column] for row, column in zip(*np.nonzero(overlap > SAME), strict=True)
             if overlap[row].argmax() == column and overlap[:, column].argmax() == row}  # fmt: skip
    return {one: other for one, other in pairs.items() if one != other}


def children(pid):
    """Numbers of the processes that the process has started, those that still are."""
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def folders():
    """Run folders of this user, whether anybody is still in them or not."""
    return [folder for place in places() for folder in place.glob(f"*duopose-{os.getuid()}-*")]


def processes_of_session(session):
    """Numbers of the processes of a session that are there and alive."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, _, _, of = (folder / "stat").read_text().rpartition(")")[2].split()[:4]
        except OSError:  # it has just ended
            continue
        if int(of) == session and state != "Z":
            found.append(int(folder.name))
    return found
