"""A short real clip through every node, against what each node said of it when it was recorded: the net under changes.

Each node is fed what the one before it said when it was recorded, so that a difference shows where it begins. The
networks are those of `recorded`: here is tested what happens between them.

python -m tests.nodes.replay    record again, after a change that is meant to change results (weights, thresholds)
"""

import argparse
import json

import cv2
import msgspec
import numpy as np

from duopose.networks.folders import weight_file
from duopose.networks.runtime import Network
from duopose.nodes.bottom_up.bottom_up import is_due
from duopose.nodes.chain import Chain, Networks
from duopose.nodes.top_down.lifting import mirrored
from duopose.stream import wire
from duopose.stream.messages import Camera, Frame, Poses, empty
from duopose.stream.topics import TOPICS
from tests.nodes.recorded import Recorded, Recorder, parts
from tests.places import CLIP

# Eight frames of sample-videos' face-demographics-walking (Intel, CC BY 4.0), the clip that comes as the demo.
MESSAGES = CLIP / "messages.msgpack"
PAGES = CLIP / "networks.npz"
RATE = 12.5  # Hz
NETWORKS = ("detector", "top_down", "gcn", "joint_tcn", "root_tcn", "bottom_up", "integration")
WITH_MAPS = ("detector", "top_down", "bottom_up")
ASKED_FOR = {  # topic -> the networks of the node that publishes it
    "boxes": ("detector",),
    "people": ("top_down",),
    "pose_top": ("gcn", "joint_tcn", "root_tcn"),
    "pose_bottom": ("bottom_up",),
    "scene": ("integration",),
}


def pictures():
    """The clip: [(uint8 [H, W, 3] RGB, Frame)]."""
    images = [cv2.cvtColor(cv2.imread(str(file)), cv2.COLOR_BGR2RGB) for file in sorted(CLIP.glob("*.jpg"))]
    height, width = images[0].shape[:2]
    camera = Camera(fx=width, fy=width, cx=(width - 1) / 2, cy=(height - 1) / 2, origin="default")
    return [
        (image, Frame(number, None, number / RATE, 0.0, width, height, camera, "ring", 0, 0, False))
        for number, image in enumerate(images)
    ]


def chain(networks):
    """All nodes, fresh. networks: {name: callable on arrays -> tuple of arrays, with `arguments`}."""
    lifting = mirrored(*(networks[name] for name in ASKED_FOR["pose_top"]))
    others = (networks[name] for name in ("bottom_up", "integration"))
    return Chain.of(Networks(networks["detector"], networks["top_down"], lifting, *others))


def step(nodes, topic, image, frame, said):
    """What the node that publishes `topic` says of a frame; `said`: {topic: message} of the nodes before it."""
    if topic == "boxes":
        return nodes.detection.step(image if nodes.detection.wants(frame) else None, frame)
    if topic == "people":
        return nodes.top_down.step(image, said["boxes"])
    if topic == "pose_top":
        (top,) = nodes.lifting.add(said["people"])
        return top
    if topic == "pose_bottom":
        return nodes.bottom_up.step(image, said["people"]) if is_due(said["people"]) else empty(Poses, frame)
    return nodes.fusion.step(said["pose_top"], said["pose_bottom"])


def record():
    """Play the clip and write down what every network and every node says -> the messages, one dict a frame."""
    networks = {name: Recorder(name, Network(weight_file(name), exact=True)) for name in NETWORKS}
    nodes, messages = chain(networks), []
    for image, frame in pictures():
        said = {}
        for topic in ASKED_FOR:
            said[topic] = step(nodes, topic, image, frame, said)
        messages.append(said)
    MESSAGES.write_bytes(msgspec.msgpack.encode([{t: wire.encode(m) for t, m in said.items()} for said in messages]))
    np.savez_compressed(PAGES, **{key: page for network in networks.values() for key, page in network.pages().items()})
    return messages


def recorded_messages():
    """The messages that `record` wrote."""
    frames = msgspec.msgpack.decode(MESSAGES.read_bytes())
    return [{topic: wire.decode(TOPICS[topic].type, data) for topic, data in said.items()} for said in frames]


def recorded_pages():
    """What `record` wrote down of the networks: {key: array}."""
    with np.load(PAGES) as pages:
        return dict(pages)


def calls(name, pages):
    """What a network said, call by call: lists of arrays."""
    number = 0
    while said := parts(pages, f"{name}/{number}/said"):
        yield said
        number += 1


def recorded_networks(pages):
    """{name: Recorded}, each at its first call."""
    arguments = {name: json.loads(weight_file(name, suffix=".json").read_text())["arguments"] for name in NETWORKS}
    return {name: Recorded(name, pages, arguments[name]) for name in NETWORKS}


def main():
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    for number, said in enumerate(record()):
        print(number, {topic: len(np.atleast_1d(message.scores)) for topic, message in said.items()})
    for file in (MESSAGES, PAGES):
        print(f"{file}: {file.stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    main()
