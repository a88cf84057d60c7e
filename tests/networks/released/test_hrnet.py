"""The public COCO checkpoints of HRNet and HigherHRNet: what is read in computes what their networks compute.

The networks are written here once more, plainly, from their public description, on a dictionary of random tensors with
the names of their files.
"""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from duopose.command import main
from duopose.networks import weights


class Public:
    """HRNet-w32 or HigherHRNet-w32 on a dictionary of tensors, which it fills with what it is the first to ask for."""

    def __init__(self, higher):
        self.higher, self.state, self.rng = higher, {}, np.random.default_rng(0)

    def tensor(self, key, shape, low, high):
        if key not in self.state:
            self.state[key] = torch.from_numpy(self.rng.uniform(low, high, shape).astype(np.float32))
        return self.state[key]

    def convolution(self, x, key, outputs, size, stride=1):
        bound = (3 / (x.shape[1] * size * size)) ** 0.5
        weight = self.tensor(f"{key}.weight", (outputs, x.shape[1], size, size), -bound, bound)
        return F.conv2d(x, weight, None, stride, size // 2)

    def norm(self, x, key):
        channels = x.shape[1]
        weight = self.tensor(f"{key}.weight", channels, 0.5, 1.0)
        bias = self.tensor(f"{key}.bias", channels, -0.1, 0.1)
        mean = self.tensor(f"{key}.running_mean", channels, -0.1, 0.1)
        variance = self.tensor(f"{key}.running_var", channels, 0.0, 1.0)
        self.state.setdefault(f"{key}.num_batches_tracked", torch.tensor(5))
        weight, bias, mean, variance = (t[:, None, None] for t in (weight, bias, mean, variance))
        return (x - mean) / torch.sqrt(variance + 1e-5) * weight + bias

    def layer(self, x, conv, norm, outputs, size=3, stride=1):
        return self.norm(self.convolution(x, conv, outputs, size, stride), norm)

    def bottleneck(self, x, key):
        y = F.relu(self.layer(x, f"{key}.conv1", f"{key}.bn1", 64, 1))
        y = F.relu(self.layer(y, f"{key}.conv2", f"{key}.bn2", 64))
        y = self.layer(y, f"{key}.conv3", f"{key}.bn3", 256, 1)
        if x.shape[1] != 256:
            x = self.layer(x, f"{key}.downsample.0", f"{key}.downsample.1", 256, 1)
        return F.relu(x + y)

    def basic(self, x, key):
        y = F.relu(self.layer(x, f"{key}.conv1", f"{key}.bn1", x.shape[1]))
        return F.relu(x + self.layer(y, f"{key}.conv2", f"{key}.bn2", x.shape[1]))

    def module(self, xs, key, targets):
        for b in range(len(xs)):
            for block in range(4):
                xs[b] = self.basic(xs[b], f"{key}.branches.{b}.{block}")
        out = []
        for i in range(targets):
            total = 0
            for j, x in enumerate(xs):
                name = f"{key}.fuse_layers.{i}.{j}"
                if j > i:
                    x = self.layer(x, f"{name}.0", f"{name}.1", 32 * 2**i, 1)
                    x = x.repeat_interleave(2 ** (j - i), 2).repeat_interleave(2 ** (j - i), 3)
                for k in range(i - j):
                    last = k == i - j - 1
                    x = self.layer(x, f"{name}.{k}.0", f"{name}.{k}.1", 32 * 2**i if last else x.shape[1], 3, 2)
                    x = x if last else F.relu(x)
                total = total + x
            out.append(F.relu(total))
        return out

    def __call__(self, picture):
        """uint8 [B, H, W, 3] RGB -> heatmaps, tags at stride 4"""
        mean, deviation = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
        x = ((picture / 255 - mean) / deviation).permute(0, 3, 1, 2)
        x = F.relu(self.layer(x, "conv1", "bn1", 64, 3, 2))
        x = F.relu(self.layer(x, "conv2", "bn2", 64, 3, 2))
        for block in range(4):
            x = self.bottleneck(x, f"layer1.{block}")
        xs = [
            F.relu(self.layer(x, "transition1.0.0", "transition1.0.1", 32)),
            F.relu(self.layer(x, "transition1.1.0.0", "transition1.1.0.1", 64, 3, 2)),
        ]
        xs = self.module(xs, "stage2.0", 2)
        xs.append(F.relu(self.layer(xs[-1], "transition2.2.0.0", "transition2.2.0.1", 128, 3, 2)))
        for group in range(4):
            xs = self.module(xs, f"stage3.{group}", 3)
        xs.append(F.relu(self.layer(xs[-1], "transition3.3.0.0", "transition3.3.0.1", 256, 3, 2)))
        for group in range(3):
            xs = self.module(xs, f"stage4.{group}", 4 if group < 2 else 1)
        key, outputs = ("final_layers.0", 34) if self.higher else ("final_layer", 17)
        y = self.convolution(xs[0], key, outputs, 1) + self.tensor(f"{key}.bias", outputs, -1, 1)[:, None, None]
        return y[:, :17], y[:, 17:] if self.higher else torch.zeros_like(y)


@pytest.fixture(scope="module")
def pictures():
    return torch.randint(0, 256, (2, 64, 96, 3), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))


@pytest.fixture(scope="module", params=[False, True], ids=["HRNet", "HigherHRNet"])
def public(request, pictures, tmp_path_factory):
    """The .pth file of a network with random weights, in torch's old format, and what it says of the pictures."""
    network = Public(request.param)
    with torch.inference_mode():
        expected = network(pictures)
    state = dict(network.state)
    if request.param:
        state["deconv_layers.0.0.0.weight"] = torch.zeros(66, 32, 4, 4)
        state["final_layers.1.weight"] = torch.zeros(17, 32, 1, 1)
    path = tmp_path_factory.mktemp("public") / "pose.pth"
    torch.save({key: value.clone() for key, value in state.items()}, path, _use_new_zipfile_serialization=False)
    return path, expected


def test_an_imported_checkpoint_computes_what_the_public_network_computes(public, pictures, tmp_path):
    path, expected = public
    assert main(["released", "import-hrnet", str(path), str(tmp_path)]) == 0
    network = weights.read(tmp_path / "top_down")
    with torch.inference_mode():
        found = network(pictures)
    assert (expected[0].std() > 0.1).all()
    for ours, theirs in zip(found, expected, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-4 * max(float(theirs.abs().max()), 1.0))


@pytest.mark.parametrize("public", [False], indirect=True)
@pytest.mark.parametrize("flaw", ["missing", "shape", "foreign", "damaged", "nowhere"])
def test_a_checkpoint_that_does_not_fit_is_one_line(public, tmp_path, capfd, flaw):
    state = torch.load(public[0], weights_only=True)
    key, path = "stage3.2.branches.1.3.conv2.weight", tmp_path / "pose.pth"
    if flaw == "missing":
        del state[key]
    if flaw == "shape":
        state[key] = state[key][:5]
    if flaw == "foreign":
        key, state = "final_layer", {"fc.weight": torch.zeros(3)}
    torch.save(state, path, _use_new_zipfile_serialization=False)
    if flaw == "damaged":
        key = "can't be read"
        path.write_bytes(path.read_bytes()[:1000])
    if flaw == "nowhere":
        key, path = "No such file", tmp_path / "nowhere.pth"
    assert main(["released", "import-hrnet", str(path), str(tmp_path / "out")]) == 2
    shown = capfd.readouterr()
    assert shown.err.count("\n") == 1
    assert key in shown.err
    assert str(path) in shown.err
    assert not (tmp_path / "out.json").exists()
