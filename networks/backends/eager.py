"""Runs a network by torch itself, layer by layer: the simplest way, and the slowest on CUDA."""

import json
from pathlib import Path

import torch
from torch import nn

from duopose.networks import weights

HALVED = (nn.Conv1d, nn.Conv2d, nn.ConvTranspose2d, nn.Linear)  # what autocast computes in float16


class EagerNetwork:
    """A network run by torch itself, with the interface of `runtime.Network`.

    path     its weight file, without suffix
    device   "cpu" or "cuda"
    half     compute in float16: fast on CUDA, slow on a CPU. On recorded inputs of a live run heatmaps differ from
             those of float32 by 0.8 % at most (root mean square), tags and depths by 0.3 %, lifting by 0.06 %
    method   name of the module's method to call
    """

    def __init__(self, path, device, half=False, method="__call__"):
        self.record = json.loads(Path(path).with_suffix(".json").read_text())
        self.arguments = self.record["arguments"]
        self.device = torch.device(device)
        network = weights.read(path).to(self.device)
        self.network = halved(network) if half else network
        self.call = getattr(self.network, method)
        self.half = half
        self.backend = f"torch {self.device.type}{' f16' if half else ''}"

    def prepare(self, *shapes):
        """Nothing to compile: eager torch takes any shape."""

    def __call__(self, *arrays):
        inputs = [torch.from_numpy(array).to(self.device) for array in arrays]
        with torch.inference_mode(), torch.autocast(self.device.type, torch.float16, enabled=self.half):
            outputs = self.call(*inputs)
        outputs = outputs if isinstance(outputs, tuple | list) else (outputs,)
        # Kernels take C-contiguous arrays only; on the card the axes are put in order faster than here.
        return tuple(output.float().contiguous().cpu().numpy() for output in outputs)


def halved(network):
    """The network for autocast. float16 weights needn't be converted in each call; tensor cores want channels last."""
    for layer in network.modules():
        if isinstance(layer, HALVED):
            layer.half()
    return network.to(memory_format=torch.channels_last)
