"""Integration network (paper 3.3, supplement 2): one pose from both branches' poses and their joints' confidences.

N people. The paper's network answers a pose. Here it answers how much each branch is to be believed, joint by joint and
for the distance, and a small correction of the joints. So the distance always lies between those of the branches: what
was true of the people that it learned from ("everybody stands 5 % nearer") can't become a habit.
"""

from itertools import pairwise

import torch
from torch import nn

from duopose.networks.pairs import CONFIDENCE, FEATURES, POSES, PRESENT, ROOTS

# How much each branch counts in the mean that the network starts from: the bottom-up branch knows where people stand
# nearly as well as the top-down branch, and their poses much less well.
JOINTS = (1.0, 0.15)
ROOT = (1.0, 0.8)
FILLED_IN = 0.1  # confidence of a joint that the top-down branch filled in
FAR = 2.1  # log(metres) from which on nobody is any farther to the network: it never saw people farther away than 8 m
MOST = 4.0  # largest log of the factor by which a branch counts more or less than in that mean
SPREAD = (-2.6, -2.8)  # logs that errors start from: 7 % of the distance, 60 mm of a joint


class Integration(nn.Module):
    """features [N, FEATURES] of pairs.describe -> joints [N, 17, 3] relative to the pelvis, root [N, 3]: pairs.resolve;
    spread [N, 18]: logs of the errors that 68 % of such people stay below: of log(Z) of the root, of each joint's
    place relative to it in metres

    >>> joints, root, spread = Integration(channels=8).eval()(torch.zeros(2, FEATURES))
    >>> joints.shape, root.shape, spread.shape
    (torch.Size([2, 17, 3]), torch.Size([2, 3]), torch.Size([2, 18]))
    """

    def __init__(self, channels=512, layers=5):
        super().__init__()
        self.arguments = {"channels": channels, "layers": layers}
        sizes = [FEATURES] + [channels] * (layers - 1)
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in pairwise(sizes))
        self.belief = nn.Linear(channels, 2 * 18)
        self.change = nn.Linear(channels, 51)
        self.spread = nn.Linear(channels, 18)
        for last in (self.belief, self.change, self.spread):  # to begin with, it is the mean
            nn.init.zeros_(last.weight)
            nn.init.zeros_(last.bias)
        with torch.no_grad():
            self.spread.bias.copy_(torch.tensor([SPREAD[0]] + 17 * [SPREAD[1]]))

    def forward(self, features):
        seen = torch.cat([features[:, :-1], features[:, -1:].clamp(max=FAR)], -1)
        x = torch.relu(self.layers[0](seen))  # [N, channels]
        for layer in self.layers[1:]:
            x = x + torch.relu(layer(x))  # [N, channels]
        belief = torch.exp(MOST * torch.tanh(self.belief(x) / MOST)).unflatten(-1, (2, 18))
        joints, root = mean(features, belief)
        joints = joints + self.change(x).unflatten(-1, (17, 3))
        return joints - joints[:, :1], root, self.spread(x)


def mean(features, belief=None):
    """Confidence-weighted mean of the pair, the paper's "linear" integration -> joints [N, 17, 3], root [N, 3]

    belief   [N, 2, 18] factors of the weight of each branch: of its root, of its joints; None: 1
    """
    poses = features[:, POSES].unflatten(-1, (2, 17, 3))
    confidence = features[:, CONFIDENCE].unflatten(-1, (2, 17))
    present = features[:, PRESENT]  # [N, 2]
    belief = torch.ones_like(present)[..., None].expand(-1, -1, 18) if belief is None else belief
    trust = present * features.new_tensor(JOINTS)
    floor = features.new_tensor([FILLED_IN, 0.0])[:, None]
    weight = trust[..., None] * torch.maximum(confidence, floor) * belief[..., 1:] + 1e-6  # [N, 2, 17]
    joints = (weight[..., None] * poses).sum(1) / weight.sum(1)[..., None]  # [N, 17, 3]
    roots = features[:, ROOTS].unflatten(-1, (2, 3))
    trust = (present * features.new_tensor(ROOT) * belief[..., 0])[..., None]
    root = (trust * roots).sum(1) / (trust.sum(1) + 1e-6)
    return joints, root
