import json
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from duopose.networks import weights
from duopose.networks.discriminator import Discriminator
from duopose.networks.integration import Integration
from duopose.nodes.profile import find
from duopose.stream.errors import UsageError
from duopose.training import integration, lifting
from duopose.training.pairs import batches
from duopose.training.pairs.batches import batch
from duopose.training.pairs.loss import loss, spread_loss
from duopose.training.pairs.real import RealPairs, unbiased
from duopose.training.pairs.simulated import SimulatedPairs
from duopose.training.unlabelled.loss import Adversary
from tests.training.by_heart import learned
from tests.training.small import SMALL_LIFTING
from tests.training.unlabelled import made_up


def test_integration_learns_one_batch_by_heart(tmp_path):
    rng = np.random.default_rng(2)
    truth = (rng.normal(0, 0.4, (32, 17, 3)) + (0, 0, 4)).astype(np.float32)
    pairs = SimulatedPairs.__new__(SimulatedPairs)
    pairs.truth, pairs.confidence = truth, np.full((32, 17), 0.8, np.float32)
    pairs.top = truth + rng.normal(0, 0.1, truth.shape).astype(np.float32)
    data = batch(16, pairs, None, rng)
    torch.manual_seed(0)
    start, end = learned(Integration(channels=64), data, loss, tmp_path, 50)
    assert end < 0.45 * start


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
    seen = {"rays": truth[..., :2] / truth[..., 2:], "confidence": sure, "partner": np.arange(40) ^ 1}
    np.savez(path, truth=truth, run=np.repeat(np.arange(20), 2), **arrays, **seen)
    return path


def test_real_pairs_keep_together_what_one_picture_said(branch_pairs):
    seen, held_out = RealPairs([branch_pairs]), RealPairs([branch_pairs], held_out=True)
    assert (len(seen.truth), len(held_out.truth)) == (36, 4)
    top, top_sure, bottom, bottom_sure, truth = seen.draw(500, np.random.default_rng(0))
    alone = np.isnan(bottom).all((1, 2))
    assert alone.mean() == pytest.approx(0.5, abs=0.1)
    assert (bottom_sure[alone] == 0).all()
    assert (top_sure > 0).all()
    with np.load(branch_pairs) as file:
        stored = {name: file[name] for name in ("top", "bottom", "truth")}
    factors = {name: np.nanmedian((stored[name] / stored["truth"])[:, 0, 2]) for name in ("top", "bottom")}
    ankles = [3, 6]  # joints that annotators put where the renderer does
    scale = (top * factors["top"] - truth)[:, ankles, 2] / 0.3
    gap = (truth - bottom * factors["bottom"])[~alone][:, ankles, 2]
    np.testing.assert_allclose(gap / 0.1, scale[~alone], atol=2e-3)
    assert scale.std() > 0.03
    sides = np.sign((truth[:, 3] - truth[:, 6])[:, 0] * (seen.truth[0, 3] - seen.truth[0, 6])[0])
    assert 100 < (sides > 0).sum() < 400  # some are seen in a mirror


def test_no_branch_puts_people_nearer_or_farther_in_the_median(branch_pairs):
    with np.load(branch_pairs) as file:
        for name in ("top", "bottom"):
            poses = unbiased(file[name], file["truth"])
            assert np.nanmedian(np.log((poses / file["truth"])[:, 0, 2])) == pytest.approx(0, abs=1e-6)
            factors = (poses / file[name])[np.isfinite(poses)]
            np.testing.assert_allclose(factors, factors[0], rtol=1e-5)
        nobody = np.full_like(file["top"], np.nan)
        assert np.isnan(unbiased(nobody, file["truth"])).all()


