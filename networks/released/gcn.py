"""The authors' directed graph network (paper, supplement 1, "GCN Structure"): an incomplete 2D pose becomes a 3D one.

N poses, 17 joints in BODY17 order, 16 bones, V vertices of either graph, C channels.
"""

import torch
from torch import nn

from duopose.networks.gcn import hops

# Their order of the bones, and which end comes first.
BONES = (
    (8, 9), (9, 10), (8, 14), (14, 15), (15, 16), (8, 11), (12, 13), (11, 12), (8, 7), (7, 0), (4, 5), (5, 6), (0, 4),
    (0, 1), (1, 2), (2, 3),
)  # fmt: skip
TOUCHING = tuple((a, b) for b in range(len(BONES)) for a in range(b) if set(BONES[a]) & set(BONES[b]))


class Propagation(nn.Module):
    """Two layers of each vertex's own: [N, V, inputs] -> [N, V, outputs], or + inputs where `heard` is given.

    heard [N, V, V]: the vertices are mixed with it first, and the input is kept beside the output.
    """

    def __init__(self, vertices, inputs, outputs, act=True):
        super().__init__()
        self.first = nn.Parameter(torch.randn(vertices, inputs, outputs) * (2 / inputs) ** 0.5)
        self.first_bias = nn.Parameter(torch.zeros(vertices, outputs))
        self.second = nn.Parameter(torch.randn(vertices, outputs, outputs) * (2 / outputs) ** 0.5)
        self.second_bias = nn.Parameter(torch.zeros(vertices, outputs))
        self.act = nn.ReLU() if act else nn.Identity()

    def forward(self, x, heard=None):
        y = x if heard is None else heard @ x
        y = self.act(torch.einsum("nvi,vio->nvo", y, self.first) + self.first_bias)
        y = self.act(torch.einsum("nvi,vio->nvo", y, self.second) + self.second_bias)
        return y if heard is None else torch.cat([x, y], -1)


class GCN(nn.Module):
    """points [N, 17, 2], joints [N, 17, 17], bones [N, 16, 16] -> pose [N, 17, 3] in metres, camera axes

    points   relative to the pelvis, divided by the thorax's y less the pelvis's
    joints   how much each vertex (second axis) hears of each other one (last axis); bones likewise: `graphs`

    >>> GCN(channels=4).eval().lift(torch.zeros(2, 17, 2), torch.ones(2, 17)).shape
    torch.Size([2, 17, 3])
    """

    NAMES = (
        (r"^embed\.", "c1."),
        (r"^joints\.(\d)\.", lambda found: f"c{int(found[1]) + 2}."),
        (r"^bones\.(\d)\.", lambda found: f"b{int(found[1]) + 2}."),
        (r"^merge\.", "c8."),
        (r"^out\.", "c9."),
        (r"first_bias$", "bias"),
        (r"second_bias$", "bias2"),
        (r"first$", "weight"),
        (r"second$", "weight2"),
    )

    def __init__(self, channels=256):
        super().__init__()
        self.arguments = {"channels": channels}
        incidence = torch.zeros(16, 17)
        for bone, (begin, end) in enumerate(BONES):
            incidence[bone, begin], incidence[bone, end] = -1, 1
        self.register_buffer("to_bones", incidence, persistent=False)
        self.register_buffer("to_joints", torch.linalg.pinv(incidence), persistent=False)
        self.register_buffer("near_joints", torch.exp(-hops(BONES).float()), persistent=False)
        self.register_buffer("near_bones", torch.exp(-hops(TOUCHING, len(BONES)).float()), persistent=False)
        self.embed = Propagation(17, 2, channels)
        self.joints = nn.ModuleList(Propagation(17, inputs, channels) for inputs in (channels, 2 * channels))
        self.bones = nn.ModuleList(Propagation(16, inputs, channels) for inputs in (channels, 2 * channels))
        self.merge = Propagation(17, 6 * channels, channels)
        self.out = Propagation(17, channels, 3, act=False)

    def forward(self, points, joints, bones):
        x = self.embed(points)  # [N, 17, C]
        y = self.to_bones @ x  # [N, 16, C]
        for layer in self.joints:
            x = layer(x, joints)  # [N, 17, 2 C], then 3 C
        for layer in self.bones:
            y = layer(y, bones)  # [N, 16, 2 C], then 3 C
        x = torch.cat([x, self.to_joints @ y], -1)  # [N, 17, 6 C]
        return self.out(self.merge(x))  # [N, 17, 3]

    def lift(self, points, confidence):
        """points, and how sure each joint is [N, 17], 0 = not found -> pose"""
        return self(points, *self.graphs(confidence))

    def graphs(self, confidence):
        """Eq. 12 with confidences that sum to 1, as in the graphs that the authors published -> joints, bones

        A bone is as sure as the less sure of its two joints: how the authors weigh bones is not known.
        """
        bones = confidence[:, BONES].amin(-1)  # [N, 16]
        shares = [sure / (sure.sum(-1, keepdim=True) + 1e-6) for sure in (confidence, bones)]
        return shares[0][:, None] * self.near_joints, shares[1][:, None] * self.near_bones
