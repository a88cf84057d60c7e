"""Person detector, the first step of the top-down branch (paper 3.1): the centre of each visible person, and there the
distances to the four sides of the person's box.

As CenterNet (Zhou et al. 2019) and MoveNet MultiPose do, without anchors; the sides are measured from the cell as in
FCOS (Tian et al. 2019), so that the centre need not be exact.
"""

import torch
from torch import nn

from duopose.networks.backbones.mobilenet import Head
from duopose.networks.backbones.trunk import scale_picture, trunk

STRIDE = 4  # pixels per cell


class Detector(nn.Module):
    """pictures uint8 [B, H, W, 3] RGB -> centres [B, 1, H/4, W/4] 0..1, sides [B, 4, H/4, W/4]

    sides   pixels of the input from the cell's middle (4 u + 1.5, 4 v + 1.5) to the left, top, right and bottom of
            the box of the person whose centre is there

    >>> centres, sides = Detector().eval()(torch.zeros(1, 64, 96, 3, dtype=torch.uint8))
    >>> centres.shape, sides.shape
    (torch.Size([1, 1, 16, 24]), torch.Size([1, 4, 16, 24]))
    """

    def __init__(self, backbone="mobilenet", width=1.0):
        super().__init__()
        self.arguments = {"backbone": backbone, "width": width}
        self.trunk = trunk(backbone, width)
        self.centres = Head(self.trunk.channels, 1)
        self.sides = Head(self.trunk.channels, 4)

    def forward(self, pictures):
        features = self.trunk(scale_picture(pictures))  # [B, C, H/4, W/4]
        sides = (self.sides(features).float() * STRIDE).clamp(min=1)  # [B, 4, H/4, W/4]
        return torch.sigmoid(self.centres(features).float()), sides
