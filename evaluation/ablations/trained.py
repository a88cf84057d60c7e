"""Rows of Table 1 whose networks were trained without the idea: `duopose train all --recipe table1` makes them.

The other rows have the usual networks, and the idea is switched off when they run.
"""

from duopose.evaluation.ablations.switched import OnePerson
from duopose.nodes.bottom_up.bottom_up import BottomUp
from duopose.nodes.chain import MOST_PEOPLE
from duopose.nodes.profile import find
from duopose.nodes.top_down.delayed import Delayed
from duopose.nodes.top_down.lifting import Lifting
from duopose.stream.messages import People, empty


class Trained:
    """Nodes around top_down, lifting and bottom_up of a folder, each trained without its idea.

    lifting   the usual networks (nodes.top_down.lifting.Networks), for the row whose pose estimator alone is another
    """

    def __init__(self, folder, lifting, device="cpu"):
        chosen = find(f"{folder.resolve()}/", device)
        self.one_person = OnePerson(chosen.network("top_down"), MOST_PEOPLE)
        self.bottom_up = BottomUp(chosen.network("bottom_up"), MOST_PEOPLE)
        self.usual, self.one_frame = Delayed(Lifting(lifting)), Delayed(Lifting(chosen.lifting_networks()))

    def step(self, image, frame, boxes, still):
        """A picture, its Frame, its Boxes, and the People in it as a still -> {name of an answer: [Poses]}."""
        return {
            "trained one_person": self.usual.add(self.one_person.step(image, boxes)),
            "trained one_frame": self.one_frame.add(still),
            "trained blind": [self.bottom_up.step(image, empty(People, frame))],
        }


def trained_rows(make, integrate):
    """{name: Row}. make: evaluation.ablation.Row; integrate: as it takes it"""
    return {
        "TD (w/o MP), trained": make("one person a box: trained so", "trained one_person"),
        "TD (one frame), trained": make("temporal window: trained so", "trained one_frame"),
        "BU (w/o CH), trained": make("top-down heatmaps: trained so", None, "trained blind"),
        "TD + BU (w/o MP, CH), trained": make(
            "both of these: trained so", "trained one_person", "trained blind", integrate
        ),
    }
