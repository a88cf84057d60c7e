"""The authors' directed graph network (paper, supplement 1, "GCN Structure"): an incomplete 2D pose becomes a 3D one.

N poses, 17 joints in BODY17 order, 16 bones, V vertices of either graph, C channels.
"""

import torch
from torch import nn

from networks.gcn import adjacency, hops

# Their order of the bones, and which end comes first.
BONES = (
    (8, 9), (9, 10), (8, 14), (14, 15), (15, 16), (8, 11), (12, 13), (11, 12), (8, 7), (7, 0), (4, 5), (5, 6), (0, 4),
    (0, 1), (1, 2), (2, 3),
)  # fmt: skip
TOUCHING = tuple((a, b) for b in range(len(BONES)) for a in range(b) if set(BONES[a]) & set(BONES[b]))


def graphs(confidence):
    """How much each vertex listens to each other one (eq. 12, rows sum to 1): joints [N, 17, 17], bones [N, 16, 16].

    confidence [N, 17] of the joints. A bone is as sure as the less sure of its joints: how the authors weigh bones is
    not in what they published.

    >>> joints, bones = graphs(torch.ones(1, 17))
    >>> joints.shape, bones.shape, bool((bones[0].sum(-1) - 1).abs().max() < 1e-4)
    (torch.Size([1, 17, 17]), torch.Size([1, 16, 16]), True)
    """
    bones = confidence[:, torch.tensor(BONES)].amin(-1)  # [N, 16]
    near_joints, near_bones = hops(BONES), hops(TOUCHING, len(BONES))
    return adjacency(confidence, torch.exp(-near_joints.float())), adjacency(bones, torch.exp(-near_bones.float()))


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
    """points [N, 17, 2], joints [N, 17, 17], bones [N, 16, 16] (`graphs`) -> pose [N, 17, 3]

    points   relative to the pelvis, divided by the thorax's y less the pelvis's

    >>> GCN(channels=4).eval()(torch.zeros(2, 17, 2), *graphs(torch.ones(2, 17))).shape
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
        return self.out(self.merge(x))
