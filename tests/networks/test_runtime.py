"""The OpenVINO runtime: no torch, any batch."""

import os
import subprocess
import sys

import numpy as np
import pytest

from duopose.networks import runtime


def smooth_crops():
    """Three of them: what a camera sees, not white noise."""
    coarse = np.random.default_rng(0).integers(0, 256, (3, 256, 192, 3)).astype(np.float32)
    for axis in (1, 2):
        coarse = sum(np.roll(coarse, step, axis) for step in range(-6, 7)) / 13
    return coarse.clip(0, 255).astype(np.uint8)


def test_running_a_network_imports_no_torch():
    code = (
        "import sys, numpy; from duopose.networks.runtime import load; "
        "load('top_down')(numpy.zeros((1, 256, 192, 3), 'u1'));"
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_nothing_is_told_to_anybody(tmp_path):
    """OpenVINO would send an event to Google Analytics when it is imported, and keep a number for that at home."""
    code = (
        "import sys, threading; told = []; "
        "sys.addaudithook(lambda event, _: told.append(event) if event in ('socket.connect', 'os.fork') else None); "
        "import numpy; from duopose.networks.runtime import load; "
        "load('integration')(numpy.zeros((1, 145), 'f4')); "
        "print(told, sorted(name for name in sys.modules if name.startswith('openvino_telemetry.')))"
    )
    environment = os.environ | {"HOME": str(tmp_path)}
    run = subprocess.run([sys.executable, "-c", code], env=environment, check=True, capture_output=True, text=True)
    assert run.stdout.strip() == "[] []"
    assert not (tmp_path / "intel").exists()


def test_a_signal_after_networks_are_gone_is_no_crash():
    code = (
        "import gc, signal, duopose; pipeline = duopose.Pipeline(); del pipeline; gc.collect(); "
        "signal.signal(signal.SIGINT, lambda *_: print('heard')); signal.raise_signal(signal.SIGINT)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (run.returncode, run.stdout) == (0, "heard\n"), run.stderr


class FailingCache:
    """OpenVINO at the moment when another process writes the same file of its cache."""

    def __init__(self, core):
        self.core = core
        self.read_model = core.read_model

    def compile_model(self, model, device, options):
        if options.get("CACHE_DIR") != "":
            raise RuntimeError("filesystem error: cannot set permissions: No such file or directory [1.blob]")
        return self.core.compile_model(model, device, options)


def test_a_cache_that_fails_is_done_without():
    network, features = runtime.load("integration"), np.ones((2, 145), np.float32)
    expected = network(features)
    network.core, network.requests = FailingCache(network.core), {}
    for found, wanted in zip(network(features), expected, strict=True):
        np.testing.assert_array_equal(found, wanted)


def test_a_batch_gives_what_its_members_give_alone():
    network = runtime.load("top_down")
    crops = smooth_crops()
    together = network(crops)
    for number in range(len(crops)):
        alone = network(crops[number : number + 1])
        for a, b in zip(together, alone, strict=True):
            np.testing.assert_allclose(a[number], b[0], atol=0.02)


def test_crops_side_by_side_give_what_each_gives_alone():
    network = runtime.load("top_down", streams=2)
    crops = smooth_crops()
    for ours, theirs in zip(network(crops), zip(*(network(crop[None]) for crop in crops), strict=True), strict=True):
        np.testing.assert_array_equal(ours, np.concatenate(theirs))
    for ours, theirs in zip(network(crops), runtime.load("top_down")(crops), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=0.02)


def test_no_crop_gives_empty_maps_of_the_right_shape():
    heatmaps, tags = runtime.load("top_down")(np.zeros((0, 256, 192, 3), np.uint8))
    assert heatmaps.shape == tags.shape == (0, 17, 64, 48)


def test_a_missing_model_is_named():
    with pytest.raises(FileNotFoundError, match=r"weights_lite.nothing\.xml"):
        runtime.load("nothing")
