"""How every kernel here is compiled: array types for its signature, one decorator, one place for the compiled code.

An explicit signature compiles at import, so no live frame pays for it. Arrays decoded from received bytes are
read-only and would make a lazy compile start a second time in mid-stream; `In` takes read-only and writable ones.
"""

import atexit
import contextlib
import os
import shutil
import tempfile
import zlib
from pathlib import Path

import numba
from numba import types


def In(dims, dtype=types.float32):
    """Type of an argument: C-contiguous array of `dims` axes that the kernel only reads."""
    return types.Array(dtype, dims, "C", readonly=True)


def Out(dims, dtype=types.float32):
    """Type of a result, or of an argument that the kernel writes into."""
    return types.Array(dtype, dims, "C")


def find_cache(candidates):
    """The first of the folders that can be written, made if need be; if none can, a temporary one for this run."""
    for folder in candidates:
        with contextlib.suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            tempfile.TemporaryFile(dir=folder).close()
            return str(folder)
    folder = tempfile.mkdtemp(prefix="duopose-numba-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


if "NUMBA_CACHE_DIR" not in os.environ:
    # Numba looks at a kernel's own file only and would keep code that another file's kernel was compiled into: so the
    # folder is named after the text of all kernels. The variable hands it on to the processes that this one starts.
    _here = Path(__file__).parent
    _texts = b"".join(file.read_bytes() for file in sorted(_here.glob("*.py")))
    _name = f"duopose-numba-{zlib.crc32(_texts):08x}"
    _home = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser())
    os.environ["NUMBA_CACHE_DIR"] = find_cache([_here / "__pycache__" / _name, _home / _name])
    numba.core.config.reload_config()


def kernel(signature):
    """Compile a function for this signature now, or take it from the cache; it lets go of Python's lock while it runs."""
    return numba.njit(signature, cache=True, nogil=True)
