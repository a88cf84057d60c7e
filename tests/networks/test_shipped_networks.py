"""Each shipped network says of a recorded input what it said when it was recorded, on every CPU."""

import shutil
from xml.etree import ElementTree

import numpy as np
import pytest
import torch

from duopose.networks import weights
from duopose.networks.runtime import Network, weight_file
from tests.networks.floats import as_floats, in_8_bits
from tests.nodes import replay
from tests.nodes.recorded import FAINT, parts

# Root mean square, as a share of what was said. float16, in which it was written down, rounds by 2e-4; another order of
# the same sums (AVX2 instead of AVX512) adds 3e-5. Weights of which a quarter is one step off make 2e-3 and more.
TOLERANCE = 5e-4
# The same for a network that computes in 8 bits: where a sum falls between two of them, AMX rounds the other way than
# AVX512 and AVX2, and what follows takes other roundings: 0.03 in the joints of `bottom_up`. Wrong weights make 0.2.
TOLERANCE_8_BITS = 0.06
ROUNDED = 0.3  # the same for a network that computes in 8 bits, against floats; its accuracy stands in its JSON


@pytest.fixture(scope="module")
def pages():
    return replay.recorded_pages()


def error(name, path, pages):
    """How far the network in that file is from what was recorded of its last call: the worst of its outputs."""
    *_, said = replay.calls(name, pages)
    outputs = Network(path, exact=True)(*parts(pages, f"{name}/whole"))
    worst = 0.0
    for number, (output, page) in enumerate(zip(outputs, said, strict=True)):
        assert output.shape == page.shape
        counts = page != 0  # the others were not written down
        if number == 0:
            counts |= output > 2 * FAINT  # but nobody was there
        far, size = (np.mean(np.square(array[counts], dtype=float)) for array in (output - page, page))
        worst = max(worst, np.sqrt(far / size))
    return worst


def tolerance(name):
    return TOLERANCE_8_BITS if in_8_bits(name) else TOLERANCE


@pytest.mark.parametrize("name", replay.NETWORKS)
def test_a_recorded_input_gives_the_recorded_output(name, pages):
    assert error(name, weight_file(name), pages) < tolerance(name)


@pytest.mark.parametrize("name", replay.NETWORKS)
def test_weights_of_which_a_quarter_is_one_step_off_give_another_output(name, pages, tmp_path):
    for suffix in (".xml", ".json"):
        shutil.copy(weight_file(name, suffix=suffix), tmp_path)
    data = np.fromfile(weight_file(name, suffix=".bin"), np.uint8)
    path = tmp_path / f"{name}.xml"
    for constant in ElementTree.parse(path).iter("data"):
        start, size = int(constant.get("offset") or 0), int(constant.get("size") or 0)
        if constant.get("element_type") == "i8":
            data[start : start + size : 4] ^= 1
        elif constant.get("element_type") == "f16" and size > 1000:  # a step of 8 bits: 1 in 128 of the number
            data[start : start + size].view(np.uint16)[::4] ^= 8
    data.tofile(path.with_suffix(".bin"))
    assert error(name, path, pages) > 3 * tolerance(name)


@pytest.mark.parametrize("name", replay.NETWORKS)
def test_both_files_of_a_network_say_the_same(name, pages):
    inputs = parts(pages, f"{name}/whole")
    with torch.inference_mode():
        expected = weights.read(weight_file(name).with_suffix(""))(*map(torch.from_numpy, inputs))
    expected = expected if isinstance(expected, tuple | list) else (expected,)
    for found, wanted in zip(as_floats(name)(*inputs), expected, strict=True):
        np.testing.assert_allclose(found, wanted, rtol=0, atol=2e-3 * max(1.0, wanted.abs().max()))


@pytest.mark.parametrize("name", [*filter(in_8_bits, replay.NETWORKS)])
def test_8_bits_say_nearly_what_floats_say(name, pages):
    inputs = parts(pages, f"{name}/whole")
    for found, wanted in zip(Network(weight_file(name))(*inputs), as_floats(name)(*inputs), strict=True):
        assert np.sqrt(np.square(found - wanted).mean() / np.square(wanted).mean()) < ROUNDED
