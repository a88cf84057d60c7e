"""Where the weights of a profile lie."""

import os
from pathlib import Path


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
