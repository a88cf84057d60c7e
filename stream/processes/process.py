"""One node as the supervisor sees it: its process, its last Health, and what its earlier processes used.

After a restart a node has a new process; a life is the time of one process.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import msgspec

from duopose.stream.processes.orders import Job

LOG_BYTES = 1 << 20  # a log that grows past this is emptied: the run folder lies in memory
ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OMP_WAIT_POLICY": "PASSIVE",  # a spinning thread takes the core from the other nodes
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMBA_NUM_THREADS": "1",
    "OPENCV_FOR_THREADS_NUM": "1",
}


class Report(NamedTuple):
    """A node over the whole run, all its lives together; None where it is too young to tell."""

    ms_p50: float | None
    ms_p95: float | None
    cpu_s: float
    rss_peak_mb: float
    restarts: int
    handled: int
    counts: dict[str, int]
    backends: tuple[str, ...]


def spawn(words, log, group):
    """child.py with these words, its output added to `log`, in a process group, 0 = a new one -> Popen.

    Spawned, never forked: CUDA and threads do not survive it. The group is not the terminal's: Ctrl-C is for the
    supervisor alone.
    """
    with open(log, "ab") as output:
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "duopose.stream.processes.child", *words],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            env=ONE_THREAD | os.environ | {"PYTHONPATH": os.pathsep.join(path or os.getcwd() for path in sys.path)},
            process_group=group,
        )


class Process:
    def __init__(self, node, folder, nodes, settings):
        self.node, self.folder, self.nodes, self.settings = node, Path(folder), nodes, settings
        self.child = None
        self.health = None  # of this life
        self.past = []  # last Health of each earlier life
        self.change = 0  # of the run's cameras, the last one
        self.restarts = -1
        self.started_at = self.heard_at = 0.0  # s; the last sign of life

    # ---- life

    def start(self, group, going, spare=None):
        """Begin a life in a process group, 0 = a new one, or in a process that was spare."""
        if self.health is not None:
            self.past.append(self.health)
        self.health = None
        self.restarts += 1
        self.error_file.unlink(missing_ok=True)
        self.child = spare or spawn([self.node.name], self.log, group)
        self.started_at = self.heard_at = time.monotonic()
        settings = self.settings if self.node.camera is None else self.settings.of(self.node.camera)
        job = Job(str(self.folder), self.node.name, self.nodes, settings, going, self.change)
        self.tell(msgspec.json.encode(job).decode())

    @property
    def alive(self):
        return self.child is not None and self.child.poll() is None

    @property
    def running(self):
        """It has subscribed and works."""
        return self.health is not None and self.health.state != "starting"

    @property
    def finished(self):
        """It has worked off its source and stays for the others."""
        return self.health is not None and self.health.state == "finished"

    @property
    def exit_code(self):
        return self.child.poll()

    def tell(self, order):
        """Write one line into the control pipe; a node that is just dying need not get it."""
        with contextlib.suppress(BrokenPipeError):
            self.child.stdin.write(order.encode() + b"\n")
            self.child.stdin.flush()

    def kill(self):
        self.child.kill()
        self.child.wait()

    def release(self):
        """Let go of the pipe of an ended child."""
        with contextlib.suppress(BrokenPipeError):
            self.child.stdin.close()

    # ---- what it says

    def named(self, line):
        """A line about it, with the name of the camera whose node it is."""
        return f"{self.node.camera}: {line}" if self.node.camera else line

    def hear(self, health):
        self.heard_at = time.monotonic()
        self.health = health

    @property
    def log(self):
        return self.folder / f"{self.node.name}.log"

    @property
    def error_file(self):
        return self.folder / f"{self.node.name}.error"

    def trim_log(self):
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES:
            os.truncate(self.log, 0)

    def tail(self, lines=12):
        """Last lines of what the node wrote to stderr."""
        return self.log.read_text(errors="replace").splitlines()[-lines:] if self.log.exists() else []

    def reason(self):
        """Why it ended, in one line."""
        if self.error_file.exists():
            return self.error_file.read_text()
        if self.exit_code is not None and self.exit_code < 0:
            return f"killed by {signal.Signals(-self.exit_code).name}"
        return next(reversed(self.tail()), f"exit code {self.exit_code}")

    def report(self):
        lives = self.past + ([self.health] if self.health else [])
        last = next((life for life in reversed(lives) if life.ms_p50 is not None), None)
        counts = Counter()
        for life in lives:
            counts.update(life.counts)
        return Report(
            ms_p50=last and last.ms_p50,
            ms_p95=last and last.ms_p95,
            cpu_s=sum(life.cpu_s for life in lives),
            rss_peak_mb=max((life.rss_peak_mb for life in lives), default=0.0),
            restarts=max(self.restarts, 0),
            handled=sum(life.handled for life in lives),
            counts=dict(counts),
            backends=lives[-1].backends if lives else (),
        )
