"""Fine-tuning the integration network with people nobody measured."""

import itertools
import json
import time

import numpy as np
import pytest
import torch

from duopose.networks import weights
from duopose.networks.discriminator import Discriminator
from duopose.networks.integration import Integration
from duopose.networks.pairs import describe
from duopose.training import integration, lifting, semi_supervised
from duopose.training.loop import trainer
from duopose.training.pairs.batches import as_batch
from duopose.training.pairs.loss import errors
from duopose.training.unlabelled import batches, consistency, loss
from duopose.training.unlabelled.loss import Adversary, Terms
from tests.training.small import SMALL_LIFTING
from tests.training.unlabelled import made_up


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch):
    for module in (batches, semi_supervised):
        monkeypatch.setattr(module, "BATCH", 24)  # of twelve people


@pytest.fixture
def people():
    return made_up.people()


def real(rng, count):
    return made_up.poses(count, rng), made_up.poses(count, rng)


def fit(people, terms, folder, steps, start=1, **how):
    """Fine-tune a small network, whose last state counts as the best -> the network, the loss."""
    torch.manual_seed(start)
    network = Integration(channels=16, layers=3)
    same = as_batch(people[0][:4], people[1])  # the same supervised batch for ever
    task = semi_supervised.task(network, lambda rng: same, people[0], terms, lambda net: {"good": time.monotonic()})
    how = {"every": steps, "say": lambda line: None} | semi_supervised.HOW | how
    trainer.fit(task, trainer.Plan(folder, steps, **how))
    return network.eval(), task.loss


def test_one_batch_is_learned_by_heart(people, monkeypatch, tmp_path):
    monkeypatch.setattr(semi_supervised, "RATE", 3e-3)
    batch = as_batch(people[0][:4], people[1])

    @torch.no_grad()
    def error(network):
        return errors(*network(batch["features"])[:2], batch["joints"], batch["root"])[0].item()

    network, _ = fit(people, Terms(reprojection=False), tmp_path, steps=100)
    assert error(network) < 0.5 * error(Integration(channels=16).eval())


def test_the_reprojection_error_falls_where_it_counts(people, monkeypatch, tmp_path):
    monkeypatch.setattr(semi_supervised, "RATE", 3e-3)
    monkeypatch.setattr(loss, "CONSISTENCY", 30.0)
    found, _ = people
    limbs = torch.from_numpy(found.confidence.copy())
    limbs[:, batches.ELSEWHERE] = 0
    features, reference = describe(*found[:4])

    @torch.no_grad()
    def error(network):
        points = consistency.stand(*network(torch.from_numpy(features))[:2], torch.from_numpy(reference.depth))
        rays = torch.from_numpy(consistency.in_virtual_camera(found.rays, reference.direction))
        return consistency.reprojection_error(points, rays, limbs, torch.ones(12)).mean().item()

    errors = [error(fit(people, Terms(term), tmp_path / str(term), steps=100)[0]) for term in (False, True)]
    assert errors[1] < 0.8 * errors[0]


def test_every_term_alone_and_all_together_changes_what_is_learned_and_a_seed_repeats_it(people, tmp_path):
    adversary = Adversary(Discriminator(channels=8), real)
    terms = {"reprojection": True, "multi_perspective": made_up.networks(), "adversary": adversary}
    off = {"reprojection": False, "multi_perspective": None, "adversary": None}
    before = {key: value.clone() for key, value in adversary.network.state_dict().items()}
    learned = {
        name: fit(people, Terms(**off | chosen), tmp_path / name, steps=4)[0].change.weight.detach()
        for name, chosen in {"none": {}, **{key: {key: term} for key, term in terms.items()}, "all": terms}.items()
    }
    for name in terms:
        assert not torch.equal(learned[name], learned["none"]), name
        assert not torch.equal(learned[name], learned["all"]), name
    again, _ = fit(people, Terms(**off | {"multi_perspective": made_up.networks()}), tmp_path / "again", steps=4)
    torch.testing.assert_close(again.change.weight, learned["multi_perspective"], rtol=0, atol=0)
    for key, value in adversary.network.state_dict().items():
        assert torch.equal(value, before[key])  # what is handed in stays as it is


@pytest.mark.curve
def test_a_run_that_was_broken_off_goes_on_with_the_discriminator_it_had(people, tmp_path, monkeypatch):
    terms = Terms(adversary=Adversary(Discriminator(channels=8), real))
    network, whole = fit(people, terms, tmp_path / "whole", steps=12)
    follow, steps = loss.Loss.follow, itertools.count(1)

    def breaks(self):
        if next(steps) == 7:
            raise InterruptedError
        return follow(self)

    with monkeypatch.context() as patch:
        patch.setattr(trainer, "CHECKPOINT", 0.0)  # after each step
        patch.setattr(loss.Loss, "follow", breaks)
        with pytest.raises(InterruptedError):
            fit(people, terms, tmp_path / "broken", steps=12)
    again, resumed = fit(people, terms, tmp_path / "broken", steps=12)
    assert torch.equal(again.change.weight, network.change.weight)
    assert resumed.steps == whole.steps == 12
    judges = whole.discriminator.state_dict(), resumed.discriminator.state_dict()
    assert all(torch.equal(judges[0][key], judges[1][key]) for key in judges[0])
    start = terms.adversary.network.state_dict()
    assert any(not torch.equal(judges[0][key], start[key]) for key in start)  # it learned
    columns = (tmp_path / "whole/curve.csv").read_text().splitlines()[0].split(",")
    assert {"natural", "consistency", "E_rep", "discriminator"} <= set(columns)


