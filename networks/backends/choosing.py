"""Which back-end runs a network on CUDA: the fastest that is there, or the one that DUOPOSE_CUDA names."""

import os
from importlib.util import find_spec

NAMES = ("tensorrt", "compiled", "eager")  # fastest first
VARIABLE = "DUOPOSE_CUDA"


def choose():
    """-> name of the back-end, and in one line why it is none that was expected (None: it is).

    TensorRT is expected where torch-tensorrt was installed. Raises ValueError where DUOPOSE_CUDA names none.
    """
    asked = os.environ.get(VARIABLE)
    if asked and asked not in NAMES:
        raise ValueError(f"{VARIABLE}={asked}: there are {', '.join(NAMES)}")
    expected = asked or ("tensorrt" if find_spec("torch_tensorrt") else "compiled")
    reasons = []
    for name in NAMES[NAMES.index(expected) :]:
        if (why := missing(name)) is None:
            return name, f"{'; '.join(reasons)}; the networks run {name}" if reasons else None
        reasons.append(why)
    raise AssertionError("torch runs networks uncompiled wherever it is")


def missing(name):
    """Why this back-end can't be used, None: it can."""
    if name == "tensorrt":
        from duopose.networks.backends import tensorrt

        return tensorrt.missing()
    if name == "compiled":
        from duopose.networks.backends import compiled

        return compiled.missing()
    return None


def load(path, device, name=None, half=True):
    """The network of the weight file `path` (without suffix), run by that back-end (None: the one chosen)."""
    name = name or choose()[0]
    if name == "tensorrt":
        from duopose.networks.backends.tensorrt import TensorrtNetwork

        return TensorrtNetwork(path, device, half)
    if name == "compiled":
        from duopose.networks.backends.compiled import CompiledNetwork

        return CompiledNetwork(path, device, half)
    from duopose.networks.backends.eager import EagerNetwork

    return EagerNetwork(path, device, half)
