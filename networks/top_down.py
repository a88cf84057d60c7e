"""Top-down network (paper 3.1): the joints of EVERYONE in an enlarged box, with identity tags to group them.

B crops, H and W height and width of the crop, multiples of 32. Cell (u, v) of a map stands for the pixel
(4 u + 1.5, 4 v + 1.5) of the crop.
"""

import torch
from torch import nn

from duopose.networks.backbones.mobilenet import Head
from duopose.networks.backbones.trunk import Tags, imagenet, scale_picture, trunk


class TopDown(nn.Module):
    """crops uint8 [B, H, W, 3] RGB -> heatmaps [B, J, H/4, W/4] 0..1, tags [B, J, H/4, W/4]

    Joints in COCO17 order. Joints whose tags differ by less than 1 belong to one person (associative embedding).

    published   built like the public HRNets, for their weights (networks/released/hrnet.py): pictures scaled by
                ImageNet's mean and deviation, one 1x1 convolution per output, heatmaps about 0..1 without a sigmoid

    >>> heatmaps, tags = TopDown().eval()(torch.zeros(2, 64, 96, 3, dtype=torch.uint8))
    >>> heatmaps.shape == tags.shape == torch.Size([2, 17, 16, 24])
    True
    """

    def __init__(self, backbone="mobilenet", width=1.0, joints=17, published=False):
        super().__init__()
        self.arguments = {"backbone": backbone, "width": width, "joints": joints, "published": published}
        self.published = published
        self.trunk = trunk(backbone, width)
        channels = self.trunk.channels
        self.heatmaps = nn.Conv2d(channels, joints, 1) if published else Head(channels, joints)
        self.tags = nn.Conv2d(channels, joints, 1) if published else Tags(channels, joints)

    def forward(self, crops):
        if self.published:
            features = self.trunk(imagenet(crops))  # [B, C, H/4, W/4]
            return self.heatmaps(features).float(), self.tags(features).float()
        features = self.trunk(scale_picture(crops))  # [B, C, H/4, W/4]
        return torch.sigmoid(self.heatmaps(features).float()), self.tags(features)  # [B, J, H/4, W/4] each
