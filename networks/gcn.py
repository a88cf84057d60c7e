"""Directed graph network of the top-down branch (paper, supplement 1, "GCN Structure", eq. 12): an incomplete, noisy
2D pose becomes a complete 3D one, frame by frame.

N poses, J = 17 joints, C channels.
"""

from collections import deque

import torch
from torch import nn

from duopose.networks.normalisation import FAR
from duopose.stream.skeleton import BODY_BONES, PELVIS

JOINTS = 17


def hops(bones=BODY_BONES, joints=JOINTS):
    """Bones between any two joints: int64 [J, J].

    >>> hops()[0, [0, 1, 3, 8, 16]].tolist()
    [0, 1, 3, 2, 5]
    """
    near = {joint: [b if a == joint else a for a, b in bones if joint in (a, b)] for joint in range(joints)}
    steps = torch.full((joints, joints), -1)
    for start in range(joints):
        steps[start, start], queue = 0, deque([start])
        while queue:
            joint = queue.popleft()
            for other in near[joint]:
                if steps[start, other] < 0:
                    steps[start, other] = steps[start, joint] + 1
                    queue.append(other)
    return steps


def adjacency(confidence, decay):
    """Eq. 12, normalised: weight [N, j, k] of joint k on joint j = confidence of k times exp(-hops), rows sum to 1.

    confidence [N, J], decay [J, J] = exp(-hops). Directed: sure joints speak to unsure ones, not the other way round.
    """
    weight = confidence[:, None, :] * decay
    return weight / (weight.sum(-1, keepdim=True) + 1e-6)


class PerJoint(nn.Module):
    """A linear layer of its own for each joint: [N, J, inputs] -> [N, J, outputs].

    Training uses one product with a block-diagonal matrix. Most of it is zeros, but a batched product needs transposed
    copies and takes three times as long.
    """

    def __init__(self, inputs, outputs, bias=True):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(JOINTS, inputs, outputs) * (2 / inputs) ** 0.5)
        self.bias = nn.Parameter(torch.zeros(JOINTS, outputs)) if bias else None

    def forward(self, x):
        if self.training:
            y = (x.flatten(1) @ torch.block_diag(*self.weight)).unflatten(1, (JOINTS, -1))
        else:
            y = torch.bmm(x.transpose(0, 1), self.weight).transpose(0, 1)
        return y if self.bias is None else y + self.bias


class Propagation(nn.Module):
    """Graph layer: a joint's own features and those it hears from the others, each through a layer of its own.

    x [N, J, inputs], weight [N, J, J] of `adjacency` -> [N, J, outputs]
    """

    def __init__(self, inputs, outputs):
        super().__init__()
        self.own, self.heard = PerJoint(inputs, outputs), PerJoint(inputs, outputs, bias=False)

    def forward(self, x, weight):
        return self.own(x) + self.heard(weight @ x)


class GCN(nn.Module):
    """points [N, 17, 2], confidence [N, 17], view [N, 3] (networks.normalisation) -> joints [N, 17, 3].

    Joints are metres relative to the pelvis, in the virtual camera of `view`, always complete. Beside the paper's graph
    there is a hub: one more vertex, joined to every joint both ways, because with exp(-hops) a wrist hears next to
    nothing of the other wrist.

    >>> GCN(channels=4, hub=8).eval()(torch.zeros(2, 17, 2), torch.zeros(2, 17), torch.zeros(2, 3)).shape
    torch.Size([2, 17, 3])
    """

    def __init__(self, channels=32, hub=256, depth=2):
        super().__init__()
        self.arguments = {"channels": channels, "hub": hub, "depth": depth}
        self.register_buffer("decay", torch.exp(-hops().float()), persistent=False)
        self.embed = Propagation(3, channels)
        self.gather = nn.Linear(JOINTS * channels + 3, hub)
        self.think = nn.ModuleList(nn.Linear(hub, hub) for _ in range(depth))
        self.scatter = nn.Linear(hub, JOINTS * channels)
        self.mix = Propagation(channels, channels)
        self.out = Propagation(channels, 3)
        with torch.no_grad():  # small poses to begin with
            self.out.own.weight.mul_(0.1)
            self.out.heard.weight.mul_(0.1)

    def forward(self, points, confidence, view):
        view = torch.cat([view[:, :2], view[:, 2:].clamp(min=FAR)], -1)
        weight = adjacency(confidence, self.decay)  # [N, J, J]
        seen = torch.cat([points, confidence[..., None]], -1)  # [N, J, 3]
        x = torch.relu(self.embed(seen, weight))  # [N, J, C]
        hub = torch.relu(self.gather(torch.cat([x.flatten(1), view.to(x.dtype)], -1)))  # [N, hub]
        for layer in self.think:
            hub = hub + torch.relu(layer(hub))  # [N, hub]
        x = torch.relu(self.mix(x, weight) + self.scatter(hub).unflatten(-1, (JOINTS, -1)))  # [N, J, C]
        joints = self.out(x, weight).float()  # [N, J, 3]
        return joints - joints[:, PELVIS : PELVIS + 1]
