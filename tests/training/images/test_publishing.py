"""An image network is published unless what is there is better."""

import json
from argparse import Namespace

import numpy as np
import torch

from duopose.networks.gcn import GCN
from duopose.training.images.publishing import publish


def published(folder, network, good, capsys, replace=False):
    """Publish a network that is judged as `good` says of its shift: a small network stands for the image networks."""
    torch.save(network.state_dict(), folder / "best.pt")
    (folder / "training.json").write_text(json.dumps({"command": "duopose train net"}))
    options = Namespace(out=folder, publish=folder / "weights/net", judged=None, replace=replace)
    pose = [np.zeros((1, 17, 2), np.float32), np.ones((1, 17), np.float32), np.zeros((1, 3), np.float32)]
    publish("net", options, network, pose, lambda net: {"quality": good(net(*pose)[0].mean())}, "--people PEOPLE")
    return (folder / "weights/net.safetensors").read_bytes(), capsys.readouterr().out


def test_an_image_network_gives_way_to_a_better_one_only(tmp_path, capsys):
    torch.manual_seed(0)
    first, second = GCN(8, 16).eval(), GCN(8, 16).eval()
    before, _ = published(tmp_path, first, lambda value: 1.0, capsys)
    same, said = published(tmp_path, second, lambda value: 1.0, capsys)
    assert same == before
    assert "no better, the weights in" in said
    replaced, _ = published(tmp_path, second, lambda value: 1.0, capsys, replace=True)
    assert replaced != before
    judged = iter((0.6, 0.5))  # the new one first
    again, _ = published(tmp_path, first, lambda value: next(judged), capsys)
    assert again == before
    assert json.loads((tmp_path / "weights/net.json").read_text())["accuracy"]["quality"] == 0.6
    assert {file.suffix for file in (tmp_path / "weights").iterdir()} == {
        ".safetensors",
        ".json",
        ".xml",
        ".bin",
        ".md",
    }
