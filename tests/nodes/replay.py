"""A short real clip through every node, against what each node said of it when it was recorded: the net under changes.

Each node is fed what the one before it said when it was recorded, so that a difference shows where it begins.

python -m tests.nodes.replay        record again, after a change that is meant to change results (new weights, new thresholds)
"""

import argparse

import cv2
import msgspec
import numpy as np

from duopose.networks.folders import weight_file
from duopose.networks.runtime import Network
from duopose.nodes.bottom_up.bottom_up import BottomUp
from duopose.nodes.detection.detection import Detection
from duopose.nodes.fusion.fusion import Fusion
from duopose.nodes.fusion.integration import Integration
from duopose.nodes.top_down.delayed import Delayed
from duopose.nodes.top_down.lifting import Lifting, Networks
from duopose.nodes.top_down.top_down import TopDown
from duopose.stream import wire
from duopose.stream.messages import Camera, Frame
from duopose.stream.topics import TOPICS
from tests.places import CLIP

# Eight frames of sample-videos' face-demographics-walking (Intel, CC BY 4.0), the clip that comes as the demo.
RECORD = CLIP / "messages.msgpack"
RATE = 12.5  # Hz
NODES = ("boxes", "people", "pose_top", "pose_bottom", "scene")  # by the topic they publish


def pictures():
    """The clip: [(uint8 [H, W, 3] RGB, Frame)]."""
    images = [cv2.cvtColor(cv2.imread(str(file)), cv2.COLOR_BGR2RGB) for file in sorted(CLIP.glob("*.jpg"))]
    height, width = images[0].shape[:2]
    camera = Camera(fx=width, fy=width, cx=(width - 1) / 2, cy=(height - 1) / 2, origin="default")
    return [
        (image, Frame(number, None, number / RATE, 0.0, width, height, camera, "ring", 0, 0, False))
        for number, image in enumerate(images)
    ]


class Pipeline:
    """All nodes, fresh. Networks in float32, so that every CPU says the same to a few digits."""

    def __init__(self):
        def load(name):
            return Network(weight_file(name), exact=True)

        self.detection = Detection(load("detector"))
        self.top_down = TopDown(load("top_down"), max_people=20)
        self.lifting = Delayed(Lifting(Networks(*map(load, Networks._fields))))
        self.bottom_up = BottomUp(load("bottom_up"), max_people=20)
        self.fusion = Fusion(Integration(load("integration")).step, max_people=20)

    def step(self, topic, image, frame, said):
        """What the node that publishes `topic` says of a frame; `said`: {topic: message} of the nodes before it."""
        if topic == "boxes":
            return self.detection.step(image, frame)
        if topic == "people":
            return self.top_down.step(image, said["boxes"])
        if topic == "pose_top":
            (top,) = self.lifting.add(said["people"])
            return top
        if topic == "pose_bottom":
            return self.bottom_up.step(image, said["people"])
        return self.fusion.step(said["pose_top"], said["pose_bottom"])


def record():
    """Play the clip and write down what every node says -> the messages, one dict a frame."""
    pipeline, messages = Pipeline(), []
    for image, frame in pictures():
        said = {}
        for topic in NODES:
            said[topic] = pipeline.step(topic, image, frame, said)
        messages.append(said)
    RECORD.write_bytes(msgspec.msgpack.encode([{t: wire.encode(m) for t, m in said.items()} for said in messages]))
    return messages


def recorded():
    """The messages that `record` wrote."""
    frames = msgspec.msgpack.decode(RECORD.read_bytes())
    return [{topic: wire.decode(TOPICS[topic].type, data) for topic, data in said.items()} for said in frames]


def main():
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    for number, said in enumerate(record()):
        print(number, {topic: len(np.atleast_1d(message.scores)) for topic, message in said.items()})
    print(f"{RECORD}: {RECORD.stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    main()
