"""The authors' bottom-up network (paper 3.2): HRNet-w32 on frame and 17 top-down heatmaps, then maps at half the size.

B batch, H and W height and width of the input, multiples of 32. Cell (u, v) of a map stands for the pixel
(2 u + 0.5, 2 v + 0.5) of the input.
"""

import torch
import torch.nn.functional as F
from torch import nn

from duopose.networks.backbones.hrnet import HRNet
from duopose.networks.backbones.trunk import imagenet
from duopose.networks.released.tcn import EPSILON

OUTPUTS = (14, 14, 1, 13)  # heatmaps, tags, root depth, relative depths of all but the root


class Layer(nn.Module):
    """3x3 convolution, norm, PReLU: [B, C, H, W] -> [B, C, H, W]"""

    def __init__(self, channels):
        super().__init__()
        self.mix = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(channels, eps=EPSILON)
        self.act = nn.PReLU(channels)

    def forward(self, x):
        return self.act(self.norm(self.mix(x)))


class Head(nn.Module):
    """[B, C, H, W] -> [B, outputs, H, W]"""

    def __init__(self, channels, outputs):
        super().__init__()
        self.layer = Layer(channels)
        self.last = nn.Conv2d(channels, outputs, 1)

    def forward(self, x):
        return self.last(self.layer(x))


class BottomUp(nn.Module):
    """frames uint8 [B, H, W, 3] RGB, guides uint8 [B, 17, H, W] -> heatmaps, tags, root, relative

    guides     the top-down joints as heatmaps in BODY17 order, 0..255 for 0..1
    heatmaps   [B, 14, H/2, W/2]   MUCO14 order (networks.released.skeletons), about 0..1
    tags       [B, 14, H/2, W/2]
    root       [B, 1, H/2, W/2]    depth in units of 2.5 m, less 1.45, of a camera like MuCo-3DHP's
    relative   [B, 13, H/2, W/2]   metres: depth of each other joint less the root's

    >>> inputs = torch.zeros(1, 64, 96, 3, dtype=torch.uint8), torch.zeros(1, 17, 64, 96, dtype=torch.uint8)
    >>> [tuple(out.shape[1:]) for out in BottomUp(width=8).eval()(*inputs)]
    [(14, 32, 48), (14, 32, 48), (1, 32, 48), (13, 32, 48)]
    """

    NAMES = (
        (r"^trunk\.stem\.(\d)\.", lambda found: f"backbone.c{int(found[1]) + 1}."),
        (
            r"^trunk\.first\.(\d)\.body\.(\d)\.",
            lambda found: f"backbone.layer1.units.{found[1]}.c{int(found[2]) + 1}.",
        ),
        (r"^trunk\.first\.(\d)\.shortcut\.", r"backbone.layer1.units.\1.sc."),
        (r"^trunk\.enter\.", "backbone.stage1.transition.trans.0."),
        (
            r"^trunk\.begin\.(\d)\.",
            lambda found: f"backbone.stage{int(found[1]) + 1}.transition.trans.{int(found[1]) + 1}.",
        ),
        (
            r"^trunk\.stages\.(\d)\.(\d)\.branches\.(\d)\.(\d)\.body\.(\d)\.",
            lambda found: (
                f"backbone.stage{int(found[1]) + 1}.blocks.{found[2]}.{found[3]}.units.{found[4]}.c{int(found[5]) + 1}."
            ),
        ),
        (r"^trunk\.stages\.2\.2\.fuse\.0\.(\d)\.body\.", r"backbone.lastfuse.c\1.c1."),
        (  # down: a chain of layers
            r"^trunk\.stages\.(\d)\.(\d)\.fuse\.(\d)\.(\d)\.body\.(\d)\.(?=\d)",
            lambda found: (
                f"backbone.stage{int(found[1]) + 1}.fuses.{found[2]}.branches.{found[3]}.{found[4]}.mods.{found[5]}."
            ),
        ),
        (  # up: one layer
            r"^trunk\.stages\.(\d)\.(\d)\.fuse\.(\d)\.(\d)\.body\.",
            lambda found: f"backbone.stage{int(found[1]) + 1}.fuses.{found[2]}.branches.{found[3]}.{found[4]}.c1.",
        ),
        (r"^before\.", "upsample.prevlayers.0."),
        (r"^wide\.", "upsample.uplayer.conv."),
        (r"^wide_act\.", "upsample.uplayer.act."),
        (r"^after\.", "upsample.postlayers.0."),
        (r"^heads\.0\.layer\.", "head.layers.0."),
        (r"^heads\.(\d)\.layer\.", lambda found: f"head{int(found[1]) + 1}.layers.0."),
        (r"^heads\.(\d)\.last\.", lambda found: f"c{int(found[1]) + 1}.conv."),
        (r"\.0\.weight$", ".conv.weight"),  # a layer of the trunk: convolution, norm
        (r"\.1\.(?=\w+$)", ".bn."),
        (r"\.mix\.weight$", ".conv.weight"),
        (r"\.norm\.", ".bn."),
    )

    def __init__(self, width=32):
        super().__init__()
        self.arguments = {"width": width}
        self.trunk = HRNet(width=width, inputs=20)
        self.before = Layer(width)
        self.wide, self.wide_act = nn.Conv2d(width, 4 * width, 3, padding=1, bias=False), nn.PReLU(4 * width)
        self.after = Layer(width)
        self.heads = nn.ModuleList(Head(width, outputs) for outputs in OUTPUTS)

    def forward(self, frames, guides):
        return self.maps(torch.cat([imagenet(frames), guides.float() * (1 / 255)], 1)).split(OUTPUTS, 1)

    def maps(self, x):
        """x [B, 20, H, W]: normalised picture and heatmaps -> all outputs as one, [B, 42, H/2, W/2]"""
        x = self.before(self.trunk(x))  # [B, C, H/4, W/4]
        x = self.after(F.pixel_shuffle(self.wide_act(self.wide(x)), 2))  # [B, C, H/2, W/2]
        return torch.cat([head(x) for head in self.heads], 1)
