"""The training loop: a run that was broken off ends as one that was not, and the best network is kept."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("matplotlib")

from training import trainer  # noqa: E402


def run(folder, steps, quiet=None):
    """Fit y = 2 x with one weight; the judge asks for a small error."""
    torch.manual_seed(0)
    network = torch.nn.Linear(1, 1, bias=False)
    torch.nn.init.zeros_(network.weight)

    def batch(rng):
        return {"x": torch.from_numpy(rng.normal(size=(8, 1)).astype(np.float32))}

    def loss(network, data):
        return {"error": ((network(data["x"]) - 2 * data["x"]) ** 2).mean()}

    def judge(network):
        return {"good": -abs(network.weight.item() - 2)}

    groups = [{"params": list(network.parameters()), "lr": 0.05}]
    best = trainer.fit(
        network, groups, batch, loss, judge, folder, steps=steps, minutes=60, every=20, say=lambda text: None
    )
    return network.weight.item(), best


def test_training_gets_better_and_leaves_its_curve(tmp_path):
    weight, best = run(tmp_path, 200)
    assert abs(weight - 2) < 0.5
    assert best["good"] == pytest.approx(-abs(weight - 2))
    lines = (tmp_path / "curve.csv").read_text().splitlines()
    assert lines[0].split(",")[:2] == ["step", "minutes"]
    assert len(lines) == 1 + 11
    assert (tmp_path / "curve.png").exists()


def test_a_broken_run_goes_on_to_the_same_end(tmp_path, monkeypatch):
    whole, _ = run(tmp_path / "whole", 60)
    monkeypatch.setattr(trainer, "CHECKPOINT", 0.0)  # after each step

    class Broken(Exception):
        pass

    def breaks(*arguments):
        if arguments[1] and arguments[1][-1]["step"] == 40:
            raise Broken

    with monkeypatch.context() as patch:
        patch.setattr(trainer, "draw_curve", breaks)
        with pytest.raises(Broken):
            run(tmp_path / "broken", 60)
    again, _ = run(tmp_path / "broken", 60)
    assert again == pytest.approx(whole, abs=1e-6)
