"""Small nodes for the tests of the live system: numbers instead of pictures, real processes and sockets."""

from duopose.stream.graph import Node
from duopose.stream.messages import Camera, Frame

CAMERA = Camera(500.0, 500.0, 31.5, 23.5, "default")
SOURCE = Node("capture", "tests.toy.source", ("done",), ("frame",), "always", 10.0)
WORKER = Node("detection", "tests.toy.worker", ("frame",), ("boxes",), "always", 10.0)
SINK = Node("recorder", "tests.toy.sink", ("boxes",), ("done",), "always", 10.0)
NODES = (SOURCE, WORKER, SINK)


def frame(number, slot=("", 0, 0), width=64, height=48):
    return Frame(number, None, number / 30, 0.0, width, height, CAMERA, *slot, False)
