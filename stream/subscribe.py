"""Follow a running pipeline from another program of the same user, or from another machine.

>>> import duopose                                                      # doctest: +SKIP
>>> for scene in duopose.subscribe("scene"):                            # doctest: +SKIP
...     for identity, joints in zip(scene.ids, scene.joints):
...         print(scene.frame.number, identity, joints[0])              # the pelvis, metres
"""

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import zmq

from duopose.stream import wire
from duopose.stream.bus import endpoint
from duopose.stream.graph import NODES, Node, producers
from duopose.stream.network.address import SERVED, is_remote
from duopose.stream.network.remote import Remote
from duopose.stream.processes.run_folder import running
from duopose.stream.topics import TOPICS

TICK = 500  # ms of quiet until it looks whether the run still goes on


def newest(topic: str, nodes: Sequence[Node]) -> Path:
    """Folder of the newest run in which somebody publishes the topic. LookupError if there is none."""
    names = producers(topic, nodes)
    for folder in running():
        if any(_sockets(folder, name) for name in names):
            return folder
    asked = "".join(f" --also {node.name}" for node in nodes if node.name in names and node.when == "asked")
    raise LookupError(f"no pipeline is running that publishes {topic!r}: start duopose{asked} first")


def _sockets(folder: Path, name: str) -> list[str]:
    """Endpoints of the node of that name, or of all of them where each camera has one."""
    found = [path for pattern in (f"{name}.ipc", f"{name}.*.ipc") for path in folder.glob(pattern)]
    return [endpoint(folder, path.name.removesuffix(".ipc")) for path in found]


def subscribe(
    topic: str, run: str | Path | None = None, nodes: Sequence[Node] = NODES, key: str | Path | None = None
) -> Iterator[Any]:
    """Yield the messages of `topic` (see topics.py) from now on, until the run ends.

    Where several cameras share a run, message.frame.camera_name says which one a message is from.

    run: the folder of one on this machine, default: of the newest that publishes the topic; or the "tcp://HOST:PORT" at
    which one on any machine listens, for topic "scene" or "picture", with key = the file of `duopose keys --add`.
    LookupError if there is no such run or topic, ConnectionError if another machine does not answer, or not to us.
    """
    if is_remote(run):
        return _far(topic, str(run), key)
    return _near(topic, run, nodes)


def _far(topic: str, address: str, key: str | Path | None) -> Iterator[Any]:
    if topic not in SERVED:
        raise LookupError(f"no topic {topic!r} is to be had from another machine; there are: {', '.join(SERVED)}")
    with Remote(address, [topic], key) as remote:
        while not remote.ended:
            for _, message in remote.poll(TICK / 1000):
                yield message


def _near(topic: str, folder: str | Path | None, nodes: Sequence[Node]) -> Iterator[Any]:
    if topic not in TOPICS:
        raise LookupError(f"no topic is called {topic!r}; there are: {', '.join(TOPICS)}")
    folder = Path(folder or newest(topic, nodes))
    context = zmq.Context()
    socket = context.socket(zmq.SUB)
    connected: set[str] = set()
    look_at = 0.0
    try:
        socket.subscribe(topic.encode() + b"\0")
        while True:
            if time.monotonic() >= look_at:  # cameras come and go
                look_at = time.monotonic() + TICK / 1000
                there = {
                    address
                    for name in producers(topic, nodes)
                    for address in _sockets(folder, name) or [endpoint(folder, name)]
                }
                for address in there - connected:
                    socket.connect(address)
                connected |= there
            if socket.poll(TICK):
                try:
                    message = wire.decode(TOPICS[topic].type, socket.recv().partition(b"\0")[2])
                except wire.Malformed:
                    continue
                yield message
            elif folder not in running(folder.parent):
                return
    finally:
        socket.close(0)
        context.term()
