"""Where Numba keeps the compiled kernels. The place is filled once, before several processes need it at the same time.

This file imports no Numba, so a program can find out quickly whether all kernels are compiled.
"""

import atexit
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Callable, Iterable
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).parent
ROOM = 32 << 20  # bytes that must be free where kernels are to be kept: several times what all of them take
COMPLETE = ".complete"  # end of the name of the file that says that all are there


def find_cache(candidates: Iterable[Path]) -> str:
    """The first of the folders that takes the kernels, made if need be; if none does, a temporary one for this run.

    It can be written, and its disk has room or it holds kernels already.
    """
    for folder in candidates:
        with contextlib.suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            tempfile.TemporaryFile(dir=folder).close()
            if shutil.disk_usage(folder).free >= ROOM or any(folder.glob("*" + COMPLETE)):
                return str(folder)
    temporary = tempfile.mkdtemp(prefix="duopose-numba-")
    atexit.register(shutil.rmtree, temporary, ignore_errors=True)
    return temporary


def _name() -> str:
    """Name of the folder: a checksum of the text of all kernels and of where they lie.

    Numba looks at a kernel's own file only: it would keep a kernel although one of another file that it calls changed.
    And it keeps two installs apart.
    """
    text = b"".join(file.read_bytes() for file in sorted(HERE.glob("*.py")))
    return f"{zlib.crc32(text, zlib.crc32(os.fsencode(HERE))):08x}"


def candidates() -> list[Path]:
    """Where the kernels may be kept: what the user has set, and the user's cache folder.

    Never the package's own, where others may not write and which pip would leave behind.
    """
    asked = os.environ.get("NUMBA_CACHE_DIR")
    return [folder for folder in (Path(asked) if asked else None, user_cache(_name())) if folder]


def user_cache(*names: str) -> Path | None:
    """The folder of these names in the user's cache folder, whether it is there or not; None: a user without a home."""
    try:
        return Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser(), "duopose", *names)
    except RuntimeError:
        return None


def choose_cache() -> None:
    """Set NUMBA_CACHE_DIR to the first of them that will do; the processes that this one starts inherit it.

    Numba refuses a folder that can't be written, even one that holds every kernel.
    """
    os.environ["NUMBA_CACHE_DIR"] = find_cache(candidates())


def _marker() -> Path:
    """The file that says that everything is compiled, for this Python and this Numba."""
    choose_cache()
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    return Path(os.environ["NUMBA_CACHE_DIR"], f"duopose-{_name()}-{python}-{version('numba')}{COMPLETE}")


def is_filled() -> bool:
    """Whether all kernels are compiled and kept."""
    return _marker().exists()


def fill_cache(say: Callable[[str], object] = lambda line: None) -> None:
    """Compile all kernels if that was not done yet, in a process of its own; `say` is told when it takes a while."""
    if is_filled():
        return
    say("compiling the kernels, once; this takes up to a minute")
    code = "; ".join(f"import duopose.kernels.{file.stem}" for file in sorted(HERE.glob("[!_]*.py")))
    if subprocess.run([sys.executable, "-c", code], stderr=subprocess.DEVNULL).returncode == 0:
        _marker().touch()  # else the nodes meet the same error and tell of it
