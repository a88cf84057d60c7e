"""Every process of the live pipeline, one line each, and the check that the graph closes.

    capture -frame-> detection -boxes-> top_down -people-> bottom_up -pose_bottom-> fusion -scene-> recorder, viewer
       ^                                   +---------pose_top----------------------^                   |
       +-----------------------------------------done--------------------------------------------------+

A node without outputs only watches: nobody waits for it.
"""

from typing import NamedTuple

from duopose.stream.topics import TOPICS


class Node(NamedTuple):
    name: str
    module: str  # has main(bus, settings)
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    restart: str  # when it dies: "always" = start it again, "never" = go on without it, "stop" = end the run
    stall: float  # s without a sign of life until it counts as hung; 0 = never


NODES = (
    #    name         module                          inputs                       outputs                  restart   stall [s]
    Node("capture",   "duopose.nodes.capture.node",   ("done",),                   ("frame",),              "always", 10.0),
    Node("detection", "duopose.nodes.detection.node", ("frame",),                  ("boxes",),              "always", 10.0),
    Node("top_down",  "duopose.nodes.top_down.node",  ("boxes",),                  ("people", "pose_top"),  "always", 10.0),
    Node("bottom_up", "duopose.nodes.bottom_up.node", ("people",),                 ("pose_bottom",),        "always", 10.0),
    Node("fusion",    "duopose.nodes.fusion.node",    ("pose_top", "pose_bottom"), ("scene",),              "always", 10.0),
    Node("recorder",  "duopose.nodes.recorder.node",  ("scene",),                  ("done",),               "stop",   10.0),
    Node("viewer",    "duopose.viewer.app",           ("scene", "health"),         (),                      "never",  0.0),
)  # fmt: skip


def check(nodes=NODES, topics=TOPICS):
    """Raise ValueError, naming the line to mend, unless names are unique and every topic has its producer and a reader."""
    names = [node.name for node in nodes]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"graph.py: two nodes are called {name!r}")
    for node in nodes:
        for topic in node.inputs + node.outputs:
            if topic not in topics:
                raise ValueError(f"graph.py: {node.name!r} uses {topic!r}, which topics.py does not list")
    for name, topic in topics.items():
        made_by = [node.name for node in nodes if name in node.outputs]
        if topic.producer != "*" and made_by != [topic.producer]:
            raise ValueError(f"{name!r}: topics.py says {topic.producer!r} makes it, graph.py says {made_by}")
        if topic.producer != "*" and not any(name in node.inputs for node in nodes):
            raise ValueError(f"graph.py: nobody reads {name!r}")


check()
