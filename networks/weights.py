"""Weight files: NAME.safetensors (float16, int8 or float32), and NAME.json, which says what they are, how they were
made and how good they are.

The JSON holds `network` (the class), `arguments` (of its constructor), `training` (command, data, commit) and
`accuracy` (each figure with the command that reproduces it).

`duopose released --help`: weights that others released become ours.
"""

import importlib
import json
import subprocess
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

SCALE = "#scale"  # added to the name of an int8 tensor: the name of its scales
SMALL = 1024  # tensors of fewer numbers stay float16


def save(network, path, int8=False, exact=False, **record):
    """Write `network` to path.safetensors and path.json; `record` (training, accuracy, ...) goes into the JSON.

    network   a module with `arguments`, the dict its constructor was given
    path      without suffix, e.g. networks/weights_lite/top_down
    int8      store large weights as 8-bit integers with a float16 scale per output channel, as the OpenVINO model does
    exact     store them as they are, float32
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    state = {}
    for key, value in network.state_dict().items():
        value = value.detach().contiguous()
        if int8 and key.endswith("weight") and value.dim() > 1 and value.numel() >= SMALL:
            own = (1,) if value.dim() == 3 else None  # networks.gcn.PerJoint: [joints, inputs, outputs]
            state[key], state[key + SCALE] = quantise(value, own)
        else:
            state[key] = value.half() if value.is_floating_point() and not exact else value
    save_file(state, path.with_suffix(".safetensors"))
    kind = type(network)
    head = {"network": f"{kind.__module__}.{kind.__qualname__}", "arguments": network.arguments}
    path.with_suffix(".json").write_text(json.dumps({**head, **record}, indent=2, ensure_ascii=False) + "\n")


def quantise(weight, own=None):
    """float weight -> int8 of its shape, float16 scale (1 along the axes `own`): weight = integer * scale, nearly.

    own   the axes that share one scale; None: all but the first, which counts the outputs
    """
    own = tuple(range(1, weight.dim())) if own is None else own
    largest = weight.abs().amax(own, keepdim=True)
    scale = (largest / 127).clamp(min=1e-7).half()
    return (weight / scale.float()).round().clamp(-127, 127).to(torch.int8), scale


def read(path):
    """The network in path.safetensors and path.json (path without suffix), float32, eval mode.

    Raises FileNotFoundError for a missing file, ValueError if the JSON names a class that is none of our networks.
    """
    record = json.loads(Path(path).with_suffix(".json").read_text())
    module, _, kind = record["network"].rpartition(".")
    if not module.startswith("duopose.networks."):
        raise ValueError(f"{path}.json: {record['network']!r} is not one of our networks")
    network = getattr(importlib.import_module(module), kind)(**record["arguments"])
    stored = load_file(Path(path).with_suffix(".safetensors"))
    state = {}
    for key, value in stored.items():
        if not key.endswith(SCALE):
            value = value.float() if value.is_floating_point() or key + SCALE in stored else value
            state[key] = value * stored[key + SCALE].float() if key + SCALE in stored else value
    network.load_state_dict(state)
    return network.eval()


def commit():
    """Short hash of the commit that this program runs from, + if files were changed since; "" outside a checkout."""
    root = Path(__file__).parent
    run = subprocess.run(["git", "describe", "--always", "--dirty=+"], cwd=root, capture_output=True, text=True)
    return run.stdout.strip() if run.returncode == 0 else ""
