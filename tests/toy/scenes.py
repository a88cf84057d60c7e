"""One person in every frame, standing 3 m away: a whole pipeline between capture and recorder in a few lines."""

import time

import numpy as np

from duopose.stream import graph
from duopose.stream.graph import Node
from duopose.stream.messages import Scene

# A whole pipeline in three processes: the real capture, the real recorder, and this toy that sees one person in all.
NODES = (
    Node("capture", "duopose.nodes.capture.node", ("done",), ("frame",), "always", 10.0, camera=""),
    Node("fusion", "tests.toy.scenes", ("frame",), ("scene",), "always", 10.0),
    Node("recorder", "duopose.nodes.recorder.node", ("scene",), ("done",), "always", 10.0),
)


def nodes_with(name):
    """The toy pipeline and the real node of that name, which watches it."""
    return (*NODES, *(node for node in graph.NODES if node.name == name))


NOBODY = np.full((1, 17, 3), np.nan, np.float32)


def scene(frame):
    joints = np.tile(np.float32([0, 0, 3]), (1, 17, 1))
    coco = np.tile(np.float32([frame.width / 2, frame.height / 2, 0.5]), (1, 17, 1))
    box = np.float32([[frame.width / 4, frame.height / 4, frame.width / 2, frame.height / 2]])
    return Scene(
        frame,
        fused_at=time.monotonic(),
        ids=np.int32([1]),
        scores=np.float32([0.87]),
        sources=np.uint8([1]),
        boxes=box,
        coco=coco,
        joints=joints,
        top_down=joints,
        bottom_up=NOBODY,
        depth_sd=np.float32([0.05]),
        joint_sd=np.full((1, 17), 0.06, np.float32),
    )


def main(bus, settings):
    for _, frame in bus.each():
        bus.publish("scene", scene(frame))
