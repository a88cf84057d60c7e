"""Integration network (paper 3.3, supplement 2): one pose from both branches' poses and their joints' confidences.

N people.
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


class Integration(nn.Module):
    """features [N, FEATURES] of pairs.describe -> joints [N, 17, 3] relative to the pelvis, root [N, 3]: pairs.resolve

    Fully connected layers that correct the confidence-weighted mean of the pair.

    >>> joints, root = Integration(channels=8).eval()(torch.zeros(2, FEATURES))
    >>> joints.shape, root.shape
    (torch.Size([2, 17, 3]), torch.Size([2, 3]))
    """

    def __init__(self, channels=512, layers=5):
        super().__init__()
        self.arguments = {"channels": channels, "layers": layers}
        sizes = [FEATURES] + [channels] * (layers - 1)
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in pairwise(sizes))
        self.last = nn.Linear(channels, 54)
        nn.init.zeros_(self.last.weight)  # to begin with, it is the mean
        nn.init.zeros_(self.last.bias)

    def forward(self, features):
        joints, root = mean(features)
        x = torch.relu(self.layers[0](features))  # [N, channels]
        for layer in self.layers[1:]:
            x = x + torch.relu(layer(x))  # [N, channels]
        change = self.last(x)  # [N, 54]
        joints = joints + change[:, :51].unflatten(-1, (17, 3))
        return joints - joints[:, :1], root + change[:, 51:]


def mean(features):
    """Confidence-weighted mean of the pair, the paper's "linear" integration -> joints [N, 17, 3], root [N, 3]"""
    poses = features[:, POSES].unflatten(-1, (2, 17, 3))
    confidence = features[:, CONFIDENCE].unflatten(-1, (2, 17))
    present = features[:, PRESENT]  # [N, 2]
    trust = present * features.new_tensor(JOINTS)
    floor = features.new_tensor([FILLED_IN, 0.0])[:, None]
    weight = trust[..., None] * torch.maximum(confidence, floor) + 1e-6  # [N, 2, 17]
    joints = (weight[..., None] * poses).sum(1) / weight.sum(1)[..., None]  # [N, 17, 3]
    roots = features[:, ROOTS].unflatten(-1, (2, 3))
    trust = present * features.new_tensor(ROOT)
    root = (trust[..., None] * roots).sum(1) / (trust.sum(1, keepdim=True) + 1e-6)
    return joints, root
