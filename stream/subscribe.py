"""Follow a running pipeline from another program of the same user.

>>> import duopose                                                      # doctest: +SKIP
>>> for scene in duopose.subscribe("scene"):                            # doctest: +SKIP
...     for identity, joints in zip(scene.ids, scene.joints):
...         print(scene.frame.number, identity, joints[0])              # the pelvis, metres
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import zmq

from duopose.stream import wire
from duopose.stream.bus import endpoint, producers
from duopose.stream.graph import NODES, Node
from duopose.stream.processes.run_folder import running
from duopose.stream.topics import TOPICS

TICK = 500  # ms of quiet until it looks whether the run still goes on


def newest(topic: str, nodes: Sequence[Node]) -> Path:
    """Folder of the newest run in which somebody publishes the topic. LookupError if there is none."""
    names = producers(topic, nodes)
    for folder in running():
        if any(Path(endpoint(folder, name).removeprefix("ipc://")).exists() for name in names):
            return folder
    asked = "".join(f" --also {node.name}" for node in nodes if node.name in names and node.when == "asked")
    raise LookupError(f"no pipeline is running that publishes {topic!r}: start duopose{asked} first")


def subscribe(topic: str, folder: str | Path | None = None, nodes: Sequence[Node] = NODES) -> Iterator[Any]:
    """Yield the messages of `topic` (see topics.py) from now on, until the run ends.

    folder: the run's; default: the newest one that publishes the topic. LookupError if there is none, or no such topic.
    """
    if topic not in TOPICS:
        raise LookupError(f"no topic is called {topic!r}; there are: {', '.join(TOPICS)}")
    folder = Path(folder or newest(topic, nodes))
    context = zmq.Context()
    socket = context.socket(zmq.SUB)
    try:
        for name in producers(topic, nodes):
            socket.connect(endpoint(folder, name))
        socket.subscribe(topic.encode() + b"\0")
        while True:
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
