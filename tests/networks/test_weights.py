"""Weight files: what is written is what is read, and the JSON says what it is."""

import json

import numpy as np
import pytest
import torch

from duopose.networks import weights
from duopose.networks.folders import weight_file
from duopose.networks.integration import FEATURES
from duopose.networks.tcn import JointTCN
from duopose.networks.top_down import TopDown
from duopose.training.loop.export import export


@pytest.mark.parametrize(("how", "limit"), [({}, 5e-4), ({"int8": True}, 8e-3), ({"exact": True}, 1e-30)])
def test_a_network_comes_back_as_it_was_saved(tmp_path, how, limit):
    torch.manual_seed(0)
    network = TopDown(joints=3)
    weights.save(network, tmp_path / "net", **how, training={"command": "none"})
    again = weights.read(tmp_path / "net")
    assert again.arguments == network.arguments
    assert not again.training
    for (key, saved), read in zip(network.state_dict().items(), again.state_dict().values(), strict=True):
        largest = saved.abs().max().clamp(min=1e-6)
        assert ((saved - read).abs().max() / largest) < limit, key


def test_int8_takes_about_one_byte_a_weight(tmp_path):
    network = TopDown()
    weights.save(network, tmp_path / "net", int8=True)
    count = sum(p.numel() for p in network.parameters())
    assert (tmp_path / "net.safetensors").stat().st_size < 1.1 * count


def test_the_lifting_in_int8_answers_the_same_in_both_files(tmp_path):
    torch.manual_seed(0)
    network = JointTCN(32).eval()
    weights.save(network, tmp_path / "net", int8=True)
    window = np.random.default_rng(0).random((5, 27, FEATURES), np.float32)
    # The same integers: nothing but float16 in what is no product's weight.
    assert max(export(tmp_path / "net", [window])) < 1e-3
    with torch.no_grad():
        before, after = (net(torch.from_numpy(window)) for net in (network, weights.read(tmp_path / "net")))
    assert (before - after).abs().max() < 0.02 * before.abs().max() + 1e-6


def test_the_json_says_how_the_weights_came_about(tmp_path):
    weights.save(TopDown(joints=2), tmp_path / "net", training={"command": "duopose train x"}, accuracy={"ap": 0.5})
    record = json.loads((tmp_path / "net.json").read_text())
    assert record["network"] == "duopose.networks.top_down.TopDown"
    assert record["arguments"] == {"backbone": "mobilenet", "width": 1.0, "joints": 2, "published": False}
    assert record["accuracy"] == {"ap": 0.5}


def test_only_our_own_networks_are_built(tmp_path):
    weights.save(TopDown(joints=2), tmp_path / "net")
    record = json.loads((tmp_path / "net.json").read_text())
    (tmp_path / "net.json").write_text(json.dumps(record | {"network": "os.system"}))
    with pytest.raises(ValueError, match=r"os\.system"):
        weights.read(tmp_path / "net")


def test_a_missing_weight_file_is_named():
    with pytest.raises(FileNotFoundError, match="weights_full"):
        weight_file("nothing", "full")


@pytest.mark.parametrize("name", ["detector", "top_down", "bottom_up"])
def test_the_shipped_networks_say_how_they_were_made_and_how_good_they_are(name):
    path = weight_file(name, suffix=".json")
    record = json.loads(path.read_text())
    assert {"network", "arguments", "training", "accuracy", "bf16"} <= set(record)
    accuracy = record["accuracy"]
    commands = [accuracy["command"]] if "command" in accuracy else list(accuracy)  # of publishing alone, of evaluations
    assert commands
    assert all(command.startswith("duopose ") for command in commands)
    weights.read(path.with_suffix(""))
