"""Networks as OpenVINO models that compute as floats; those that are shipped compute in 8 bits where that is faster."""

import json
import shutil
import tempfile
from functools import cache
from pathlib import Path

import numpy as np

from duopose.networks.folders import weight_file
from duopose.networks.runtime import Network
from duopose.training.loop.export import export

OPEN = {"detector": [(0, 1, 2)], "top_down": [(0, 1, 2)], "bottom_up": [(0, 1, 2), (0, 2, 3)]}  # axes


def in_8_bits(name):
    """Whether the shipped model of that name computes in 8 bits."""
    return json.loads(weight_file(name, suffix=".json").read_text()).get("precision") == "int8"


@cache
def folder():
    """For files that OpenVINO reads when a network meets its first picture; it goes when the process ends."""
    return tempfile.TemporaryDirectory()


@cache
def as_floats(name):
    """-> Network of the shipped weights of that name, float32; the same for all tests of a process."""
    if not in_8_bits(name):
        return Network(weight_file(name), exact=True)
    path = Path(folder().name, name)
    for suffix in (".json", ".safetensors"):
        shutil.copy(weight_file(name, suffix=suffix), path.parent)
    examples = [np.zeros((1, 64, 96, 3), np.uint8)]
    if name == "bottom_up":
        examples.append(np.zeros((1, 17, 64, 96), np.uint8))
    export(path, examples, OPEN[name], compress=name != "bottom_up")  # its weights are stored in 16 bits
    return Network(path.with_suffix(".xml"), exact=True)
