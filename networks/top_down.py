"""Top-down network (paper 3.1): the joints of EVERYONE in an enlarged box, with identity tags to group them.

B crops, H and W height and width of the crop, multiples of 32. Cell (u, v) of a map stands for the pixel
(4 u + 1.5, 4 v + 1.5) of the crop.
"""

import torch
from torch import nn

from networks.mobilenet import Head
from networks.trunk import Tags, scale_picture, trunk


class TopDown(nn.Module):
    """crops uint8 [B, H, W, 3] RGB -> heatmaps [B, J, H/4, W/4] 0..1, tags [B, J, H/4, W/4]

    Joints in COCO17 order. Joints whose tags differ by less than 1 belong to one person (associative embedding).

    >>> heatmaps, tags = TopDown().eval()(torch.zeros(2, 64, 96, 3, dtype=torch.uint8))
    >>> heatmaps.shape == tags.shape == torch.Size([2, 17, 16, 24])
    True
    """

    def __init__(self, backbone="mobilenet", width=1.0, joints=17):
        super().__init__()
        self.arguments = {"backbone": backbone, "width": width, "joints": joints}
        self.trunk = trunk(backbone, width)
        self.heatmaps = Head(self.trunk.channels, joints)
        self.tags = Tags(self.trunk.channels, joints)

    def forward(self, crops):
        features = self.trunk(scale_picture(crops))  # [B, C, H/4, W/4]
        return torch.sigmoid(self.heatmaps(features).float()), self.tags(features)
