import json

import numpy as np
import pytest
import torch

from duopose.networks import weights
from duopose.networks.integration import Integration
from duopose.nodes.profile import find
from duopose.training import integration, lifting
from duopose.training.pairs import real
from duopose.training.pairs.batches import batch
from duopose.training.pairs.loss import loss
from duopose.training.pairs.real import RealPairs
from duopose.training.pairs.simulated import SimulatedPairs
from tests.training.by_heart import learned
from tests.training.small import SMALL_LIFTING


def test_integration_learns_one_batch_by_heart(tmp_path):
    rng = np.random.default_rng(2)
    truth = (rng.normal(0, 0.4, (32, 17, 3)) + (0, 0, 4)).astype(np.float32)
    pairs = SimulatedPairs.__new__(SimulatedPairs)
    pairs.truth, pairs.confidence = truth, np.full((32, 17), 0.8, np.float32)
    pairs.top = truth + rng.normal(0, 0.1, truth.shape).astype(np.float32)
    data = batch(16, pairs, None, rng)
    torch.manual_seed(0)
    start, end = learned(Integration(channels=64), data, loss, tmp_path, 120)
    assert end < 0.6 * start


@pytest.fixture
def branch_pairs(tmp_path):
    """A file of real answers, as training.branch_pairs writes it: 20 pictures of two people, one without bottom-up."""
    rng = np.random.default_rng(3)
    truth = (rng.normal(0, 0.4, (40, 17, 3)) + (0, 0, 4)).astype(np.float32)
    top, bottom = truth + np.float32([0, 0, 0.3]), truth + np.float32([0, 0, -0.1])
    bottom[1::2] = np.nan
    sure = np.full((40, 17), 0.8, np.float32)
    path = tmp_path / "pairs.npz"
    arrays = {
        "top": top,
        "bottom": bottom,
        "top_confidence": sure,
        "bottom_confidence": np.isfinite(bottom[..., 0]) * sure,
    }
    np.savez(path, truth=truth, run=np.repeat(np.arange(20), 2), **arrays)
    return path


def test_real_pairs_keep_together_what_one_picture_said(branch_pairs, monkeypatch):
    monkeypatch.setattr(real, "UNLIKE", 1)
    seen, held_out = RealPairs([branch_pairs]), RealPairs([branch_pairs], held_out=True)
    assert (len(seen.truth), len(held_out.truth)) == (36, 4)
    top, top_sure, bottom, bottom_sure, truth = seen.draw(500, np.random.default_rng(0))
    alone = np.isnan(bottom).all((1, 2))
    assert alone.mean() == pytest.approx(0.5, abs=0.1)
    assert (bottom_sure[alone] == 0).all()
    assert (top_sure > 0).all()
    ankles = [3, 6]  # joints that annotators put where the renderer does
    scale = (top - truth)[:, ankles, 2] / 0.3
    np.testing.assert_allclose((truth - bottom)[~alone][:, ankles, 2] / 0.1, scale[~alone], atol=1e-3)
    assert scale.std() > 0.03
    sides = np.sign((truth[:, 3] - truth[:, 6])[:, 0] * (seen.truth[0, 3] - seen.truth[0, 6])[0])
    assert 100 < (sides > 0).sum() < 400  # some are seen in a mirror


def test_bottom_up_joints_err_more_than_on_rendered_people_and_its_root_does_not(branch_pairs, monkeypatch):
    seen = RealPairs([branch_pairs])
    bottoms = []
    for unlike in (1, 3):
        monkeypatch.setattr(real, "UNLIKE", unlike)
        _, _, bottom, _, truth = seen.draw(200, np.random.default_rng(0))
        bottoms.append(bottom)
    known = np.isfinite(bottoms[0]).all((1, 2))
    before, after = (bottom[known] - bottom[known][:, :1] - (truth - truth[:, :1])[known] for bottom in bottoms)
    np.testing.assert_array_equal(bottoms[0][known][:, 0], bottoms[1][known][:, 0])
    ratio = np.linalg.norm(after, axis=-1).max(1) / np.linalg.norm(before, axis=-1).max(1)
    assert ratio.min() > 0.999
    assert ratio.max() < 3.001
    assert ratio.std() > 0.3


def test_the_programs_make_weights_that_fit_together(mocap, branch_pairs, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(lifting, "JUDGED", 20)
    monkeypatch.setattr(integration, "JUDGED", 1)
    where = tmp_path / "weights"
    words = ["--data", str(mocap), *SMALL_LIFTING, "--out", str(tmp_path / "lifting")]
    lifting.main([*words, "--batch", "8", "--steps", "1", "--every", "1"])
    assert "mpjpe_tcn" in json.loads(capsys.readouterr().out.splitlines()[-1])
    lifting.main([*words, "--publish", str(where)])
    assert find(str(where)).lifting_networks().joint_tcn.arguments["lookaheads"] == [0, 4]
    words = ["--data", str(mocap), "--profile", str(where), "--out", str(tmp_path / "integration")]
    words += ["--pairs", str(branch_pairs)]
    integration.main([*words, "--batch", "32", "--draws", "1", "--steps", "1", "--every", "1"])
    assert "mean_joints_mm" in json.loads(capsys.readouterr().out.splitlines()[-1])
    integration.main([*words, "--publish", str(where)])
    for name in ("gcn", "joint_tcn", "root_tcn", "integration"):
        record = json.loads((where / f"{name}.json").read_text())
        assert record["training"]["command"].startswith("duopose train")
        assert (where / f"{name}.md").exists()
        weights.read(where / name)
