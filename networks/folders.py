"""Where the weights of a profile lie, and where what is made of them is kept."""

import contextlib
import os
import shutil
import tempfile
from pathlib import Path

ROOM = 128 << 20  # bytes that must be free where compiled networks are kept: several times what all of them take


def weights_folder(profile):
    """The folder of a profile's weights. A profile with a / in it is a folder itself.

    >>> weights_folder("lite").name, str(weights_folder("/tmp/mine"))
    ('weights_lite', '/tmp/mine')
    """
    return Path(profile) if os.sep in profile else Path(__file__).parent / f"weights_{profile}"


def weight_file(name, profile="lite", suffix=".xml"):
    """Path of NAME+suffix in the folder of that profile. Raises FileNotFoundError that names it if it isn't there."""
    path = weights_folder(profile) / (name + suffix)
    if not path.exists():
        raise FileNotFoundError(f"weights are missing: {path}")
    return path


def compiled_folder():
    """Where OpenVINO may keep compiled networks: in the user's cache folder. None where nothing can be written."""
    with contextlib.suppress(OSError, RuntimeError):  # a full or read-only disk; a user without a home
        home = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser())
        folder = home / "duopose" / "networks"
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
        if shutil.disk_usage(folder).free >= ROOM:
            return folder
    return None
