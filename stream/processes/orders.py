"""What the supervisor tells a node. It comes by the control pipe, which is the node's standard input.

The first line is the `Job`. Then, as they happen: "go" (everybody is ready), "restarted" (some node died and is back),
"leave" (read no more, end when the others are done with what was read), "stop" (finish what has arrived, then end), and
`NewCameras` as JSON. The end of the input means that the supervisor is gone.
"""

import os
import shutil
import signal
import threading
from collections import deque

import msgspec

from duopose.stream.graph import Node
from duopose.stream.settings import Settings


class Job(msgspec.Struct, frozen=True):
    """What a new node process is to do."""

    folder: str
    name: str  # of the node to be
    nodes: tuple[Node, ...]
    settings: Settings
    going: bool  # the others are at work already
    change: int = 0  # how often the run has got other cameras so far


class NewCameras(msgspec.Struct, frozen=True):
    """The run has other cameras from now on."""

    nodes: tuple[Node, ...]
    settings: Settings  # of the run
    renamed: dict[str, str]  # old name: new name, of those that go on as they were
    change: int  # which one it is, from 1 up


class Orders:
    """State set by the thread that reads the control pipe, read by the bus; `wake` becomes readable when it changes."""

    def __init__(self, go=False):
        self.go, self.leaving, self.stopping, self.restarts = go, False, False, 0
        self.new_cameras = deque()  # NewCameras, the oldest first
        self.finish_first = False  # the node has begun to work: a stop must wait for it
        self.wake, self._waker = os.pipe()
        os.set_blocking(self.wake, False)

    def clear_wake(self):
        """Empty `wake`: the change was seen."""
        os.read(self.wake, 4096)

    def take(self, order):
        if order == "go":
            self.go = True
        elif order == "restarted":
            self.restarts += 1
        elif order == "leave":
            self.leaving = True
        elif order == "stop":
            self.leaving = self.stopping = True
        elif order.startswith("{"):
            self.new_cameras.append(msgspec.json.decode(order, type=NewCameras))
        self.wake_up()

    def wake_up(self):
        """End the wait for messages that is going on; for other threads."""
        os.write(self._waker, b"!")


def read_job(lines):
    """The Job in the first line of the control pipe; None where that ends before."""
    line = lines.readline()
    return msgspec.json.decode(line, type=Job) if line else None


def follow(lines, orders, folder):
    """Start the thread that takes the orders. If the supervisor is gone, it removes the run folder and ends all nodes.

    lines: the control pipe; folder: the run's
    """
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # sent along when the supervisor dies; must not forestall the removal

    def listen():
        for line in lines:
            orders.take(line.decode().strip())
            if orders.leaving and not orders.finish_first:
                os._exit(0)
        while os.path.exists(folder):  # another node may still be writing into it
            shutil.rmtree(folder, ignore_errors=True)
        os.killpg(os.getpgrp(), signal.SIGKILL)  # the nodes are a group of their own: also those that hang go

    threading.Thread(target=listen, name="control pipe", daemon=True).start()