def test_nobody_loses_the_only_pose_to_the_noise(people):
    found, _ = people
    for seed in range(20):
        pair = batches.noisy(found, np.array([5] * 50), np.random.default_rng(seed))
        assert np.isfinite(pair[0]).all()


def test_people_without_partner_are_told_apart_by_the_single_network_alone(people):
    source = batches.Batches(lambda rng: {}, people[0], real=real)
    data = source.draw(np.random.default_rng(0))
    own = loss.Loss(12, batches.BATCH, Terms(adversary=Adversary(Discriminator(channels=8), real)))
    fused = torch.from_numpy(made_up.poses(len(data["seen"]), np.random.default_rng(1)))
    answers = own.answers(fused, data["paired"])
    assert len(answers) == batches.BATCH > int(data["paired"].sum()) > 0
    alone = own.discriminator.alone(fused[: batches.BATCH][~data["paired"]])
    torch.testing.assert_close(answers[int(data["paired"].sum()) :], alone)


# ---- what is published


@pytest.fixture
def trained(tmp_path):
    """A folder of weights to start from, the folder of a run, and held-out people."""
    torch.manual_seed(0)
    network = Integration(channels=16, layers=2)
    weights.save(network, tmp_path / "start/integration", training={})
    (tmp_path / "run").mkdir()
    (tmp_path / "run/training.json").write_text(json.dumps({"command": "duopose train semi_supervised"}))
    found, truth = made_up.people()
    return tmp_path, network, as_batch(found[:4], truth)


@pytest.mark.parametrize("better", [True, False])
def test_weights_are_replaced_by_better_ones_only(trained, better, capsys):
    folder, network, held_out = trained
    optimizer = torch.optim.SGD(network.parameters(), 1e-2, maximize=not better)  # by the held-out people themselves
    for _ in range(20):
        optimizer.zero_grad()
        sum(errors(*network(held_out["features"])[:2], held_out["joints"], held_out["root"])).backward()
        optimizer.step()
    torch.save(network.state_dict(), folder / "run/best.pt")
    before = (folder / "start/integration.safetensors").read_bytes()
    assert semi_supervised.publish(folder / "start", folder / "run", folder / "start", held_out) == better
    assert ((folder / "start/integration.safetensors").read_bytes() != before) == better
    assert (folder / "start/integration.xml").exists() == better
    assert ("stay" in capsys.readouterr().out) != better


def test_what_learned_nothing_is_not_published(trained):
    folder, _, held_out = trained
    torch.save(weights.read(folder / "start/integration").state_dict(), folder / "run/best.pt")
    assert not semi_supervised.publish(folder / "start", folder / "run", folder / "published", held_out)
    assert not (folder / "published").exists()


@pytest.mark.curve
def test_the_program_runs_publishes_on_the_same_condition_and_goes_on(mocap, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(lifting, "JUDGED", 20)
    monkeypatch.setattr(integration, "JUDGED", 1)
    monkeypatch.setattr(semi_supervised, "DRAWS", 1)
    where, run = tmp_path / "weights", tmp_path / "run"
    words = ["--data", str(mocap), *SMALL_LIFTING, "--out", str(tmp_path / "lifting")]
    lifting.main([*words, "--batch", "8", "--steps", "1"])
    lifting.main([*words, "--publish", str(where)])
    torch.manual_seed(0)
    weights.save(Integration(channels=16, layers=2), where / "integration", training={})
    words = ["--data", str(mocap), "--simulate", str(mocap / "val.npz"), "--people", "40", "--start-from", str(where)]
    words += ["--profile", str(where), "--out", str(run), "--reprojection", "--multi-perspective", "--every", "5"]
    capsys.readouterr()
    semi_supervised.main([*words, "--steps", "5"])
    said = capsys.readouterr().out
    best = json.loads(next(line for line in said.splitlines() if line.startswith('{"quality"')))
    assert {"quality", "joints_mm", "truth_mm"} <= set(best)
    semi_supervised.main([*words, "--steps", "10"])
    assert "going on at step 5" in capsys.readouterr().out
    rows = (run / "curve.csv").read_text().splitlines()
    assert [row.split(",")[0] for row in rows] == ["step", "0", "5", "10"]
    semi_supervised.main([*words, "--publish", str(tmp_path / "published")])
    better = "new weights in" in capsys.readouterr().out
    assert (tmp_path / "published/integration.xml").exists() == (run / "integration.xml").exists() == better
