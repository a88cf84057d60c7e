"""What can happen to a live run, done to it on purpose: to its nodes, its camera, its disk, and those who listen.

Each fault takes its time and returns when it is over: from then on poses must come again.
"""

import contextlib
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import zmq

from duopose.benchmarks.parts.live_run import SETTLED, renamed
from duopose.stream.bus import endpoint
from duopose.stream.graph import NODES

PIPELINE = tuple(node.name for node in NODES if node.when == "always")
STALL = 25.0  # s until a node that hangs has to be noticed: the table says 10 s
STUTTER = 0.4, 0.1  # s that a slow server stands still, and sends


class Fault(NamedTuple):
    name: str
    do: Callable  # of a Stage
    source: bool = False  # it is the camera's: its own return comes on top
    identities: bool = True  # it is so short that everybody keeps theirs


class Stage(NamedTuple):
    """What faults are done to."""

    run: object  # live_run.LiveRun
    server: object  # has stop(), start() and `process`, as rtsp.Server
    chance: object  # random.Random
    outputs: Path  # folder of the record


def kill(name):
    def do(stage):
        os.kill(stage.run.nodes()[name], signal.SIGKILL)

    return Fault(f"{name} killed", do)


def stop(name):
    def do(stage):
        with stopped([stage.run.nodes()[name]]):
            time.sleep(stage.chance.uniform(0.1, 1.0))

    return Fault(f"{name} stopped for a moment", do)


def hang(name):
    def do(stage):
        pid = stage.run.nodes()[name]
        os.kill(pid, signal.SIGSTOP)
        assert stage.run.wait(lambda: stage.run.nodes().get(name) != pid, STALL), f"nobody noticed that {name} hangs"

    return Fault(f"{name} hangs", do, identities=False)


def pause(seconds):
    def do(stage):
        with stopped(stage.run.pids()):
            time.sleep(seconds)

    return Fault(f"everything paused for {seconds:g} s", do, source=True, identities=seconds < 2)


def camera_killed(seconds):
    def do(stage):
        stage.server.stop()
        time.sleep(seconds)
        stage.server.start()

    return Fault(f"camera gone for {seconds:g} s", do, source=True, identities=False)


def camera_frozen(seconds):
    def do(stage):
        with stopped([stage.server.process.pid]):
            time.sleep(seconds)

    return Fault(f"camera frozen for {seconds:g} s", do, source=True, identities=seconds < 2)


def camera_slow(seconds):
    def do(stage):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with stopped([stage.server.process.pid]):
                time.sleep(STUTTER[0])
            time.sleep(STUTTER[1])

    return Fault(f"camera slow for {seconds:g} s", do, source=True)


def folder_gone(seconds):
    def do(stage):
        aside = stage.outputs.with_name(stage.outputs.name + "-aside")
        stage.outputs.rename(aside)
        time.sleep(seconds)
        aside.rename(stage.outputs)

    return Fault(f"output folder gone for {seconds:g} s", do)


def disk_full(seconds):
    """Only where the outputs lie on a small disk of their own."""

    def do(stage):
        filler = stage.outputs / "filler"
        with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
            while True:
                file.write(bytes(4096))
        time.sleep(seconds)
        filler.unlink()

    return Fault(f"disk full for {seconds:g} s", do)


def idle_listeners(seconds, listeners=5):
    """Programs that subscribe to everything and never read."""

    def do(stage):
        context, sockets = zmq.Context(), []
        for name in PIPELINE * listeners:
            sockets.append(context.socket(zmq.SUB))
            sockets[-1].rcvhwm = 2
            sockets[-1].subscribe(b"")
            sockets[-1].connect(endpoint(stage.run.folder, name))
        time.sleep(seconds)
        context.destroy(0)

    return Fault(f"{listeners} listeners that never read for {seconds:g} s", do)


def nonsense(messages):
    """Strangers who send every node subscriptions to anything."""

    def do(stage):
        context = zmq.Context()
        for name in PIPELINE:
            socket = context.socket(zmq.XSUB)
            socket.linger = 200
            socket.connect(endpoint(stage.run.folder, name))
            for _ in range(messages):
                head = stage.chance.choice((b"\x00", b"\x01", b"\x01+", b"\x00+", b"", b"\xff"))
                with contextlib.suppress(zmq.ZMQError):
                    socket.send(head + stage.chance.randbytes(stage.chance.randrange(40)), zmq.NOBLOCK)
            socket.close()
        context.term()

    return Fault(f"{messages} messages of nonsense to each node", do)


@contextlib.contextmanager
def stopped(pids):
    """The processes stand still until the end of the block."""
    for pid in pids:
        send(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            send(pid, signal.SIGCONT)


def send(pid, number):
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


class Recovery(NamedTuple):
    fault: str
    begun: float  # s, time.monotonic()
    until: float  # s, when poses were back
    seconds: float | None  # from the end of the fault to the next poses of a picture read after it; None = never
    renamed: dict  # {identity before: identity after} of who should have kept it


def recover(stage, fault, most=120.0):
    """Do it, and wait for poses again -> Recovery."""
    stage.run.wait(lambda: stage.run.seen[-1].people, most)
    before, begun = stage.run.seen[-1], time.monotonic()
    fault.do(stage)
    seconds = stage.run.back(time.monotonic(), most)
    stage.run.back(time.monotonic(), most, SETTLED)
    lost = renamed(before, stage.run.seen[-1]) if fault.identities else {}
    return Recovery(fault.name, begun, time.monotonic(), seconds, lost)
