"""Every process of the live pipeline, one line each, and the check that the graph closes.

    capture -frame-> detection -boxes-> top_down -people-> bottom_up -pose_bottom-> fusion -scene-> recorder, viewer
       ^                                   +---------pose_top----------------------^                   |
       +-----------------------------------------done--------------------------------------------------+

The nodes that are always there are the pipeline, and with --session the node that stores all they say. The others
watch it: nobody waits for them, they are given the newest message of each topic, and the run never ends because of one
that dies. What they publish is for programs outside.

Several cameras share all nodes but capture: each has one of its own, "capture.NAME". What the others remember of a
camera they keep by its name, see nodes/per_camera.py.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from duopose.stream.settings import Settings
from duopose.stream.topics import TOPICS, Topic

WHEN = ("always", "window", "web", "asked", "session", "listen", "send")


class Node(NamedTuple):
    name: str
    module: str  # has main(bus, settings)
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    restart: str  # when it dies: "always" = start it again, "never" = go on without it
    stall: float = 10.0  # s without a sign of life until it counts as hung; 0 = never
    when: str = "always"  # it is started; "window" = if the run has a window, "asked" = if named with --also,
    # "session", "listen", "send", "web" = with the option of that name
    camera: str | None = None  # whose it is, one process for each camera; None = all cameras share it

    @property
    def watches(self) -> bool:
        """Whether it only watches the pipeline. A session does not: the run waits until it has each frame."""
        return self.when not in ("always", "session")


EVERYTHING = tuple(name for name in TOPICS if name != "stored")

NODES = (
    # The pipeline, in every run:
    #    name         module                          inputs                       outputs                  restart
    Node("capture",   "duopose.nodes.capture.node",   ("done", "stored"),          ("frame",),              "always",
         camera=""),
    Node("detection", "duopose.nodes.detection.node", ("frame",),                  ("boxes",),              "always"),
    Node("top_down",  "duopose.nodes.top_down.node",  ("boxes",),                  ("people", "pose_top"),  "always"),
    Node("bottom_up", "duopose.nodes.bottom_up.node", ("people",),                 ("pose_bottom",),        "always"),
    Node("fusion",    "duopose.nodes.fusion.node",    ("pose_top", "pose_bottom"), ("scene",),              "always"),
    Node("recorder",  "duopose.nodes.recorder.node",  ("scene",),                  ("done",),               "always"),
    Node("session",   "duopose.nodes.session",        EVERYTHING,                  ("stored",),             "always",
         when="session"),
    # Those that watch it:
    #    name       module                   inputs               outputs       restart   stall  when
    Node("regions", "duopose.nodes.regions", ("scene",),          ("regions",), "always", 10.0, "asked"),
    Node("gateway", "duopose.nodes.gateway", ("scene",),          (),           "always", 10.0, "listen"),
    Node("sender",  "duopose.sending.node",  ("scene",),          (),           "always", 10.0, "send"),
    Node("web",     "duopose.viewer.web.node", ("scene", "health"), (),         "always", 10.0, "web"),
    Node("viewer",  "duopose.viewer.app",    ("scene", "health"), (),           "never",  0.0,  "window"),
)  # fmt: skip

PLAYED = tuple(  # instead of NODES where a record is the source: its scenes take the place of the networks
    node._replace(module="duopose.nodes.played", inputs=("frame",)) if node.name == "fusion" else node
    for node in NODES
    if node.name in ("capture", "fusion", "recorder") or node.watches
)

ASKED = tuple(node.name for node in NODES if node.when == "asked")  # what --also may name


def name_of(node: str, camera: str) -> str:
    """What the process of that node for that camera is called.

    >>> name_of("capture", "door"), name_of("capture", "")
    ('capture.door', 'capture')
    """
    return f"{node}.{camera}" if camera else node


def _for_each(node: Node, settings: Settings) -> Iterator[Node]:
    """The node itself or, where each camera has its own, one for each."""
    if node.camera is None:
        yield node
        return
    for own in settings.each:
        yield node._replace(name=name_of(node.name, own.name), camera=own.name)


def started(settings: Settings, nodes: Sequence[Node] = NODES) -> tuple[Node, ...]:
    """The nodes of a run with these settings."""
    web = settings.web is not None  # the page takes the window's place
    there = {"always": True, "window": not (settings.headless or web), "web": web}
    there |= {name: getattr(settings, name) for name in ("session", "listen", "send")}
    wanted = (node for node in nodes if there.get(node.when) or node.name in settings.also)
    return tuple(each for node in wanted for each in _for_each(node, settings))


def cameras_of(nodes: Sequence[Node]) -> set[str]:
    """Names of the cameras that have nodes of their own among these."""
    return {node.camera for node in nodes if node.camera is not None}


def producers(topic: str, nodes: Sequence[Node]) -> list[str]:
    """Names of the nodes that publish `topic`."""
    return [node.name for node in nodes if topic in node.outputs or TOPICS[topic].producer == "*"]


def readers(topic: str, nodes: Sequence[Node], camera: str | None = None) -> set[str]:
    """Names of the nodes that must not miss a message of `topic`, about that camera where there is one."""
    there = (node for node in nodes if topic in node.inputs and not node.watches)
    return {node.name for node in there if None in (node.camera, camera) or node.camera == camera}


def check(nodes: Sequence[Node] = NODES, topics: Mapping[str, Topic] = TOPICS) -> None:
    """Raise ValueError, naming the line to mend, unless the tables fit together.

    Names are unique; every topic has its producer; what the pipeline says, it reads, and it reads nothing else.
    """
    names = [node.name for node in nodes]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"graph.py: two nodes are called {name!r}")
    for node in nodes:
        for name in node.inputs + node.outputs:
            if name not in topics:
                raise ValueError(f"graph.py: {node.name!r} uses {name!r}, which topics.py does not list")
        if node.when not in WHEN:
            raise ValueError(f"graph.py: {node.name!r} is started {node.when!r}, not one of {', '.join(WHEN)}")
        if node.restart not in ("always", "never") or (node.restart == "never" and not node.watches):
            raise ValueError(f"graph.py: {node.name!r} can't have restart {node.restart!r}")
    for name, topic in topics.items():
        if topic.producer == "*":
            continue
        made_by = [node.name for node in nodes if name in node.outputs]
        if made_by != [topic.producer]:
            raise ValueError(f"{name!r}: topics.py says {topic.producer!r} makes it, graph.py says {made_by}")
        always_made = not nodes[names.index(topic.producer)].watches
        always_read = [node.name for node in nodes if name in node.inputs and node.when == "always"]
        if always_made and not always_read:
            raise ValueError(f"graph.py: nobody reads {name!r}")
        if always_read and not always_made:
            raise ValueError(f"graph.py: {always_read[0]!r} reads {name!r}, but {topic.producer!r} is not always there")


check()
