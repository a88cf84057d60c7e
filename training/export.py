"""Write a trained network as the OpenVINO model that `networks.runtime` runs: NAME.xml and NAME.bin beside NAME.safetensors.

Weights are stored as 8-bit integers with a scale per output channel (a quarter of float32; the sums stay bf16 or
float32). Axes that are left open, as the batch always is, are fixed by `runtime` when it compiles.
"""

import logging
import warnings
from pathlib import Path

import numpy as np
import torch

from networks import weights
from networks.runtime import Network


def export(path, examples, open_axes=None, compress=True):
    """path.safetensors + path.json -> path.xml + path.bin; returns the largest difference of each output from torch.

    path        without suffix
    examples    one array per input, as the network takes them
    open_axes   per input, which axes may have any length; None: the first of each
    compress    store weights as int8; False: float16
    """
    import openvino

    path, network = Path(path), weights.read(path)
    tensors = [torch.from_numpy(example) for example in examples]
    open_axes = open_axes or [(0,)] * len(tensors)
    shapes = [
        tuple(-1 if axis in free else size for axis, size in enumerate(x.shape))
        for x, free in zip(tensors, open_axes, strict=True)
    ]
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # OpenVINO still calls torch.jit.trace
        expected = network(*tensors)
        model = openvino.convert_model(network, example_input=tuple(tensors), input=shapes)
    if compress:
        import nncf

        nncf.set_log_level(logging.ERROR)
        model = nncf.compress_weights(model, mode=nncf.CompressWeightsMode.INT8_SYM)
    openvino.save_model(model, path.with_suffix(".xml"), compress_to_fp16=True)
    expected = expected if isinstance(expected, tuple | list) else (expected,)
    found = Network(path.with_suffix(".xml"))(*examples)
    return [float(np.abs(a - b.numpy()).max()) for a, b in zip(found, expected, strict=True)]