def test_gross_errors_leave_the_other_branch_and_the_rays_alone():
    rng = np.random.default_rng(0)
    top = (rng.normal(0, 0.4, (4000, 17, 3)) + (0, 0, 4)).astype(np.float32)
    bottom, sure = top.copy(), np.ones((4000, 17), np.float32)
    bottom[:100] = np.nan
    wrong_top, _, wrong_bottom, _ = batches.gone_wrong(top, sure, bottom, sure, rng)
    assert np.isnan(wrong_bottom[:100]).all()
    changed = np.abs(wrong_top - top).max((1, 2)) > 1e-4, np.abs(wrong_bottom - bottom).max((1, 2)) > 1e-4
    for part, depth, pose in zip(changed, batches.WRONG_DEPTH, batches.WRONG_POSE, strict=True):
        assert part.mean() == pytest.approx(depth + pose, abs=0.02)
    before, after = top[:, 0], wrong_top[:, 0]
    np.testing.assert_allclose(after[:, :2] / after[:, 2:], before[:, :2] / before[:, 2:], atol=1e-3)
    ratio = np.log(after[:, 2] / before[:, 2])
    assert ratio[ratio != 0].std() == pytest.approx(batches.FAR_OFF, rel=0.2)


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
    capsys.readouterr()
    integration.main([*words, "--publish", str(where)])  # the same weights again
    assert "no better, the weights in" in capsys.readouterr().out


def test_a_discriminator_judges_the_answers_and_learns_beside_them(mocap, branch_pairs, tmp_path, monkeypatch):
    small = SimpleNamespace(lifting_networks=made_up.networks)
    monkeypatch.setattr(integration, "find", lambda profile: small)
    words = ["--data", str(mocap), "--pairs", str(branch_pairs), "--batch", "32", "--draws", "1", "--steps", "3"]
    with pytest.raises(UsageError, match="give --pairs too"):
        integration.main(["--data", str(mocap), "--discriminator", str(tmp_path)])
    torch.manual_seed(0)
    start = Discriminator(channels=8)
    poses = lambda rng, count: (made_up.poses(count, rng), made_up.poses(count, rng))  # noqa: E731
    monkeypatch.setattr(integration, "adversary", lambda folder, data: Adversary(start, poses))
    kept = {}
    for name, more in (("without", []), ("with", ["--discriminator", str(tmp_path)])):
        integration.main([*words, *more, "--out", str(tmp_path / name)])
        kept[name] = torch.load(tmp_path / name / "checkpoint.pt")
    assert "companion" not in kept["without"]
    learned, _ = kept["with"]["companion"]["discriminator"]
    assert any(not torch.equal(learned[key], value) for key, value in start.state_dict().items())
    with_it, without = (kept[name]["network"] for name in ("with", "without"))
    assert any(not torch.equal(with_it[key], without[key]) for key in without)


def test_the_spread_is_learned_as_what_68_of_100_errors_stay_below():
    rng = np.random.default_rng(0)
    count = 1500
    truth, root = torch.zeros(count, 17, 3), torch.zeros(count, 3)
    joints = torch.from_numpy(rng.normal(0, 0.05, (count, 17, 3)).astype(np.float32))
    depth = torch.from_numpy(rng.normal(0, 0.1, (count, 3)).astype(np.float32))
    spread = torch.zeros(1, 18, requires_grad=True)
    optimizer = torch.optim.Adam([spread], 0.05)
    for _ in range(300):
        optimizer.zero_grad()
        spread_loss(joints, depth, spread.expand(count, -1), truth, root).backward()
        optimizer.step()
    within = (joints.norm(dim=-1) < spread[:, 1:].exp()).float().mean().item()
    assert within == pytest.approx(0.68, abs=0.02)
    assert spread[0, 0].exp().item() == pytest.approx(0.0994, rel=0.05)  # 68 % of a normal error lie within 0.994 sd


def test_what_is_said_of_errors_is_calibrated_by_held_out_people():
    rng = np.random.default_rng(0)
    truth = (rng.normal(0, 0.4, (800, 17, 3)) + (0, 0, 4)).astype(np.float32)
    top, sure = truth + rng.normal(0, 0.1, truth.shape).astype(np.float32), np.full((800, 17), 0.8, np.float32)
    held_out = batches.as_batch((top, sure, top, sure), truth)
    network = Integration(channels=8).eval()
    integration.calibrate(network, held_out)
    with torch.no_grad():
        judged = integration.judge(network, held_out)
    assert judged["depth_within_pct"] == pytest.approx(68, abs=0.5)
    assert judged["joints_within_pct"] == pytest.approx(68, abs=0.5)
