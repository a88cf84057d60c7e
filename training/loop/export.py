"""Write a trained network as the OpenVINO model that `networks.runtime` runs: NAME.xml and NAME.bin beside
NAME.safetensors.

Large weights are stored as 8-bit integers with a float16 scale per output, a quarter of float32; they are floats again
when the model is compiled. With examples to calibrate by, convolutions also compute in 8 bits (`quantise`), which every
CPU does faster. Axes that are left open, as the batch always is, are fixed by `runtime` when it compiles.
"""

import logging
import sys
import warnings
from pathlib import Path

import numpy as np
import torch

from duopose.networks import weights
from duopose.networks.runtime import Network, import_openvino

# Operations whose second input is a weight -> the axes of it that belong to one output, as its number of axes tells.
OWN_AXES = {
    "Convolution": lambda node, axes: tuple(range(1, axes)),  # [outputs, inputs, ...]
    "GroupConvolution": lambda node, axes: tuple(range(2, axes)),  # [groups, outputs, inputs, ...]
    "MatMul": lambda node, axes: (axes - 1 if node.get_attributes()["transpose_b"] else axes - 2,),
}


def export(path, examples, open_axes=None, compress=True, calibration=None, exact=()):
    """path.safetensors + path.json -> path.xml + path.bin; returns the largest difference of each output from torch.

    path        without suffix
    examples    one array per input, as the network takes them
    open_axes   per input, which axes may have any length; None: the first of each
    compress    store large weights as int8; False: float16
    calibration   inputs like `examples`, each with a batch of 1, to compute in 8 bits; None: float
    exact         parts of the network (names of modules, or patterns of them) that compute as floats all the same
    """
    openvino = import_openvino()

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
    if calibration is not None:
        model = quantised(model, calibration, exact)
        store_as_float16(model)
    elif compress:
        store_as_int8(model)
    path.with_suffix(".bin").unlink(missing_ok=True)  # a run that has it mapped keeps what it started with
    openvino.save_model(model, path.with_suffix(".xml"), compress_to_fp16=True)
    expected = expected if isinstance(expected, tuple | list) else (expected,)
    found = Network(path.with_suffix(".xml"))(*examples)
    return [float(np.abs(a - b.numpy()).max()) for a, b in zip(found, expected, strict=True)]


def quantised(model, calibration, exact):
    """The OpenVINO model that computes in 8 bits (nncf, post-training; Jacob et al. 2018) -> the new model.

    Weights take 7 of the 8 bits: CPUs without VNNI add products of bytes in pairs, in 16 bits, which would overflow.
    """
    sys.modules.setdefault("openvino_telemetry", None)  # nncf tells of itself, too
    import nncf
    from nncf.quantization.advanced_parameters import AdvancedQuantizationParameters, OverflowFix

    nncf.set_log_level(logging.ERROR)
    return nncf.quantize(
        model,
        nncf.Dataset(calibration),
        preset=nncf.QuantizationPreset.MIXED,
        target_device=nncf.TargetDevice.CPU,
        subset_size=len(calibration),
        # Other trunks have other parts.
        ignored_scope=nncf.IgnoredScope(patterns=[rf".*module\.{part}.*" for part in exact], validate=False),
        advanced_parameters=AdvancedQuantizationParameters(overflow_fix=OverflowFix.ENABLE),
    )


def store_as_int8(model):
    """Replace the large weights of an OpenVINO model by integers times scales: where the weight file holds int8 too
    (`weights.save(int8=True)`), the very same ones, so that both compute with equal weights."""
    from openvino import Type, opset13

    for node, source in large_weights(model):
        value = torch.from_numpy(np.array(source.data, np.float32))
        integers, scale = weights.quantise(value, OWN_AXES[node.get_type_name()](node, value.dim()))
        widened = opset13.convert(opset13.constant(integers.numpy(), Type.i8), Type.f32)
        whole = opset13.multiply(widened, opset13.constant(scale.float().numpy()))
        whole.set_friendly_name(source.get_friendly_name() + "/int8")
        node.input(1).replace_source_output(whole.output(0))
    model.validate_nodes_and_infer_types()


def store_as_float16(model):
    """The same in 16 bits: `save_model` leaves a model as it is that computes in 8 bits anywhere."""
    from openvino import Type, opset13

    for node, source in large_weights(model):
        half = opset13.constant(np.array(source.data, np.float16), Type.f16)
        node.input(1).replace_source_output(opset13.convert(half, Type.f32).output(0))
    model.validate_nodes_and_infer_types()


def large_weights(model):
    """(operation, constant) of each large weight that computes as a float."""
    for node in model.get_ordered_ops():
        if node.get_type_name() in OWN_AXES:
            source = node.input_value(1).get_node()
            if source.get_type_name() == "Constant" and source.data.size >= weights.SMALL:
                yield node, source
