"""Runs a network by TensorRT, through torch-tensorrt (extra `tensorrt`). Not tried on a GPU yet: docs/benchmarks.md.

Building an engine takes minutes, so engines are kept in the user's cache folder.
"""

import os
import zlib
from functools import cache, partial

import torch

from duopose.kernels.cache import user_cache
from duopose.networks.backends.compiled import CompiledNetwork


@cache
def missing():
    """Why torch-tensorrt can't be used here, in one line; None: it can. It has registered itself with torch then."""
    try:
        import torch_tensorrt  # noqa: F401
    except Exception as error:  # a plain one where TensorRT's libraries are missing
        return f"torch-tensorrt can't be used: {' '.join(str(error).split())}"
    return None


def compiler(weights):
    """-> module -> callable, whose engines are kept apart by this weight file's content."""
    return partial(torch.compile, backend="torch_tensorrt", dynamic=False, options=options(weights))


def options(weights):
    """How torch-tensorrt is to compile. An engine computes in the types of the graph, which autocast has put there."""
    chosen = {"pass_through_build_failures": True}  # else it would run by torch and nobody would know
    if folder := user_cache("tensorrt", f"{zlib.crc32(weights.read_bytes()):08x}"):
        chosen |= {
            "cache_built_engines": True,
            "reuse_cached_engines": True,
            "immutable_weights": False,  # other engines are not kept
            "engine_cache_dir": os.fspath(folder),
            "timing_cache_path": os.fspath(folder / "timing.bin"),
        }
    return chosen


class TensorrtNetwork(CompiledNetwork):
    """A network run by TensorRT, with the interface of `runtime.Network`. `missing()` must be None."""

    def __init__(self, path, device, half=True):
        super().__init__(path, device, half, compiler(path.with_suffix(".safetensors")), "TensorRT")
