"""Two-person discriminator (paper 3.3, eq. 8 and 9): D1 judges a person's pose, D2 how two people are with each other.

Only training needs it. N people or pairs; every pose is [N, 17, 3], BODY17, metres, camera frame, complete.

What the two see is free of where in front of the camera people stand and of how they are turned about the camera's
vertical: motion capture holds few couples, and none of them chose its camera, so neither says anything about how
natural a pose is. What is kept is what does: who is how high, how people lean, how near they are and who faces whom.
"""

from itertools import pairwise

import torch
from torch import nn

from duopose.stream.skeleton import BODY_BONES, L_HIP, PELVIS, R_HIP

PARENTS, CHILDREN = (list(ends) for ends in zip(*BODY_BONES, strict=True))
NEAR = 0.4  # m: at this distance of two joints, what D2 sees of it has fallen to 1 / e
SINGLE = 51 + 16 + 16 * 15 // 2  # numbers that D1 sees: joints, lengths of the bones, cosines between them
PAIR = 2 * 51 + 17 * 17  # numbers that D2 sees: joints of both, nearness of each joint of one to each of the other


def facing_along(points, across):
    """points [N, M, 3] turned about the vertical (y) so that the level part of `across` [N, 3] points along x."""
    x, z = across[:, 0], across[:, 2]
    length = (x * x + z * z + 1e-4).sqrt()
    cos, sin = (x / length)[:, None], (z / length)[:, None]
    turned = [cos * points[..., 0] + sin * points[..., 2], points[..., 1], cos * points[..., 2] - sin * points[..., 0]]
    return torch.stack(turned, -1)


def describe_single(pose):
    """Poses [N, 17, 3] -> [N, SINGLE]: joints around the pelvis, hips along x; lengths of the bones and the cosines
    between them, which no turn changes (the kinematic chain space of Wandt & Rosenhahn 2019, the paper's [50])."""
    relative = pose - pose[:, PELVIS : PELVIS + 1]
    relative = facing_along(relative, pose[:, L_HIP] - pose[:, R_HIP])
    bones = relative[:, CHILDREN] - relative[:, PARENTS]  # [N, 16, 3]
    length = (bones.square().sum(-1) + 1e-6).sqrt()
    unit = bones / length[..., None]
    row, column = torch.triu_indices(16, 16, 1, device=pose.device)
    cosine = (unit @ unit.transpose(1, 2))[:, row, column]  # [N, 120]
    return torch.cat([relative.flatten(1), length, cosine], 1)


def describe_pair(a, b):
    """Poses of two people, [N, 17, 3] each -> [N, PAIR]: joints around the middle of their pelvises, b's pelvis along x
    from a's; and how near each joint of a is to each of b: exp(-distance / NEAR), nearly 0 for those far apart."""
    roots = a[:, PELVIS], b[:, PELVIS]
    both = torch.cat([a, b], 1) - ((roots[0] + roots[1]) / 2)[:, None]
    both = facing_along(both, roots[1] - roots[0])  # [N, 34, 3]
    apart = ((both[:, :17, None] - both[:, None, 17:]).square().sum(-1) + 1e-6).sqrt()  # [N, 17, 17]
    return torch.cat([both.flatten(1), torch.exp(-apart / NEAR).flatten(1)], 1)


def layers(inputs, channels, depth, dropout):
    """Fully connected layers: [N, inputs] -> [N, 1]. Each input is first scaled by its own mean and spread, because a
    bone that is 2 cm too long is a small number beside a turned limb."""
    sizes = [inputs] + [channels] * depth
    parts = [part for a, b in pairwise(sizes) for part in (nn.Linear(a, b), nn.LeakyReLU(0.2), nn.Dropout(dropout))]
    return nn.Sequential(nn.BatchNorm1d(inputs, affine=False), *parts, nn.Linear(channels, 1))


class Discriminator(nn.Module):
    """Two people's poses -> C [N], 0..1: how natural their poses and their being together are (eq. 9).

    `single` and `pair` give the logits of D1 and D2; C is made of their probabilities.

    >>> a, b = torch.randn(2, 17, 3), torch.randn(2, 17, 3)
    >>> Discriminator(channels=8).eval()(a, b).shape
    torch.Size([2])
    """

    def __init__(self, channels=256, depth=3, dropout=0.2):
        super().__init__()
        self.arguments = {"channels": channels, "depth": depth, "dropout": dropout}
        self.d1 = layers(SINGLE, channels, depth, dropout)
        self.d2 = layers(PAIR, channels, depth, dropout)

    def single(self, pose):
        """D1: poses -> logits [N]."""
        return self.d1(describe_single(pose))[:, 0]

    def pair(self, a, b):
        """D2: poses of two people -> logits [N]. Who of the two is named first makes no difference."""
        return (self.d2(describe_pair(a, b)) + self.d2(describe_pair(b, a)))[:, 0] / 2

    def forward(self, a, b):
        d1 = torch.sigmoid(self.single(torch.cat([a, b]))).unflatten(0, (2, len(a)))  # [2, N]
        return 0.25 * (d1[0] + d1[1]) + 0.5 * torch.sigmoid(self.pair(a, b))

    def alone(self, pose):
        """C [N] of people who are alone: D1 decides by itself."""
        return torch.sigmoid(self.single(pose))
