"""The training loop: a run that was broken off ends as one that was not, and the best network is kept."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from duopose.stream.errors import UsageError
from duopose.training import bottom_up, detector, top_down
from duopose.training.images.rendered import Rendered
from duopose.training.loop import batches, options, rates, trainer
from tests.places import ROOT
from tests.training.loop.pairs import pairs
from tests.waiting import until

RENDERED = ROOT / "tests/golden/rendered"


def error(network, data):
    return {"error": ((network(data["x"]) - data["y"]) ** 2).mean()}


def rate(full):
    """Groups of a task: one learning rate for everything."""
    return lambda network: [{"params": list(network.parameters()), "lr": full}]


def run(folder, steps, loss=error, companion=None, **how):
    """Fit y = 2 x with dropout in the way, judged by how near the weight comes -> its state, best judgement."""
    torch.manual_seed(0)
    network = torch.nn.Sequential(torch.nn.Linear(1, 1, bias=False), torch.nn.Dropout(0.2))
    torch.nn.init.zeros_(network[0].weight)
    how = {"every": 20, "say": lambda text: None} | how
    task = trainer.Task(
        network, rate(0.05), pairs, loss, lambda net: {"good": -abs(net[0].weight.item() - 2)}, companion
    )
    best = trainer.fit(task, trainer.Plan(folder, steps, **how))
    return network.state_dict(), best


@pytest.mark.curve
def test_training_gets_better_and_leaves_its_curve(tmp_path):
    state, best = run(tmp_path, 200, every=50)
    weight = state["0.weight"].item()
    assert abs(weight - 2) < 0.5
    assert best["good"] == pytest.approx(-abs(weight - 2))
    lines = (tmp_path / "curve.csv").read_text().splitlines()
    assert lines[0].split(",") == ["step", "minutes", "good", "error"]
    assert len(lines) == 1 + 5
    assert (tmp_path / "curve.png").exists()


class Broken(Exception):
    pass


def test_a_run_broken_off_between_two_judgements_ends_bit_by_bit_as_one_that_was_not(tmp_path, monkeypatch):
    whole, best = run(tmp_path / "whole", 60)
    steps = 0

    def breaks(network, data):
        nonlocal steps
        steps += 1
        if steps == 50:
            raise Broken
        return error(network, data)

    with monkeypatch.context() as patch:
        patch.setattr(trainer, "CHECKPOINT", 0.0)  # after each step
        with pytest.raises(Broken):
            run(tmp_path / "broken", 60, breaks)
    said = []
    again, as_good = run(tmp_path / "broken", 60, say=said.append)
    assert said[0] == "going on at step 49"
    assert all(torch.equal(again[key], value) for key, value in whole.items())
    assert as_good == best
    curves = [
        [[row[key] for key in ("step", "good", "error") if key in row] for row in kept["rows"]]
        for kept in (torch.load(tmp_path / name / "checkpoint.pt") for name in ("whole", "broken"))
    ]
    assert curves[0] == curves[1]


@pytest.mark.curve
def test_a_run_that_is_complete_is_not_judged_again(tmp_path):
    _, best = run(tmp_path, 40)
    before = (tmp_path / "curve.csv").read_text()
    assert run(tmp_path, 40)[1] == best
    assert (tmp_path / "curve.csv").read_text() == before


def test_a_run_of_no_steps_keeps_what_it_started_from(tmp_path):
    state, best = run(tmp_path, 0)
    assert state["0.weight"].item() == 0
    assert best["good"] == -2
    assert (tmp_path / "best.pt").exists()


def test_a_checkpoint_without_sums_can_be_gone_on_from(tmp_path):
    run(tmp_path, 40)
    kept = torch.load(tmp_path / "checkpoint.pt")
    del kept["sums"]
    torch.save(kept, tmp_path / "checkpoint.pt")
    run(tmp_path, 60)
    assert torch.load(tmp_path / "checkpoint.pt")["step"] == 60


def test_any_number_of_processes_prepares_the_same_batches():
    wanted = [next(batches.prepared(pairs, 3, range(step, 9))) for step in range(2, 6)]
    ahead = batches.prepared(pairs, 3, range(2, 9), workers=2)
    for batch in wanted:
        torch.testing.assert_close(next(ahead), batch, rtol=0, atol=0)


def test_a_run_that_is_killed_leaves_no_process_behind():
    code = (
        "import multiprocessing, time; from tests.training.loop.pairs import pairs\n"
        "from duopose.training.loop.batches import prepared\n"
        "batches = prepared(pairs, 0, range(99), workers=1); next(batches)\n"
        "print(multiprocessing.active_children()[0].pid, flush=True); time.sleep(60)"
    )
    run = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    worker = Path("/proc", run.stdout.readline().strip())
    assert worker.exists()
    run.kill()
    run.wait()
    run.stdout.close()
    until(lambda: not worker.exists())


def test_a_loss_that_is_no_number_ends_the_run_and_gets_into_no_checkpoint(tmp_path):
    run(tmp_path, 20)

    def wild(network, data):
        return {"error": error(network, data)["error"] / 0}

    with pytest.raises(FloatingPointError, match=r"'error' is (inf|nan)"):
        run(tmp_path, 40, wild)
    assert torch.load(tmp_path / "checkpoint.pt")["step"] == 20


def test_the_best_is_kept_not_the_last(tmp_path):
    """Steps that only do harm from the middle on."""
    harm = lambda progress: 1.0 if progress < 0.5 else -1.0  # noqa: E731
    state, best = run(tmp_path, 200, fall=harm, every=50)
    rows = torch.load(tmp_path / "checkpoint.pt")["rows"]
    assert best["good"] == max(row["good"] for row in rows) > rows[-1]["good"]
    assert best["good"] == pytest.approx(-abs(state["0.weight"].item() - 2))


def test_the_rate_warms_up_and_falls_to_tenths(tmp_path):
    seen = []

    class Watched(torch.optim.SGD):
        def step(self, closure=None):
            seen.append(self.param_groups[0]["lr"] / 0.05)
            return super().step(closure)

    run(tmp_path, 10, fall=rates.tenths(0.4, 0.8), warm_up=2, optimizer=Watched)
    np.testing.assert_allclose(seen, [0.5, 1, 1, 1, 0.1, 0.1, 0.1, 0.1, 0.01, 0.01])


def test_a_gradient_is_cut_to_its_longest(tmp_path):
    """Plain descent: no step is longer than the rate times the longest gradient."""
    at = []

    def far(network, data):
        at.append(network[0].weight.item())
        return {"error": 1e4 * error(network, data)["error"]}

    run(tmp_path, 5, far, optimizer=torch.optim.SGD, fall=lambda progress: 1.0, warm_up=0, clip=0.5)
    np.testing.assert_allclose(np.abs(np.diff(at)), 0.05 * 0.5, rtol=1e-3)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # torch's own
def test_compiled_steps_learn(tmp_path):
    state, _ = run(tmp_path, 200, compiled=True)
    assert abs(state["0.weight"].item() - 2) < 0.5


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_a_gpu_learns_and_leaves_a_checkpoint_that_a_cpu_goes_on_from(tmp_path):
    run(tmp_path, 100, device="cuda")
    state, _ = run(tmp_path, 200)
    assert abs(state["0.weight"].item() - 2) < 0.5


# ---- the image networks: each can learn a batch by heart, and `full` takes a step


class Golden:
    """draw(rng) -> the packaged picture of three rendered people."""

    def __call__(self, rng):
        return Rendered([RENDERED])[0]


def image_batch(program, monkeypatch):
    """A small batch of the packaged picture."""
    sizes = {"SIZES": ((64, 96),)} if program is top_down else {"SIDE": 96}
    for name, value in (sizes | {"BATCH": 2}).items():
        monkeypatch.setattr(program, name, value)
    return program.batch(Golden(), np.random.default_rng(1))


PROGRAMS = [(detector, detector.Detector), (top_down, top_down.TopDown), (bottom_up, bottom_up.BottomUp)]


@pytest.mark.parametrize(("program", "kind"), PROGRAMS)
def test_each_image_network_learns_one_batch_by_heart(program, kind, monkeypatch, tmp_path):
    torch.manual_seed(0)
    data, network = image_batch(program, monkeypatch), kind(width=0.35)
    start = sum(program.loss(network, data).values()).item()
    judge = lambda net: {"good": -sum(program.loss(net, data).values()).item()}  # noqa: E731
    task = trainer.Task(network, rate(2e-3), lambda rng: data, program.loss, judge)
    trainer.fit(task, trainer.Plan(tmp_path, steps=30, every=30, warm_up=5, say=lambda text: None))
    end = sum(program.loss(network.train(), data).values()).item()
    assert end < 0.6 * start


@pytest.mark.parametrize(("program", "kind"), PROGRAMS[1:])
def test_the_papers_backbone_takes_a_step_of_the_papers_optimiser(program, kind, monkeypatch):
    torch.manual_seed(0)
    data, network = image_batch(program, monkeypatch), kind(**options.FULL)
    before = {name: p.detach().clone() for name, p in network.named_parameters()}
    optimizer = torch.optim.Adam(network.parameters(), 1e-3)
    sum(program.loss(network, data).values()).backward()
    optimizer.step()
    moved = [(p - before[name]).abs().max().item() for name, p in network.named_parameters()]
    assert np.median(moved) == pytest.approx(1e-3, rel=0.01)  # what Adam's first step is
    assert np.mean(np.array(moved) > 0) > 0.99  # everything takes part


# ---- command lines


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--tenth", "30"], "--tenth counts epochs"),
        (["--backbone", "hrnet"], "give --adam"),
        (["--device", "gpu"], "neither cpu nor cuda"),
        ([], "give --pretrained"),
    ],
)
def test_what_does_not_go_together_is_said(words, said):
    with pytest.raises(UsageError, match=said):
        detector.main(words)


def test_a_run_lasts_as_long_as_the_options_say():
    parse = lambda *words: options.add_run_options(options.argparse.ArgumentParser(), minutes=25).parse_args(words)  # noqa: E731
    assert (options.steps(parse(), 100), options.minutes(parse())) == (10**9, 25)
    assert (options.steps(parse("--steps", "7"), 100), options.minutes(parse("--steps", "7"))) == (7, float("inf"))
    assert options.steps(parse("--epochs", "3"), 100) == 300
    assert options.steps(parse("--steps", "0"), 100) == 0
    assert options.minutes(parse("--epochs", "3", "--minutes", "2")) == 2
