from functools import partial

import numpy as np
import pytest
import torch

from duopose.stream.errors import UsageError
from duopose.training import lifting
from duopose.training.mocap import windows
from tests.training.by_heart import learned
from tests.training.small import SMALL_LIFTING


def small_lifter():
    torch.manual_seed(0)
    temporal = {"frames": 9, "lookaheads": [0, 4]}
    return lifting.Lifter(lifting.GCN(8, 32), lifting.JointTCN(32, **temporal), lifting.RootTCN(32, **temporal))


def test_lifting_learns_one_batch_by_heart(clips, tmp_path):
    data = lifting.batch(partial(windows.draw, clips), 8, 9, [0, 4], np.random.default_rng(0)) | {"graph": True}
    start, end = learned(small_lifter(), data, lifting.loss, tmp_path, 25)
    assert end < 0.4 * start


def test_the_gcn_learns_from_a_third_of_the_batches_only(clips):
    rng = np.random.default_rng(1)
    drawn = [lifting.batch(partial(windows.draw, clips), 2, 9, [0, 4], rng) for _ in range(60)]
    assert sum(data["graph"] for data in drawn) == pytest.approx(20, abs=11)
    for graph in (True, False):
        lifter = small_lifter()
        sum(lifting.loss(lifter, drawn[0] | {"graph": graph}).values()).backward()
        assert all((p.grad is not None) == graph for p in lifter.gcn.parameters())
        assert all(p.grad is not None for p in lifter.root_tcn.parameters())


def test_joints_that_nobody_labelled_teach_nothing(clips):
    data = lifting.batch(partial(windows.draw, clips), 4, 9, [0, 4], np.random.default_rng(0)) | {"graph": True}
    data["labelled"][:, 9] = 0
    elsewhere = {name: data[name].clone() for name in ("joints", "slot_joints")}
    for joint, changes in ((9, False), (10, True)):
        for truth in elsewhere.values():
            truth[..., joint, :] += 5
        lifter = small_lifter()
        before, after = (sum(lifting.loss(lifter, labels).values()).item() for labels in (data, data | elsewhere))
        assert (abs(after - before) > 0.1) == changes


def test_without_time_each_window_is_its_newest_frame(mocap, tmp_path, monkeypatch):
    monkeypatch.setattr(lifting, "JUDGED", 20)
    asked = []

    def noted(lifter, data):
        asked.append(data)
        return loss(lifter, data)

    loss = lifting.loss
    monkeypatch.setattr(lifting, "loss", noted)
    words = ["--data", str(mocap), "--frames", "9", "--channels", "4", "8", "16", "16", "--one-frame"]
    with pytest.raises(UsageError, match="give --lookaheads 0"):
        lifting.main([*words, "--out", str(tmp_path)])
    lifting.main([*words, "--lookaheads", "0", "--out", str(tmp_path), "--batch", "8", "--steps", "1"])
    (data,) = asked
    assert (data["grid"][..., -1] == 1).all()
    assert data["grid"].sum() == data["valid"].sum() == data["valid"].numel()


def test_published_weights_give_way_to_better_ones_only(mocap, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(lifting, "JUDGED", 20)
    words = ["--data", str(mocap), *SMALL_LIFTING, "--out", str(tmp_path / "run")]
    lifting.main([*words, "--batch", "8", "--steps", "1"])
    lifting.main([*words, "--publish", str(tmp_path / "weights")])
    file = tmp_path / "weights/joint_tcn.safetensors"
    good = file.read_bytes()
    best = torch.load(tmp_path / "run/best.pt")
    spoilt = best | {"joint_tcn.tcn.head.bias": best["joint_tcn.tcn.head.bias"].clone()}
    spoilt["joint_tcn.tcn.head.bias"][48] += 5  # a wrist, metres
    torch.save(spoilt, tmp_path / "run/best.pt")
    lifting.main([*words, "--publish", str(tmp_path / "weights")])
    assert "no better, the weights in" in capsys.readouterr().out
    assert file.read_bytes() == good
    lifting.main([*words, "--publish", str(tmp_path / "weights"), "--replace"])
    bad = file.read_bytes()
    assert bad != good
    torch.save(best, tmp_path / "run/best.pt")
    lifting.main([*words, "--publish", str(tmp_path / "weights")])
    assert file.read_bytes() == good
