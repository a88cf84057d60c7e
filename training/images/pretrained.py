"""Read Google's MoveNets (Apache-2.0) as npm packages carry them into our trunk and heads.

A TF.js graph model is a JSON that lists tensors in the order in which the .bin beside it holds them, float16. The
names in the graph say where each belongs; batch norms are folded already.
"""

import json
import math
from pathlib import Path

import numpy as np
import torch

from duopose.networks.backbones.mobilenet import Head, MobileNetV2FPN
from duopose.training.datasets.reading.errors import reading

WIDTHS = {"lightning": 1.0, "multipose": 1.5, "thunder": 1.75}
HEADS = {"kpt_heatmap": 17, "center": 1, "kpt_regress": 34, "kpt_offset": 34}  # name in the graph -> outputs
BOX_HEADS = {"box_scale": 2, "box_offset": 2}  # only MultiPose: height and width, offset of the centre; in stride 4
TYPES = {"float16": np.float16, "float32": np.float32, "int32": np.int32}


def read_tensors(path):
    """path.json + path.bin (or the path of the JSON) -> {name in the graph: array}"""
    path = Path(path).with_suffix(".json")
    groups = json.loads(path.read_text())["weightsManifest"]
    data, tensors, offset = path.with_suffix(".bin").read_bytes(), {}, 0
    for weight in (weight for group in groups for weight in group["weights"]):
        stored = TYPES[weight.get("quantization", {}).get("dtype", weight["dtype"])]
        count = math.prod(weight["shape"])
        array = np.frombuffer(data, stored, count, offset).reshape(weight["shape"])
        tensors[weight["name"].removeprefix("StatefulPartitionedCall/")] = array.astype(TYPES[weight["dtype"]])
        offset += count * np.dtype(stored).itemsize
    if offset != len(data):
        raise ValueError(f"{path}: its tensors take {offset} bytes, the .bin has {len(data)}")
    return tensors


class Loader:
    """Fills modules of ours from the tensors of one graph; every tensor is found by the end of its name."""

    def __init__(self, tensors):
        self.tensors = tensors

    def find(self, *ends):
        """The one tensor whose name contains the first of `ends` and ends with one of the others."""
        part, *ends = ends
        found = [name for name in self.tensors if part in "/" + name and name.endswith(tuple(ends))]
        if len(found) != 1:
            raise ValueError(f"{len(found)} tensors fit {part} ... {ends}: {found}")
        return torch.from_numpy(self.tensors[found[0]].astype(np.float32))

    def convolution(self, module, part, weight, bias=None):
        """Weights [kh, kw, in, out] -> [out, in, kh, kw]; depthwise [kh, kw, channels, 1] -> [channels, 1, kh, kw]."""
        kernel = self.find(part, *weight)
        kernel = kernel.permute(2, 3, 0, 1) if module.groups > 1 else kernel.permute(3, 2, 0, 1)
        with torch.no_grad():
            module.weight.copy_(kernel)
            if bias:
                module.bias.copy_(self.find(part, *bias))

    def plain(self, module, name):
        """A convolution with bias, from the node of that name."""
        self.convolution(
            module, f"/{name}/", ["Conv2D_weights", "Conv2D/ReadVariableOp"], ["_offset", "BiasAdd/ReadVariableOp"]
        )

    def separable(self, module, part):
        """A `mobilenet.Separable`, from the node whose name contains `part`."""
        self.convolution(module.depthwise, part, ["separable_conv2d/ReadVariableOp"])
        weight, bias = ["conv2d_weights", "ReadVariableOp_1"], ["_offset", "BiasAdd/ReadVariableOp"]
        # in a head its own 1x1 convolution has a bias too, so ask for the part with "separable" in its name
        part = part if "separable" in part else f"{part}separable"
        self.convolution(module.pointwise, part, weight, bias)

    def trunk(self, trunk):
        """A whole `MobileNetV2FPN`."""
        self.plain(trunk.stem, "Conv1")
        for number, block in enumerate(trunk.blocks):
            name = f"block_{number}" if number else "expanded_conv"
            if block.expand is not None:
                self.plain(block.expand, f"{name}_expand")
            weight, bias = ["depthwise_weights"], ["depthwise_bn_offset"]
            self.convolution(block.depthwise, f"/{name}_depthwise/", weight, bias)
            self.plain(block.project, f"{name}_project")
        self.plain(trunk.top, "Conv_1")
        self.plain(trunk.from_top, "model_1/conv2d")
        for number, (lateral, merge) in enumerate(zip(trunk.lateral, trunk.merge, strict=True)):
            self.plain(lateral, f"model_1/conv2d_{number + 1}")
            self.separable(merge, f"model_1/separable_conv2d{f'_{number}' if number else ''}/")

    def head(self, head, name):
        """A `mobilenet.Head`, e.g. "kpt_heatmap"."""
        separable, last = head
        self.separable(separable, f"/{name}_0/")
        names = {key.split("/")[1] for key in self.tensors if key.startswith(f"{name}_0/conv2d")}
        self.plain(last, f"{name}_0/{names.pop()}")


class MoveNet(torch.nn.Module):
    """A public MoveNet up to its maps, to measure the import by and to start from: trunk and `heads`."""

    def __init__(self, width, heads):
        super().__init__()
        self.trunk = MobileNetV2FPN(width)
        self.heads = torch.nn.ModuleDict({name: Head(24, outputs) for name, outputs in heads.items()})

    def forward(self, picture):
        """float [B, 3, H, W], -1..1 -> {head: [B, outputs, H/4, W/4]}; heatmaps and centres before their sigmoid."""
        features = self.trunk(picture)
        return {name: head(features) for name, head in self.heads.items()}


def movenet(folder, variant):
    """The MoveNet of that variant ("lightning", "thunder", "multipose") in `folder`, eval mode."""
    if variant not in WIDTHS:
        raise ValueError(f"variant must be one of {', '.join(WIDTHS)}, got {variant!r}")
    heads = HEADS | (BOX_HEADS if variant == "multipose" else {})
    network, path = MoveNet(WIDTHS[variant], heads), Path(folder) / f"movenet-{variant}.json"
    with reading(path, f"MoveNet {variant}"):
        loader = Loader(read_tensors(path))
        loader.trunk(network.trunk)
        for name, head in network.heads.items():
            loader.head(head, name)
    return network.eval()
