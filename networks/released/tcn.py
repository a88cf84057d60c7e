"""The authors' temporal networks (paper, supplement 1, "TCN Structure"): Joint TCN and Root TCN.

B batch, T = 243 frames, C channels. Time is the second axis outside and the last one inside.
"""

from torch import nn

EPSILON = 2e-5  # of every batch norm of theirs


class Layer(nn.Module):
    """[B, inputs, T] -> [B, outputs, T / stride]: a convolution as wide as its stride, norm, PReLU. Without padding."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.mix = nn.Conv1d(inputs, outputs, stride, stride, bias=False)
        self.norm = nn.BatchNorm1d(outputs, eps=EPSILON)
        self.act = nn.PReLU(outputs)

    def forward(self, x):
        return self.act(self.norm(self.mix(x)))


class Block(nn.Module):
    """[B, C, 3 T] -> [B, C, T]: three frames become one; the shortcut takes the middle one of the three."""

    def __init__(self, channels):
        super().__init__()
        self.merge = Layer(channels, channels, 3)
        self.mix = Layer(channels, channels, 1)

    def forward(self, x):
        return x[:, :, 1::3] + self.mix(self.merge(x))


class TCN(nn.Module):
    """x [B, T, inputs] -> [B, outputs], for the middle one of the T = 3 ** (blocks + 1) frames.

    Joint TCN: 51 of the graph network's poses -> 51, a pose. Root TCN: 34 of the 2D poses -> 1, a root depth.
    """

    # ours -> theirs
    NAMES = (
        (r"^stem\.", "c1."),
        (r"^blocks\.(\d)\.merge\.", lambda found: f"r{int(found[1]) + 1}.c1."),
        (r"^blocks\.(\d)\.mix\.", lambda found: f"r{int(found[1]) + 1}.c2."),
        (r"^head\.", "c4.conv."),
        (r"\.mix\.weight$", ".conv.weight"),
        (r"\.norm\.", ".bn."),
    )

    def __init__(self, inputs=51, outputs=51, channels=1024, blocks=4):
        super().__init__()
        self.arguments = {"inputs": inputs, "outputs": outputs, "channels": channels, "blocks": blocks}
        self.frames = 3 ** (blocks + 1)
        self.stem = Layer(inputs, channels, 3)
        self.blocks = nn.Sequential(*(Block(channels) for _ in range(blocks)))
        self.head = nn.Conv1d(channels, outputs, 1)

    def forward(self, x):
        if x.shape[1] != self.frames:
            raise ValueError(f"this TCN sees {self.frames} frames, got {tuple(x.shape)}")
        x = self.stem(x.transpose(1, 2))  # [B, C, T / 3]
        return self.head(self.blocks(x))[..., 0]  # [B, outputs]
