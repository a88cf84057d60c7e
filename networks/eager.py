"""Runs a network by torch itself: on CUDA, or where no OpenVINO model of it was made."""

import json
from pathlib import Path

import torch

from duopose.networks import weights


class EagerNetwork:
    """A network run by torch itself, with the interface of `runtime.Network`.

    path     its weight file, without suffix
    device   "cpu" or "cuda"
    half     compute in float16 on CUDA, where that is fast
    method   name of the module's method to call
    """

    def __init__(self, path, device, half=True, method="__call__"):
        self.record = json.loads(Path(path).with_suffix(".json").read_text())
        self.arguments = self.record["arguments"]
        self.device = torch.device(device)
        self.call = getattr(weights.read(path).to(self.device), method)
        self.half = half and self.device.type == "cuda"
        self.backend = f"torch {self.device.type}"

    def prepare(self, *shapes):
        """Nothing to compile: eager torch takes any shape."""

    def __call__(self, *arrays):
        inputs = [torch.from_numpy(array).to(self.device) for array in arrays]
        with torch.inference_mode(), torch.autocast(self.device.type, torch.float16, enabled=self.half):
            outputs = self.call(*inputs)
        outputs = outputs if isinstance(outputs, tuple | list) else (outputs,)
        return tuple(output.float().cpu().numpy() for output in outputs)
