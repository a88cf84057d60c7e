"""The profile `released` is made from a folder of imported weights."""

import json

import numpy as np
import pytest
import torch

from duopose.networks import weights
from duopose.networks.released.checkpoints import NETWORKS
from duopose.networks.top_down import TopDown
from duopose.nodes.profile import Released, find
from duopose.nodes.released.lifting import HALF, POINTS, Lifting
from tests.lifted import lift
from tests.nodes.released.stand_ins import pictured, someone
from tests.painted import CAMERA


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Weights of all networks, random, as an import leaves them."""
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("weights")
    for released in NETWORKS.values():
        weights.save(released.make(), path / released.name, exact=True)
    return path


def test_a_folder_of_imported_weights_is_a_profile_with_the_image_networks_of_lite(folder):
    profile = find(str(folder))
    assert isinstance(profile, Released)
    assert isinstance(find("released"), Released)
    assert not isinstance(find("lite"), Released)
    profile.check(lookahead=HALF)
    lifting = profile.lifting()
    body, _ = someone()
    joints, _ = lift(lifting, [1], body, 0.0, CAMERA, False)
    assert joints.shape == (1, 17, 3)
    assert np.isfinite(joints).all()
    assert profile.bottom_up(max_people=7).max_people == 7
    assert profile.backends == {"torch cpu"}
    pair = np.stack([pictured(0, 3)[0]] * 2)
    assert np.isfinite(profile.integration().step(pair, None, pair + 1, None).joints).all()
    assert json.loads(folder.joinpath("gcn.json").read_text())["network"] == "duopose.networks.released.gcn.GCN"
    assert POINTS.stop == Lifting.feature_count


def test_an_imported_hrnet_takes_the_place_of_the_lite_network(tmp_path):
    (tmp_path / "transform.json").write_text("{}")
    profile = find(str(tmp_path))
    assert profile.network("top_down").backend.startswith("OpenVINO")
    weights.save(TopDown("hrnet", width=8, published=True), tmp_path / "top_down", exact=True)
    network = profile.network("top_down")
    assert network.backend == "torch cpu"
    heatmaps, tags = network(np.zeros((2, 256, 192, 3), np.uint8))
    assert heatmaps.shape == tags.shape == (2, 17, 64, 48)
