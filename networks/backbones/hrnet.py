"""HRNet (Wang et al. 2019), the trunk of the `full` networks: high resolution kept from the first stage to the last.

The layout is that of the paper's authors' released bottom-up network up to its last fusing: HRNet-w32 with 1, 4 and 3
groups of four units, the very last group fused into the highest resolution only, convolution - norm - ReLU.

B batch, C channels, H and W height and width of the input, multiples of 32.
"""

import torch.nn.functional as F
from torch import nn


def layer(inputs, outputs, size=3, stride=1, act=True):
    """Convolution, batch norm and, if `act`, ReLU; keeps the size (or divides it by the stride)."""
    parts = [nn.Conv2d(inputs, outputs, size, stride, size // 2, bias=False), nn.BatchNorm2d(outputs, eps=2e-5)]
    return nn.Sequential(*parts, nn.ReLU(inplace=True)) if act else nn.Sequential(*parts)


class Bottleneck(nn.Module):
    """1x1, 3x3, 1x1 and a shortcut: [B, inputs, H, W] -> [B, outputs, H, W]"""

    def __init__(self, inputs, outputs):
        super().__init__()
        inner = outputs // 4
        self.body = nn.Sequential(layer(inputs, inner, 1), layer(inner, inner), layer(inner, outputs, 1, act=False))
        self.shortcut = nn.Identity() if inputs == outputs else layer(inputs, outputs, 1, act=False)

    def forward(self, x):
        return F.relu(self.body(x) + self.shortcut(x))


class Unit(nn.Module):
    """Two 3x3 layers and a shortcut: [B, C, H, W] -> [B, C, H, W]"""

    def __init__(self, channels):
        super().__init__()
        self.body = nn.Sequential(layer(channels, channels), layer(channels, channels, act=False))

    def forward(self, x):
        return F.relu(self.body(x) + x)


class Resample(nn.Module):
    """Branch `source` as branch `target` adds it: branch i has width * 2**i channels at stride 4 * 2**i."""

    def __init__(self, width, source, target):
        super().__init__()
        inputs, outputs = width << source, width << target
        if source >= target:
            self.body = nn.Identity() if source == target else layer(inputs, outputs, 1, act=False)
        else:
            steps = [layer(inputs, inputs, 3, 2) for _ in range(target - source - 1)]
            self.body = nn.Sequential(*steps, layer(inputs, outputs, 3, 2, act=False))
        self.enlarge = 1 << max(source - target, 0)

    def forward(self, x):
        return F.interpolate(self.body(x), scale_factor=float(self.enlarge), mode="nearest")


class Group(nn.Module):
    """Four units in each branch, then every branch receives all of them. `targets`: how many branches go on."""

    def __init__(self, width, branches, targets):
        super().__init__()
        self.branches = nn.ModuleList(nn.Sequential(*(Unit(width << i) for _ in range(4))) for i in range(branches))
        self.fuse = nn.ModuleList(
            nn.ModuleList(Resample(width, source, target) for source in range(branches)) for target in range(targets)
        )

    def forward(self, xs):
        xs = [branch(x) for branch, x in zip(self.branches, xs, strict=True)]
        return [F.relu(sum(way(x) for way, x in zip(ways, xs, strict=True))) for ways in self.fuse]


class HRNet(nn.Module):
    """x [B, inputs, H, W], pictures as -1..1 -> [B, width, H/4, W/4]

    >>> import torch
    >>> HRNet(width=8).eval()(torch.zeros(1, 3, 64, 96)).shape
    torch.Size([1, 8, 16, 24])
    """

    def __init__(self, width=32, inputs=3):
        super().__init__()
        self.stem = nn.Sequential(layer(inputs, 64, 3, 2), layer(64, 64, 3, 2))
        self.first = nn.Sequential(Bottleneck(64, 256), *(Bottleneck(256, 256) for _ in range(3)))
        self.enter = layer(256, width)
        self.stages, self.begin = nn.ModuleList(), nn.ModuleList()
        for branches, groups in ((2, 1), (3, 4), (4, 3)):
            lowest = 256 if branches == 2 else width << (branches - 2)
            self.begin.append(layer(lowest, width << (branches - 1), 3, 2))
            ends = [branches] * (groups - 1) + [1 if branches == 4 else branches]
            self.stages.append(nn.Sequential(*(Group(width, branches, targets) for targets in ends)))
        self.channels = width

    def forward(self, x):
        lowest = self.first(self.stem(x))  # [B, 256, H/4, W/4]
        xs = [self.enter(lowest)]
        for begin, stage in zip(self.begin, self.stages, strict=True):
            xs = stage([*xs, begin(lowest)])  # strides 4, 8, 16, 32
            lowest = xs[-1]
        return xs[0]  # [B, width, H/4, W/4]
