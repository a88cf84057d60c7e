from functools import partial

import numpy as np
import pytest
import torch

from duopose.training import lifting
from duopose.training.mocap import windows
from tests.training.by_heart import learned


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
    assert sum(data["graph"] for data in drawn) == pytest.approx(20, abs=8)
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
