"""What runs a network by torch says what OpenVINO says. CUDA itself and TensorRT are not tried: docs/benchmarks.md."""

import os
import shutil
import sys
from functools import partial

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from duopose.networks.backends import choosing, compiled, tensorrt  # noqa: E402
from duopose.networks.backends.compiled import CompiledNetwork  # noqa: E402
from duopose.networks.backends.eager import EagerNetwork  # noqa: E402
from duopose.networks.folders import weight_file  # noqa: E402
from tests.networks.floats import as_floats  # noqa: E402
from tests.nodes import replay  # noqa: E402
from tests.nodes.recorded import parts  # noqa: E402

BATCHES = (1, 3)  # the second is none of the fixed ones
SIDE = 64  # pixels of the pictures: a part of the recorded ones, so that it takes no minute
SAME = 2e-3  # of the largest number of an output, as between the two files of a network
HALF = 0.02  # the same for float16
# Torch reads the whole network as for CUDA, and then computes it as it always does: that needs no compiler.
TRACED = partial(torch.compile, backend="eager", dynamic=False, fullgraph=True)
DIFFERENT = ("top_down", "gcn", "joint_tcn", "integration")  # the others are built of the same layers


@pytest.fixture(autouse=True)
def _once(monkeypatch):
    monkeypatch.setattr(compiled, "WARM", 1)  # there are no CUDA graphs to record


@pytest.fixture(scope="module")
def inputs():
    """Function: name of a network, batch -> its arrays, cut out of those recorded."""
    pages = replay.recorded_pages()

    def of(name, batch):
        arrays = []
        for array in parts(pages, f"{name}/whole"):
            rows = np.resize(np.arange(len(array)), batch)
            array = array[rows]
            if array.dtype == np.uint8:
                area = (slice(None), slice(96, 96 + SIDE), slice(64, 64 + SIDE))
                array = array[area] if array.shape[-1] == 3 else array[(slice(None), *area)]
            arrays.append(np.ascontiguousarray(array))
        return arrays

    return of


def path_of(name):
    return weight_file(name, suffix=".safetensors").with_suffix("")


def close(found, wanted, tolerance=SAME):
    assert len(found) == len(wanted)
    for a, b in zip(found, wanted, strict=True):
        assert a.dtype == b.dtype == np.float32
        assert a.flags.c_contiguous  # the kernels take no other
        np.testing.assert_allclose(a, b, rtol=0, atol=tolerance * max(1.0, np.abs(b).max(initial=0)))


@pytest.mark.parametrize("name", replay.NETWORKS)
def test_torch_in_batches_of_any_size_or_of_fixed_ones_says_what_openvino_says(name, inputs):
    openvino = as_floats(name)
    eager, fixed = EagerNetwork(path_of(name), "cpu"), CompiledNetwork(path_of(name), "cpu", False, lambda net: net)
    for batch in BATCHES:
        wanted = openvino(*inputs(name, batch))
        close(eager(*inputs(name, batch)), wanted)
        close(fixed(*inputs(name, batch)), wanted)
    assert (eager.backend, fixed.backend) == ("torch cpu", "torch compiled cpu")
    assert eager.arguments == fixed.arguments == openvino.arguments


@pytest.mark.parametrize("name", DIFFERENT)
def test_torch_reads_a_network_whole(name, inputs):
    network = CompiledNetwork(path_of(name), "cpu", False, TRACED)
    close(network(*inputs(name, 1)), EagerNetwork(path_of(name), "cpu")(*inputs(name, 1)))
    assert network.backend == "torch compiled cpu"  # it did not fall back


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # torch's own, of what it imports then
def test_what_torch_makes_of_it_for_cuda_says_the_same(inputs):
    """Its own compiler, here for the CPU, which needs one for C++."""
    name = "integration"
    if not any(map(shutil.which, ("g++", "clang++"))):
        pytest.skip("no C++ compiler")
    network = CompiledNetwork(path_of(name), "cpu", half=False)
    close(network(*inputs(name, 1)), EagerNetwork(path_of(name), "cpu")(*inputs(name, 1)))
    assert network.backend == "torch compiled cpu"


@pytest.mark.parametrize("name", replay.NETWORKS)
def test_half_precision_is_nearly_as_good(name, inputs):
    network = EagerNetwork(path_of(name), "cpu", half=True)
    close(network(*inputs(name, 1)), EagerNetwork(path_of(name), "cpu")(*inputs(name, 1)), HALF)
    assert network.backend == "torch cpu f16"


class Counting:
    """A compiler that compiles nothing and notes the shapes it is called with."""

    def __init__(self):
        self.batches = []

    def __call__(self, network):
        def call(*arrays):
            self.batches.append(len(arrays[0]))
            return network(*arrays)

        return call


