"""Runs a network compiled by torch, for batches of a few sizes.

On CUDA a call is one launch of a recorded graph instead of hundreds of small ones, which is what takes the time there.
"""

import os
import sys
from functools import partial
from importlib.util import find_spec
from shutil import which

import numpy as np
import torch

from duopose.kernels.cache import user_cache
from duopose.networks.backends.eager import EagerNetwork

SIZES = (1, 2, 4, 8)  # batches that are compiled; others are filled up to the next one, since a launch costs most
WARM = 3  # calls of a new size: CUDA graphs are recorded in the third one
GRAPHS = partial(torch.compile, mode="reduce-overhead", dynamic=False)
FORMS = 64  # forms of one function that torch compiles before it gives up: sizes of a batch times networks of a node
C_COMPILERS = ("cc", "gcc", "clang")


def missing():
    """Why torch can't compile for CUDA here, None: it can."""
    if find_spec("triton") is None:
        return "triton is not installed"
    if not (os.environ.get("CC") or any(map(which, C_COMPILERS))):
        return f"there is no C compiler ({', '.join(C_COMPILERS)})"
    return None


class CompiledNetwork(EagerNetwork):
    """A network compiled by torch, with the interface of `runtime.Network`. Where that fails torch runs it uncompiled.

    path, device, half   as EagerNetwork
    compiler             module -> callable
    name                 what `backend` calls it
    """

    def __init__(self, path, device, half=True, compiler=GRAPHS, name="torch compiled"):
        super().__init__(path, device, half)
        keep_compiled()
        self.plain = self.backend, self.call
        self.backend = self.backend.replace("torch", name, 1)
        self.call = compiler(self.network)
        self.ready = set()  # shapes of all inputs that were compiled

    def prepare(self, *shapes):
        """Compile now for every batch up to that of these shapes: seconds to minutes each, less the second time."""
        for size in SIZES[: SIZES.index(fitting(shapes[0][0])) + 1]:
            sized = tuple((size, *shape[1:]) for shape in shapes)
            if sized not in self.ready:
                self._compile([np.zeros(shape, kind_of(shape)) for shape in sized])
                self.ready.add(sized)

    def _compile(self, blank):
        try:
            for _ in range(WARM):
                super().__call__(*blank)
        except Exception as error:  # of torch's compiler, of a C compiler, of TensorRT: many kinds, none documented
            if self.call is self.plain[1]:
                raise
            name, (self.backend, self.call) = self.backend, self.plain
            reason = next(iter(str(error).strip().splitlines()), type(error).__name__)
            print(f"{name} failed, so torch runs this network uncompiled: {reason}", file=sys.stderr, flush=True)
            super().__call__(*blank)

    def __call__(self, *arrays):
        """Arrays with the batch as first axis -> outputs as float32 arrays. Any batch size, 0 too."""
        self.prepare(*(array.shape for array in arrays))
        parts = []
        for start in range(0, max(len(arrays[0]), 1), SIZES[-1]):
            batch = [array[start : start + SIZES[-1]] for array in arrays]
            count = len(batch[0])
            outputs = super().__call__(*(filled_up(array, fitting(count)) for array in batch))
            parts.append([output[:count] for output in outputs])
        return tuple(np.concatenate(outputs) for outputs in zip(*parts, strict=True))


def fitting(count):
    """The compiled size that holds so many, the largest if none does.

    >>> [fitting(count) for count in (0, 1, 3, 8, 15)]
    [1, 1, 4, 8, 8]
    """
    return next((size for size in SIZES if size >= count), SIZES[-1])


def filled_up(array, size):
    """The array with zeros behind, so many rows in all."""
    return np.concatenate([array, np.zeros((size - len(array), *array.shape[1:]), array.dtype)])


def kind_of(shape):
    """What our networks take: pictures and planes, which have four axes, as bytes, all else as float32."""
    return np.uint8 if len(shape) == 4 else np.float32


def keep_compiled():
    """What torch has compiled stays in the user's cache folder, so that the next start finds it."""
    if folder := user_cache("inductor"):
        os.environ.setdefault("TORCHINDUCTOR_CACHE_DIR", str(folder))
    for limit in ("recompile_limit", "cache_size_limit"):  # its name since torch 2.6, and before
        if hasattr(torch._dynamo.config, limit):
            setattr(torch._dynamo.config, limit, FORMS)
            break
