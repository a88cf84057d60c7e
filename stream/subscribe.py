"""Follow a running pipeline from another program of the same user.

>>> from duopose.stream.subscribe import subscribe                              # doctest: +SKIP
>>> for scene in subscribe("scene"):                                    # doctest: +SKIP
...     for identity, joints in zip(scene.ids, scene.joints):
...         print(scene.frame.number, identity, joints[0])              # the pelvis, metres
"""

from pathlib import Path

import zmq

from duopose.stream import wire
from duopose.stream.bus import endpoint, producers
from duopose.stream.graph import NODES
from duopose.stream.processes.run_folder import running
from duopose.stream.topics import TOPICS

TICK = 500  # ms of quiet until it looks whether the run still goes on


def subscribe(topic, folder=None, nodes=NODES):
    """Yield the messages of `topic` (see topics.py) from now on, until the run ends.

    folder: the run's; default: the newest one that is running. LookupError if there is none.
    """
    if folder is None:
        folder = next(iter(running()), None)
        if folder is None:
            raise LookupError("no pipeline is running: start duopose first")
    folder = Path(folder)
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
