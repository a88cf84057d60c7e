"""Pickle files of strangers: read as far as they hold numbers, text, lists and NumPy arrays.

A pickle can name any function and have it called. Here only what builds arrays may be named.
"""

import pickle

import numpy as np

from duopose.stream.errors import UsageError


def _dtype(kind, align=False, copy=False):
    return np.dtype(kind, bool(align), bool(copy))  # old files say 0 and 1


def _array(kind, shape, dtype):
    return np.ndarray(shape, dtype)


def _scalar(dtype, data=b""):
    return np.frombuffer(data.encode("latin1") if isinstance(data, str) else data, dtype, 1)[0]


def _text(text, encoding):
    return text.encode("latin1")  # bytes in a file of protocol 2


_ARRAY = "numpy.core.multiarray", "numpy._core.multiarray"  # before and since NumPy 2
ALLOWED = {
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): _dtype,
    ("_codecs", "encode"): _text,
    **{(module, "_reconstruct"): _array for module in _ARRAY},
    **{(module, "scalar"): _scalar for module in _ARRAY},
}


class _Unpickler(pickle.Unpickler):
    def find_class(self, module, name):
        if (module, name) not in ALLOWED:
            raise pickle.UnpicklingError(f"it wants to call {module}.{name}, which builds no array")
        return ALLOWED[module, name]


def unpickle(path):
    """What a pickle file holds. Raises UsageError where it is none, or wants more than to build arrays."""
    try:
        with open(path, "rb") as file:
            return _Unpickler(file, encoding="latin1").load()
    except (
        pickle.UnpicklingError,
        OSError,
        EOFError,
        ValueError,
        TypeError,
        IndexError,
        KeyError,
        AttributeError,
    ) as error:
        raise UsageError(f"{path} is not read: {error}") from None