def test_every_size_is_compiled_before_it_is_needed(inputs):
    counting = Counting()
    network = CompiledNetwork(path_of("integration"), "cpu", False, counting)
    network.prepare((15, *inputs("integration", 1)[0].shape[1:]))
    assert sorted(set(counting.batches)) == list(compiled.SIZES)
    counting.batches.clear()
    for batch, called in ((1, [1]), (3, [4]), (8, [8]), (11, [8, 4]), (0, [1])):
        assert len(network(*inputs("integration", 15)[:1])[0]) == 15
        counting.batches.clear()
        outputs = network(inputs("integration", 15)[0][:batch])
        assert counting.batches == called
        assert {len(output) for output in outputs} == {batch}


def test_a_network_that_can_not_be_compiled_runs_uncompiled(inputs, capfd):
    def compiler(network):
        def call(*arrays):
            raise RuntimeError("ptxas is missing\nand much more")

        return call

    network = CompiledNetwork(path_of("gcn"), "cpu", False, compiler)
    close(network(*inputs("gcn", 3)), EagerNetwork(path_of("gcn"), "cpu")(*inputs("gcn", 3)))
    said = capfd.readouterr().err
    assert said == "torch compiled cpu failed, so torch runs this network uncompiled: ptxas is missing\n"
    assert network.backend == "torch cpu"


def test_what_is_wrong_with_the_input_is_no_fault_of_the_compiler():
    network = CompiledNetwork(path_of("gcn"), "cpu", False, TRACED)
    with pytest.raises(TypeError):
        network(np.zeros((1, 17, 2), np.float32))


# ---- choosing


@pytest.fixture
def stand_in(tmp_path, monkeypatch):
    """Function: text of a module -> that `import torch_tensorrt` finds; nothing of it stays."""
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    monkeypatch.delitem(sys.modules, "torch_tensorrt", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv(choosing.VARIABLE, raising=False)
    tensorrt.missing.cache_clear()
    yield (tmp_path / "torch_tensorrt.py").write_text
    sys.modules.pop("torch_tensorrt", None)
    tensorrt.missing.cache_clear()
    for known in (torch._dynamo.backends.registry._BACKENDS, torch._dynamo.backends.registry._COMPILER_FNS):
        known.pop("torch_tensorrt", None)


REGISTERS = """
from torch._dynamo import register_backend
asked = []

@register_backend(name="torch_tensorrt")
def build(graph, inputs, options):
    asked.append(options)
    return graph.forward
"""


def test_tensorrt_is_asked_to_keep_its_engines(stand_in, inputs, tmp_path):
    stand_in(REGISTERS)
    assert choosing.choose() == ("tensorrt", None)
    network = choosing.load(path_of("integration"), "cpu", half=False)
    close(network(*inputs("integration", 3)), EagerNetwork(path_of("integration"), "cpu")(*inputs("integration", 3)))
    assert network.backend == "TensorRT cpu"
    (asked,) = {str(sorted(options.items())) for options in sys.modules["torch_tensorrt"].asked}
    assert f"{tmp_path / 'cache' / 'duopose' / 'tensorrt'}{os.sep}" in asked


def test_where_its_libraries_are_missing_one_line_says_so_and_the_next_best_is_taken(stand_in, monkeypatch):
    stand_in("raise Exception('Could not find libnvinfer.so.11\\nin any folder')")
    monkeypatch.setattr(compiled, "missing", lambda: None)
    line = "torch-tensorrt can't be used: Could not find libnvinfer.so.11 in any folder; the networks run compiled"
    assert choosing.choose() == ("compiled", line)
    monkeypatch.setattr(compiled, "missing", lambda: "triton is not installed")
    name, line = choosing.choose()
    assert name == "eager"
    assert line.endswith("triton is not installed; the networks run eager")
    assert "\n" not in line


def test_without_torch_tensorrt_nobody_hears_of_it(monkeypatch):
    monkeypatch.setattr(choosing, "find_spec", lambda name: None)
    monkeypatch.setattr(compiled, "missing", lambda: None)
    assert choosing.choose() == ("compiled", None)


def test_the_environment_has_the_last_word(monkeypatch):
    monkeypatch.setenv(choosing.VARIABLE, "eager")
    assert choosing.choose() == ("eager", None)
    monkeypatch.setenv(choosing.VARIABLE, "fast")
    with pytest.raises(ValueError, match="tensorrt, compiled, eager"):
        choosing.choose()


def test_without_a_c_compiler_nothing_is_compiled(monkeypatch):
    monkeypatch.setattr(compiled, "find_spec", lambda name: True)
    monkeypatch.delenv("CC", raising=False)
    monkeypatch.setenv("PATH", "")
    assert "no C compiler" in compiled.missing()
