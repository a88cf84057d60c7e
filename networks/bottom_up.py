"""Bottom-up network (paper 3.2, eq. 3 and 4): sees the whole frame at once, guided by the top-down joints.

B batch, H and W height and width of the input, multiples of 32. Cell (u, v) of a map stands for the pixel
(4 u + 1.5, 4 v + 1.5) of the input.
"""

import torch
from torch import nn

from duopose.networks.backbones.mobilenet import Head
from duopose.networks.backbones.trunk import Tags, scale_picture, trunk


class BottomUp(nn.Module):
    """frames uint8 [B, H, W, 3] RGB, guides uint8 [B, J, H, W] -> heatmaps, tags, relative depths, root depth

    guides     the top-down joints as heatmaps, 0..255 for 0..1: `kernels.render.draw_joints`
    heatmaps   [B, J, H/4, W/4]   0..1, COCO17 order
    tags       [B, J, H/4, W/4]   joints whose tags differ by less than 1 belong to one person
    relative   [B, J, H/4, W/4]   metres: depth of the joint minus that of the root (mid-hips), read at the joint
                                  (eq. 4)
    root       [B, 1, H/4, W/4]   log of Z / f, less `nodes.bottom_up.TYPICAL`; f in pixels of this input, Z the root's
                                  depth in metres; read at the mid-hips (eq. 3) or anywhere on the trunk. So it
                                  depends neither on the camera nor on how the frame was scaled (paper, supplement 1).

    >>> frame, guides = torch.zeros(1, 64, 96, 3, dtype=torch.uint8), torch.zeros(1, 17, 64, 96, dtype=torch.uint8)
    >>> [tuple(out.shape[1:]) for out in BottomUp().eval()(frame, guides)]
    [(17, 16, 24), (17, 16, 24), (17, 16, 24), (1, 16, 24)]
    """

    def __init__(self, backbone="mobilenet", width=1.0, joints=17):
        super().__init__()
        self.arguments = {"backbone": backbone, "width": width, "joints": joints}
        self.trunk = trunk(backbone, width, inputs=3 + joints)
        self.heatmaps = Head(self.trunk.channels, joints)
        self.tags = Tags(self.trunk.channels, joints)
        self.relative = Head(self.trunk.channels, joints)
        self.root = Head(self.trunk.channels, 1)

    def forward(self, frames, guides):
        x = torch.cat([scale_picture(frames), guides.float() * (1 / 255)], 1)  # [B, 3 + J, H, W]
        features = self.trunk(x)  # [B, C, H/4, W/4]
        heatmaps = torch.sigmoid(self.heatmaps(features).float())  # [B, J, H/4, W/4]
        return heatmaps, self.tags(features), self.relative(features).float(), self.root(features).float()
