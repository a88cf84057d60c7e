"""Temporal networks of the top-down branch (paper, supplement 1, "TCN Structure", eq. 13 and 14): a window of the GCN's
poses becomes a smooth 3D pose (joint TCN) and a root depth (root TCN).

B batch, T = 3 ** n frames, F features per frame (networks.normalisation), C channels, L look-aheads. Layers merge
three neighbouring frames into one, so a layer is a matrix product on reshaped data, and a window costs little.
"""

import torch
from torch import nn

from duopose.networks.normalisation import CONFIDENCE, FAR, FEATURES, POINTS, POSE, SIZE, VALID, VIEW


class Merge(nn.Module):
    """[B, 3 T, inputs] -> [B, T, C]: a convolution of width 3 and stride 3 with norm and PReLU."""

    def __init__(self, inputs, channels):
        super().__init__()
        self.weigh = nn.Linear(3 * inputs, channels, bias=False)
        self.norm = nn.BatchNorm1d(channels)
        self.act = nn.PReLU(channels)

    def forward(self, x):
        batch, frames, inputs = x.shape
        y = self.weigh(x.reshape(batch * frames // 3, 3 * inputs))
        return self.act(self.norm(y)).reshape(batch, frames // 3, -1)


class Block(nn.Module):
    """[B, 3 T, C] -> [B, T, C]: merge three frames, mix channels; the shortcut takes the middle one of the three."""

    def __init__(self, channels, dropout):
        super().__init__()
        self.merge = Merge(channels, channels)
        self.mix = nn.Linear(channels, channels, bias=False)
        self.norm = nn.BatchNorm1d(channels)
        self.act = nn.PReLU(channels)
        self.drop = nn.Dropout(dropout)

    def forward(self, x):
        y = self.drop(self.merge(x))  # [B, T, C]
        y = self.act(self.norm(self.mix(y).flatten(0, 1))).reshape(y.shape)  # [B, T, C]
        return x[:, 1::3] + self.drop(y)


class TCN(nn.Module):
    """x [B, T, inputs] -> [B, outputs], seeing all T = 3 ** (blocks + 1) frames.

    The network is causal if it was trained to give the pose of the newest frame, and looks ahead if it was trained to
    give that of an earlier one.
    """

    def __init__(self, inputs, outputs, channels, frames=27, dropout=0.0):
        super().__init__()
        blocks = 0
        while 3 ** (blocks + 1) < frames:
            blocks += 1
        if frames != 3 ** (blocks + 1):
            raise ValueError(f"a window has 3, 9, 27, 81, ... frames, not {frames}")
        self.frames = frames
        self.stem = Merge(inputs, channels)
        self.blocks = nn.ModuleList(Block(channels, dropout) for _ in range(blocks))
        self.head = nn.Linear(channels, outputs)

    def forward(self, x):
        if not torch.jit.is_tracing() and x.shape[1] != self.frames:
            raise ValueError(f"this TCN sees {self.frames} frames, got {tuple(x.shape)}")
        x = self.stem(x)  # [B, T / 3, C]
        for block in self.blocks:
            x = block(x)  # [B, T / 9, C], ... [B, 1, C]
        return self.head(x[:, 0])  # [B, outputs]


def bounded(window):
    """The window [B, T, FEATURES], nobody in it farther away than networks can tell."""
    return torch.cat([window[..., :SIZE], window[..., SIZE : SIZE + 1].clamp(min=FAR), window[..., SIZE + 1 :]], -1)


class JointTCN(nn.Module):
    """window [B, T, FEATURES] -> joints [B, L, 17, 3], one pose for each look-ahead.

    A pose is in metres relative to the pelvis, in the virtual camera of its frame. `lookaheads` says how many frames
    before the newest that frame lies, 0 or more. A learned linear filter over the GCN's poses takes out the jitter; the
    TCN corrects what the filter gives.
    """

    inputs = 72  # pose, confidence, view, validity

    def __init__(self, channels=384, frames=27, lookaheads=(0,), dropout=0.0):
        super().__init__()
        self.arguments = {"channels": channels, "frames": frames, "lookaheads": list(lookaheads), "dropout": dropout}
        self.columns = [frames - 1 - ahead for ahead in lookaheads]
        self.tcn = TCN(self.inputs, 51 * len(lookaheads), channels, frames, dropout)
        nn.init.zeros_(self.tcn.head.weight)  # to begin with, the answer is the GCN's pose
        nn.init.zeros_(self.tcn.head.bias)
        self.filter = nn.Parameter(torch.eye(frames)[self.columns][:, :, None].repeat(1, 1, 51))  # [L, T, 51]

    def forward(self, window):
        correction = self.tcn(bounded(window)[..., : self.inputs])  # [B, 51 L]
        poses, valid = window[..., POSE], window[..., VALID]
        joints = []
        for ahead, column in enumerate(self.columns):
            known = valid * poses + (1 - valid) * poses[:, column : column + 1]  # a gap counts as standing still
            joints.append((known * self.filter[ahead]).sum(1))  # [B, 51]
        joints = torch.stack(joints, 1) + correction.float().unflatten(-1, (-1, 51))  # [B, L, 51]
        joints = joints.unflatten(-1, (17, 3))  # [B, L, 17, 3]
        return joints - joints[:, :, :1]


class RootTCN(nn.Module):
    """window [B, T, FEATURES], 3D and 2D poses -> log(Z * size) [B, L] of the root at each look-ahead.

    Z is in metres along the virtual camera's axis, size is the person's angular size. So the output depends neither on
    the focal length nor on the scale (eq. 14 learns Z / f for the same reason).
    """

    inputs = FEATURES

    def __init__(self, channels=256, frames=27, lookaheads=(0,), dropout=0.0):
        super().__init__()
        self.arguments = {"channels": channels, "frames": frames, "lookaheads": list(lookaheads), "dropout": dropout}
        self.tcn = TCN(self.inputs, len(lookaheads), channels, frames, dropout)

    def forward(self, window):
        return self.tcn(bounded(window)).float()  # [B, L]


assert (POSE.start, VALID.stop, POINTS.stop) == (0, JointTCN.inputs, FEATURES), (CONFIDENCE, VIEW)
