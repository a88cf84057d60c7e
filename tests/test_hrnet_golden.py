"""HRNet-w32 gives what the paper's authors' released bottom-up network gives, every tensor filled by a fixed rule.

golden/authors_bottom_up.npz holds their input and every fourth value of their output. Their network goes on from the
trunk with an up-sampling by two and four heads, which are put together here.
"""

import re
import zlib
from collections import OrderedDict
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

from networks.hrnet import HRNet  # noqa: E402


def layer(inputs, outputs):
    """3x3, norm, PReLU."""
    parts = {
        "conv": nn.Conv2d(inputs, outputs, 3, padding=1, bias=False),
        "bn": nn.BatchNorm2d(outputs, eps=2e-5),
        "act": nn.PReLU(outputs),
    }
    return nn.Sequential(OrderedDict(parts))


class AuthorsBottomUp(nn.Module):
    """x [B, 20, H, W] -> [B, 42, H/2, W/2]: 14 heatmaps, 14 tags, 1 root depth, 13 relative depths."""

    def __init__(self):
        super().__init__()
        self.backbone = HRNet(width=32, inputs=20)
        self.before = layer(32, 32)
        up = {"conv": nn.Conv2d(32, 128, 3, padding=1, bias=False), "act": nn.PReLU(128)}
        self.up = nn.Sequential(OrderedDict(up))
        self.after = layer(32, 32)
        self.heads = nn.ModuleList(layer(32, 32) for _ in range(4))
        self.outs = nn.ModuleList(nn.ModuleDict({"conv": nn.Conv2d(32, n, 1)}) for n in (14, 14, 1, 13))

    def forward(self, x):
        x = self.before(self.backbone(x))
        x = self.after(nn.functional.pixel_shuffle(self.up(x), 2))
        return torch.cat([out["conv"](head(x)) for head, out in zip(self.heads, self.outs, strict=True)], 1)


RENAME = (  # ours -> theirs
    (r"^backbone\.stem\.(\d)\.", lambda m: f"backbone.c{int(m[1]) + 1}."),
    (r"^backbone\.first\.(\d)\.body\.(\d)\.", lambda m: f"backbone.layer1.units.{m[1]}.c{int(m[2]) + 1}."),
    (r"^backbone\.first\.(\d)\.shortcut\.", lambda m: f"backbone.layer1.units.{m[1]}.sc."),
    (r"^backbone\.enter\.", lambda m: "backbone.stage1.transition.trans.0."),
    (r"^backbone\.begin\.(\d)\.", lambda m: f"backbone.stage{int(m[1]) + 1}.transition.trans.{int(m[1]) + 1}."),
    (
        r"^backbone\.stages\.(\d)\.(\d)\.branches\.(\d)\.(\d)\.body\.(\d)\.",
        lambda m: f"backbone.stage{int(m[1]) + 1}.blocks.{m[2]}.{m[3]}.units.{m[4]}.c{int(m[5]) + 1}.",
    ),
    (r"^backbone\.stages\.2\.2\.fuse\.0\.(\d)\.body\.", lambda m: f"backbone.lastfuse.c{m[1]}.c1."),
    (
        r"^backbone\.stages\.(\d)\.(\d)\.fuse\.(\d)\.(\d)\.body\.(\d)\.(?=\d)",
        lambda m: f"backbone.stage{int(m[1]) + 1}.fuses.{m[2]}.branches.{m[3]}.{m[4]}.mods.{m[5]}.",
    ),
    (
        r"^backbone\.stages\.(\d)\.(\d)\.fuse\.(\d)\.(\d)\.body\.",
        lambda m: f"backbone.stage{int(m[1]) + 1}.fuses.{m[2]}.branches.{m[3]}.{m[4]}.c1.",
    ),
    (r"^before\.", lambda m: "upsample.prevlayers.0."),
    (r"^up\.", lambda m: "upsample.uplayer."),
    (r"^after\.", lambda m: "upsample.postlayers.0."),
    (r"^heads\.(\d)\.", lambda m: f"head{int(m[1]) + 1 if int(m[1]) else ''}.layers.0."),
    (r"^outs\.(\d)\.", lambda m: f"c{int(m[1]) + 1}."),
    (r"\.0\.(weight|bias)$", lambda m: f".conv.{m[1]}"),  # a layer of ours is a sequence of convolution and norm
    (r"\.1\.(weight|bias|running_mean|running_var|num_batches_tracked)$", lambda m: f".bn.{m[1]}"),
)


def theirs(key):
    for pattern, new in RENAME[:-2]:
        key, changed = re.subn(pattern, new, key)
        if changed:
            break
    for pattern, new in RENAME[-2:]:
        key = re.sub(pattern, new, key)
    return key


def fill(network, prefix="btmup/", gain=0.5):
    """The rule by which the golden vectors were made: each tensor drawn by a generator seeded with its name."""
    for key, value in network.state_dict().items():
        name, shape = theirs(key), tuple(value.shape)
        rng = np.random.default_rng(zlib.crc32((prefix + name).encode()))
        last = name.rsplit(".", 1)[1]
        if last == "num_batches_tracked":
            drawn = np.zeros(shape)
        elif last == "running_var":
            drawn = 0.5 + rng.random(shape)
        elif last == "running_mean" or (len(shape) < 2 and last.startswith("bias")):
            drawn = 0.1 * rng.standard_normal(shape)
        elif len(shape) < 2 and ".act." in name:
            drawn = 0.25 * rng.random(shape)
        elif len(shape) < 2:
            drawn = 0.5 + rng.random(shape)
        else:
            drawn = rng.standard_normal(shape) * np.sqrt(gain * shape[0] / np.prod(shape))
        value.copy_(torch.from_numpy(np.asarray(drawn)))


def test_hrnet_equals_the_authors_network():
    golden = np.load(Path(__file__).parent / "golden/authors_bottom_up.npz")
    network = AuthorsBottomUp().eval()
    fill(network)
    with torch.inference_mode():
        out = network(torch.from_numpy(golden["x"].astype(np.float32)))
    assert out.shape == (1, 42, 64, 96)
    scale = np.abs(golden["out"]).max()
    np.testing.assert_allclose(out[..., ::4, ::4].numpy(), golden["out"], atol=1e-4 * scale)
