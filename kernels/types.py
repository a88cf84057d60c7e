"""How every kernel here is compiled: array types for its signature, one decorator.

An explicit signature compiles at import, so no live frame pays for it. Arrays decoded from received bytes are
read-only and would make a lazy compile start a second time in mid-stream; `In` takes read-only and writable ones.
"""

import sys

import numba
from numba import types
from numba.core.registry import cpu_target

from duopose.kernels.cache import choose_cache

BLAS = "scipy.linalg.cython_blas"

choose_cache()
numba.core.config.reload_config()
if BLAS not in sys.modules:  # Numba asks for it once. No kernel uses it, and it is 0.1 s and 15 MB of each process.
    sys.modules[BLAS] = None
    cpu_target.target_context.refresh()
    del sys.modules[BLAS]


def In(dims, dtype=types.float32):
    """Type of an argument: C-contiguous array of `dims` axes that the kernel only reads."""
    return types.Array(dtype, dims, "C", readonly=True)


def Out(dims, dtype=types.float32):
    """Type of a result, or of an argument that the kernel writes into."""
    return types.Array(dtype, dims, "C")


def kernel(signature):
    """Compile a function for this signature now, or load it from the cache. Other threads can run beside it (nogil)."""
    return numba.njit(signature, cache=True, nogil=True)
