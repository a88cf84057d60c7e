"""Every message of the live pipeline, one line each. What goes where is the table in `graph.py`."""

from typing import NamedTuple

import msgspec

from duopose.stream.messages import Boxes, Done, Frame, Health, People, Poses, Regions, Scene


class Topic(NamedTuple):
    type: type[msgspec.Struct]  # payload, see messages.py
    producer: str  # the one node that may publish it; "*" = every node


TOPICS = {
    "frame": Topic(Frame, "capture"),
    "boxes": Topic(Boxes, "detection"),
    "people": Topic(People, "top_down"),
    "pose_top": Topic(Poses, "top_down"),
    "pose_bottom": Topic(Poses, "bottom_up"),
    "scene": Topic(Scene, "fusion"),
    "done": Topic(Done, "recorder"),
    "stored": Topic(Done, "session"),
    "regions": Topic(Regions, "regions"),
    "health": Topic(Health, "*"),
}
