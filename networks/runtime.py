"""Runs the shipped networks on a CPU with OpenVINO. Imports no torch; a `lite` node needs nothing else from `networks`.

network = load("top_down")
network.prepare((1, 256, 192, 3))           # compile before the first frame
heatmaps, tags = network(crops)             # numpy in, numpy out, any number of crops
"""

import json
import os
import sys
from collections import deque
from functools import cache

import numpy as np

from duopose.networks.folders import compiled_folder, weight_file

PICTURE = 4  # axes of what a network of pictures takes, and of all the maps that it gives
BUCKETS = (8, 4, 2, 1)  # batch sizes that are compiled: a static batch is 1.1-1.3 times as fast as a dynamic one

# What oneDNN, OpenVINO's engine, may be held to (ONEDNN_MAX_CPU_ISA) and has no bf16; OpenVINO doesn't look at that.
WITHOUT_BF16 = {"SSE41", "AVX", "AVX2", "AVX2_VNNI", "AVX512_CORE", "AVX512_CORE_VNNI"}


def import_openvino():
    """OpenVINO without its telemetry, which tells Google Analytics of each import; an empty stub takes its place."""
    sys.modules.setdefault("openvino_telemetry", None)
    import openvino

    return openvino


@cache
def core():
    """The OpenVINO of this process, kept to its end.

    It lays signals on a stack of its own. When several are destroyed, that stack is gone and still in use:
    the next Ctrl-C is a segmentation fault.
    """
    core = import_openvino().Core()
    if (folder := compiled_folder()) is not None:  # a network that was compiled before is there in half the time
        core.set_property({"CACHE_DIR": str(folder)})
    return core


def load(name, profile="lite", device="cpu", threads=1, streams=1):
    """The shipped network of that name, ready to call.

    name      "detector", "top_down", "bottom_up", ...: a file in the folder of that profile
    threads   how many threads one call may use; several networks side by side are faster than one on many threads
    streams   how many parts of a batch are at work side by side, see Network
    Raises FileNotFoundError that names the missing file.
    """
    if device == "cpu":
        return Network(weight_file(name, profile), threads, streams=streams)
    from duopose.networks.backends import choosing  # torch: only where CUDA was asked for

    return choosing.load(weight_file(name, profile, ".safetensors").with_suffix(""), device)


class Network:
    """An OpenVINO model, compiled once for each shape it meets.

    arguments   what the network was made with, from the JSON beside the model
    record      the whole JSON
    backend     e.g. "OpenVINO bf16"
    exact       float32 all through, never bf16
    streams     1 = a batch is cut into the largest compiled sizes, one after the other; more = into single members, so
                many of them side by side. A larger batch saves nothing on a CPU, and a member's answer then does not
                depend on the others.
    """

    def __init__(self, path, threads=1, exact=False, streams=1):
        self.streams = streams
        self.buckets = BUCKETS if streams == 1 else (1,)
        self.record = json.loads(path.with_suffix(".json").read_text())
        self.arguments = self.record["arguments"]
        self.core = core()
        self.path = path
        fast = "BF16" in self.core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
        fast = fast and os.environ.get("ONEDNN_MAX_CPU_ISA", "").upper() not in WITHOUT_BF16
        # OpenVINO's own default is bf16 wherever the CPU has it: only for networks whose accuracy was seen to hold.
        precision = "bf16" if fast and self.record.get("bf16") and not exact else "f32"
        self.backend = f"OpenVINO {self.record.get('precision', precision)}"
        self.options = {
            "INFERENCE_NUM_THREADS": threads,
            "NUM_STREAMS": 1,  # more would not do: with two, OpenVINO 2026.4 gives rubbish for the top-down network
            "INFERENCE_PRECISION_HINT": precision,
            "DYNAMIC_QUANTIZATION_GROUP_SIZE": 0,  # else what goes into layers is rounded to int8, on some CPUs only
            "ENABLE_CPU_PINNING": False,  # several processes may pin themselves to the same core
        }
        self.requests = {}  # shapes of the inputs -> waiting requests, each of a model compiled by itself

    def prepare(self, *shapes):
        """Compile for these shapes of inputs, or of their largest parts, now (0.1 to 1 s), so that no frame waits."""
        shapes = tuple((min(shape[0], self.buckets[0]), *shape[1:]) for shape in shapes)
        if shapes not in self.requests:
            model = self.core.read_model(self.path)
            model.reshape({port: list(shape) for port, shape in zip(model.inputs, shapes, strict=True)})
            if len(shapes[0]) == PICTURE:
                model = channels_last(model)
            self.requests[shapes] = [self.compiled(model).create_infer_request() for _ in range(self.streams)]
        return self.requests[shapes]

    def compiled(self, model):
        """An OpenVINO model, compiled; from the cache if it is there."""
        try:
            return self.core.compile_model(model, "CPU", self.options)
        except RuntimeError:  # another process writes the same file of the cache: "cannot set permissions"
            return self.core.compile_model(model, "CPU", self.options | {"CACHE_DIR": ""})

    def __call__(self, *arrays):
        """Arrays with the batch as first axis, as the network's docstring says -> its outputs as float32 arrays.

        Any batch size, 0 too: the batch is cut into compiled sizes, 7 = 4 + 2 + 1.
        """
        parts, busy = [], deque()  # busy: requests at work and what they read, oldest first
        for number, batch in enumerate(self.cut(arrays)):
            if len(busy) == self.streams:
                parts.append(answer(*busy.popleft()))
            request = self.prepare(*(array.shape for array in batch))[number % self.streams]
            request.start_async(batch, share_inputs=True)
            busy.append((request, batch))
        parts.extend(answer(*one) for one in busy)
        whole = parts[0] if len(parts) == 1 else map(np.concatenate, zip(*parts, strict=True))
        return tuple(output[: len(arrays[0])] for output in whole)

    def cut(self, arrays):
        """Arrays of any batch size -> those of each part; an empty batch is one blank, which shows the shapes."""
        whole, start = len(arrays[0]), 0
        if whole == 0:
            yield [np.zeros((1, *array.shape[1:]), array.dtype) for array in arrays]
        while start < whole:
            size = next(bucket for bucket in self.buckets if bucket <= whole - start)
            yield [np.ascontiguousarray(array[start : start + size]) for array in arrays]
            start += size


def channels_last(model):
    """An OpenVINO model [B, C, H, W] -> the same whose maps come out as [B, H, W, C].

    That is how they lie in memory while it computes. Bringing them into order costs OpenVINO up to a tenth of the whole
    network's time, and NumPy nothing more than the copy that `answer` makes anyway.
    """
    from openvino import Layout
    from openvino.preprocess import PrePostProcessor

    order = PrePostProcessor(model)
    for number in range(len(model.outputs)):
        order.output(number).model().set_layout(Layout("NCHW"))
        order.output(number).tensor().set_layout(Layout("NHWC"))
    return order.build()


def answer(request, batch):
    """The outputs of a request when it has read and worked through this batch -> float32 arrays."""
    request.wait()
    said = [output.data for output in request.output_tensors]
    if batch[0].ndim == PICTURE:
        said = [np.moveaxis(maps, -1, 1) for maps in said]
    return [np.array(data, np.float32, order="C") for data in said]
