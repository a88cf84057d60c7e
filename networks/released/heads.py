"""The authors' small networks: one joins the branches, two lead from one skeleton to another.

N people. A pose of 17 joints is [3, 17] here, in MuPoTS-3D's order; `Transform` reads the bottom-up network's 14.
"""

from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import nn


class Integration(nn.Module):
    """poses [N, 102], depths [N, 2] -> pose [N, 3, 17], depth [N, 1] (paper 3.3)

    poses    the top-down pose [3, 17], then the bottom-up pose, flattened
    depths   of both roots, in the authors' use millimetres / 1000

    It only blends: a weight for the whole pose (0..1, of the top-down pose) and one for the depth (-2..2).
    """

    NAMES = ((r"^layers\.(\d)\.", lambda found: f"fc{int(found[1]) + 1}.fc."),)

    def __init__(self, channels=512):
        super().__init__()
        self.arguments = {"channels": channels}
        sizes = (104, channels, channels, channels, 2)
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in pairwise(sizes))

    def forward(self, poses, depths):
        x = torch.cat([poses, depths], 1)  # [N, 104]
        for layer in self.layers[:-1]:
            x = F.gelu(layer(x))  # [N, C]
        pose, depth = self.layers[-1](x).split(1, 1)  # [N, 1]
        pose, depth = torch.sigmoid(pose), 2 * torch.tanh(depth)  # how much the top-down branch counts
        top, bottom = poses.chunk(2, 1)
        blended = pose * top + (1 - pose) * bottom  # [N, 51]
        return blended.unflatten(1, (3, 17)), depth * depths[:, :1] + (1 - depth) * depths[:, 1:]


class Transform(nn.Module):
    """x [N, 14, 3] -> [N, 17, 3]: the bottom-up network's joints become MuPoTS-3D's, whose order they get.

    x   relative to the root; x and y divided by the joints' mean distance from it in the picture, z a relative depth
    """

    NAMES = ((r"^scale$", "linear/weight"), (r"^shift$", "linear/bias"), (r"^joints\.", "trans/f3.fc."))

    def __init__(self):
        super().__init__()
        self.arguments = {}
        self.scale, self.shift = nn.Parameter(torch.ones(3)), nn.Parameter(torch.zeros(3))
        self.joints = nn.Linear(42, 51)

    def forward(self, x):
        return self.joints((self.scale * x + self.shift).flatten(1)).unflatten(1, (17, 3))


class Adaptation(nn.Module):
    """pose [N, 3, 17] -> [N, 3, 17]: turned by a matrix that depends on the pose, then each joint a mixture of all.

    It brings poses to MuPoTS-3D's definition of the joints, for measuring there; live it is not used.
    """

    NAMES = (
        (r"^look\.(\d)\.", lambda found: f"l{found[1]}.fc."),
        (r"^turn\.", "l2.fc."),
        (r"^joints\.", "l3.fc."),
    )

    def __init__(self, channels=512):
        super().__init__()
        self.arguments = {"channels": channels}
        self.look = nn.ModuleList((nn.Linear(51, channels), nn.Linear(channels, channels)))
        self.turn = nn.Linear(channels, 9)
        self.joints = nn.Linear(51, 51)

    def forward(self, pose):
        x = pose.flatten(1)  # [N, 51]
        for layer in self.look:
            x = F.gelu(layer(x))  # [N, C]
        turn = self.turn(x).unflatten(1, (3, 3))
        return self.joints((turn.transpose(1, 2) @ pose).flatten(1)).unflatten(1, (3, 17))
