"""The OpenVINO runtime: no torch, any batch, the numbers of the torch network."""

import subprocess
import sys

import numpy as np
import pytest
import torch

from duopose.networks import runtime

SHAPES = {
    "detector": [(1, 64, 96, 3)],
    "top_down": [(3, 256, 192, 3)],
    "bottom_up": [(1, 64, 96, 3), (1, 17, 64, 96)],
}


def inputs(name):
    """Smooth pictures: what a camera sees, not white noise."""
    rng = np.random.default_rng(0)
    arrays = []
    for shape in SHAPES[name]:
        coarse = rng.integers(0, 256, shape).astype(np.float32)
        axes = (1, 2) if shape[-1] == 3 else (2, 3)
        for axis in axes:
            coarse = sum(np.roll(coarse, step, axis) for step in range(-6, 7)) / 13
        arrays.append(coarse.clip(0, 255).astype(np.uint8))
    return arrays


def test_running_a_network_imports_no_torch():
    code = (
        "import sys, numpy; from duopose.networks.runtime import load; "
        "load('top_down')(numpy.zeros((1, 256, 192, 3), 'u1'));"
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_batch_gives_what_its_members_give_alone():
    network = runtime.load("top_down")
    (crops,) = inputs("top_down")
    together = network(crops)
    for number in range(len(crops)):
        alone = network(crops[number : number + 1])
        for a, b in zip(together, alone, strict=True):
            np.testing.assert_allclose(a[number], b[0], atol=0.02)


def test_no_crop_gives_empty_maps_of_the_right_shape():
    heatmaps, tags = runtime.load("top_down")(np.zeros((0, 256, 192, 3), np.uint8))
    assert heatmaps.shape == tags.shape == (0, 17, 64, 48)


def test_a_missing_model_is_named():
    with pytest.raises(FileNotFoundError, match=r"weights_lite.nothing\.xml"):
        runtime.load("nothing")


@pytest.mark.parametrize("name", SHAPES)
def test_openvino_gives_what_torch_gives(name):
    from duopose.networks import weights

    network = runtime.Network(runtime.weight_file(name), exact=True)
    arrays = inputs(name)
    with torch.inference_mode():
        expected = weights.load(name)(*map(torch.from_numpy, arrays))
    for found, wanted in zip(network(*arrays), expected, strict=True):
        wanted = wanted.numpy()
        np.testing.assert_allclose(found, wanted, atol=2e-3 * max(1.0, np.abs(wanted).max()))
