"""MobileNetV2 with a feature pyramid down to stride 4: the trunk of Google's MoveNet, and the light trunk here.

Layout, padding and resizing are exactly MoveNet's, so that its public weights fit (`training/images/pretrained.py`
reads them): Lightning is width 1.0, MultiPose 1.5, Thunder 1.75. Batch norms are folded into the convolutions.

B batch, C channels, H and W height and width of the input, multiples of 32.
"""

import torch
import torch.nn.functional as F
from torch import nn

# MobileNetV2 (Sandler et al. 2018, table 2): expansion, channels, repeats, first stride.
STAGES = ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1))
# The blocks whose output the pyramid takes, and what it makes of each: stride 4, 8, 16.
TAPS = {2: 24, 5: 32, 9: 64}
TOP = 1280  # channels at stride 32, whatever the width


def scaled(channels, width):
    """`channels` times `width`, rounded to a multiple of 8 that is at least 90 % of it.

    >>> [scaled(24, 1.75), scaled(16, 1.75)]
    [40, 32]
    """
    wanted = channels * width
    rounded = max(8, int(wanted + 4) // 8 * 8)
    return rounded if rounded >= 0.9 * wanted else rounded + 8


class Convolution(nn.Conv2d):
    """Convolution padded as TensorFlow's SAME: at stride 2 the extra row and column lie at the bottom and right.

    [B, inputs, H, W] -> [B, outputs, H / stride, W / stride]
    """

    def __init__(self, inputs, outputs, size=1, stride=1, groups=1, bias=True):
        super().__init__(inputs, outputs, size, stride, size // 2 if stride == 1 else 0, groups=groups, bias=bias)

    def forward(self, x):
        if self.stride[0] == 1:
            return super().forward(x)
        if self.training and self.groups > 1 and self.weight.requires_grad:
            # The same numbers as below. oneDNN has no fast gradient for a strided depthwise convolution: 4x slower.
            return F.conv2d(x, self.weight, self.bias, 1, 1, groups=self.groups)[..., 1::2, 1::2]
        return super().forward(F.pad(x, (0, 1, 0, 1)))


class Block(nn.Module):
    """Inverted residual: widen, filter each channel by itself, narrow. [B, inputs, H, W] -> [B, outputs, H/s, W/s]"""

    def __init__(self, inputs, outputs, stride, expansion):
        super().__init__()
        inner = inputs * expansion
        self.expand = Convolution(inputs, inner) if expansion > 1 else None
        self.depthwise = Convolution(inner, inner, 3, stride, groups=inner)
        self.project = Convolution(inner, outputs)
        self.shortcut = stride == 1 and inputs == outputs

    def forward(self, x):
        y = x if self.expand is None else F.relu6(self.expand(x), inplace=True)
        y = F.relu6(self.depthwise(y), inplace=True)
        y = self.project(y)
        return x + y if self.shortcut else y


class Separable(nn.Module):
    """A 3x3 filter per channel, then a 1x1 convolution and ReLU: [B, inputs, H, W] -> [B, outputs, H, W]"""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.depthwise = Convolution(inputs, inputs, 3, groups=inputs, bias=False)
        self.pointwise = Convolution(inputs, outputs)

    def forward(self, x):
        return F.relu(self.pointwise(self.depthwise(x)), inplace=True)


class Head(nn.Sequential):
    """MoveNet's layers from the features to one kind of output: [B, inputs, H, W] -> [B, outputs, H, W]"""

    def __init__(self, inputs, outputs, hidden=96):
        super().__init__(Separable(inputs, hidden), Convolution(hidden, outputs))


class MobileNetV2FPN(nn.Module):
    """x [B, inputs, H, W], pictures as -1..1 -> [B, 24, H/4, W/4]

    >>> import torch
    >>> MobileNetV2FPN().eval()(torch.zeros(1, 3, 64, 96)).shape
    torch.Size([1, 24, 16, 24])
    """

    def __init__(self, width=1.0, inputs=3):
        super().__init__()
        channels = scaled(32, width)
        self.stem = Convolution(inputs, channels, 3, 2)
        self.blocks = nn.ModuleList()
        tapped = {}
        for expansion, outputs, repeats, stride in STAGES:
            for repeat in range(repeats):
                self.blocks.append(Block(channels, scaled(outputs, width), stride if repeat == 0 else 1, expansion))
                channels = scaled(outputs, width)
                tapped[len(self.blocks) - 1] = channels
        self.top = Convolution(channels, TOP)
        self.from_top = Convolution(TOP, TAPS[9])
        self.lateral = nn.ModuleList(Convolution(tapped[block], TAPS[block]) for block in (9, 5, 2))
        self.merge = nn.ModuleList((Separable(64, 32), Separable(32, 24), Separable(24, 24)))
        self.channels = 24

    def forward(self, x):
        if not torch.jit.is_tracing() and (x.shape[-2] % 32 or x.shape[-1] % 32):
            raise ValueError(f"height and width must be multiples of 32, got {tuple(x.shape[-2:])}")
        x = F.relu6(self.stem(x), inplace=True)  # [B, C, H/2, W/2]
        taps = []
        for number, block in enumerate(self.blocks):
            x = block(x)
            if number in TAPS:
                taps.append(x)  # strides 4, 8, 16
        x = self.from_top(F.relu6(self.top(x), inplace=True))  # [B, 64, H/32, W/32]
        for lateral, merge in zip(self.lateral, self.merge, strict=True):
            x = F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
            x = merge(x + lateral(taps.pop()))
        return x  # [B, 24, H/4, W/4]
