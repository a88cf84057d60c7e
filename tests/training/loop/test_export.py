"""An exported network computes in 8 bits where it was told to, and says nearly the same."""

import re

import numpy as np
import torch

from duopose.networks import weights
from duopose.networks.runtime import Network
from duopose.networks.top_down import TopDown
from duopose.training.loop.export import export


def test_a_calibrated_network_computes_in_8_bits_but_for_its_exact_parts(tmp_path):
    torch.manual_seed(0)
    network, rng = TopDown(width=0.35).eval(), np.random.default_rng(0)
    crops = rng.integers(0, 256, (8, 64, 96, 3), np.uint8)
    weights.save(network, tmp_path / "net", int8=True)
    export(tmp_path / "net", [crops[:2]], calibration=[[crop[None]] for crop in crops], exact=("trunk.merge", "tags"))
    rounded = re.findall(r'name="([^"]*)/fq_weights_\d+"', (tmp_path / "net.xml").read_text())
    assert any("trunk.blocks.3.expand" in name for name in rounded)
    assert not any("trunk.merge" in name or "tags" in name for name in rounded)
    with torch.inference_mode():
        _, wanted = network(torch.from_numpy(crops[:2]))
    _, found = Network(tmp_path / "net.xml")(crops[:2])
    assert np.abs(found - wanted.numpy()).max() < 0.1 * np.abs(wanted.numpy()).max()
