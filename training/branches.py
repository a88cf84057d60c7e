"""Both branches in one process, node after node and without sockets: for programs that want more than a record tells."""

from typing import NamedTuple

from duopose.networks.runtime import load
from duopose.nodes.bottom_up.bottom_up import BottomUp
from duopose.nodes.detection.detection import Detection
from duopose.nodes.top_down.lifting import Delayed, Lifting, Networks, load_networks
from duopose.nodes.top_down.top_down import TopDown

MOST_PEOPLE = 20


class Shipped(NamedTuple):
    """The networks of both branches; what each is called with is said in the node that bears its name."""

    detector: object
    top_down: object
    lifting: Networks
    bottom_up: object


def load_shipped(profile="lite", device="cpu"):
    """-> Shipped. Raises FileNotFoundError that names a missing file."""
    detector, top_down, bottom_up = (load(name, profile, device) for name in ("detector", "top_down", "bottom_up"))
    return Shipped(detector, top_down, load_networks(profile, device), bottom_up)


class Branches:
    """The nodes before fusion, fresh, as a run of the live program starts with them.

    networks   Shipped, or others that are called alike
    """

    def __init__(self, networks):
        self.detection = Detection(networks.detector)
        self.top_down = TopDown(networks.top_down, MOST_PEOPLE)
        self.lifting = Delayed(Lifting(networks.lifting), most=0)
        self.bottom_up = BottomUp(networks.bottom_up, MOST_PEOPLE)

    def step(self, image, frame):
        """image uint8 [H, W, 3] RGB, its Frame -> top-down Poses, bottom-up Poses."""
        people = self.top_down.step(image, self.detection.step(image, frame))
        (top,) = self.lifting.add(people)
        return top, self.bottom_up.step(image, people)
