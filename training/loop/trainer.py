"""One training loop for all networks: seeded, resumable to the step, says how long it will take, keeps the best.

A folder holds what a run leaves: checkpoint.pt to go on from, best.pt (averaged weights), curve.csv and curve.png.
Whatever is random in a step, its batch or the network, depends on the seed and the number of the step alone: so a run
that was broken off ends as one that was not.
"""

import csv
import math
import time
from collections.abc import Callable
from contextlib import closing, nullcontext
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn
from tqdm import tqdm

from duopose.training.loop.batches import moved, prepared
from duopose.training.loop.rates import adamw, cosine

CHECKPOINT = 60.0  # s between checkpoints
AVERAGE = 0.998  # the network that is judged is a moving average of the last ~500 steps


def half(tensor):
    """bf16 for the products of a network, on the device of this tensor of its input; float32 where a GPU has no
    bf16."""
    kind = tensor.device.type
    fast = kind != "cuda" or torch.cuda.is_bf16_supported(including_emulation=False)
    return torch.autocast(kind, torch.bfloat16, enabled=fast)


def as_called(network, exact=False):
    """A network as nodes call it, numpy in, numpy out; exact: float32, no bf16."""

    def call(*arrays):
        device = next(network.parameters()).device
        tensors = [torch.from_numpy(array).to(device) for array in arrays]
        with half(tensors[0]) if not exact else nullcontext():
            outputs = network(*tensors)
        outputs = outputs if isinstance(outputs, tuple | list) else (outputs,)
        return tuple(out.float().cpu().contiguous().numpy() for out in outputs)

    call.arguments = getattr(network, "arguments", None)
    return call


def say(line):
    """A line for the user that does not tear the bar."""
    tqdm.write(line)
    print(end="", flush=True)


@dataclass(frozen=True)
class Task:
    """What a program trains, from what and for what."""

    network: nn.Module  # what is judged and kept is the moving average of its weights
    groups: Callable  # network -> parameter groups, each with `params` and `lr`
    batch: Callable  # rng (numpy Generator) -> dict or list of tensors; picklable if there are workers
    loss: Callable  # network, batch -> dict of scalar tensors whose sum is minimised
    judge: Callable  # network -> dict of numbers, the first of which shall grow
    # An object that goes along with the network: `follow()` is called after each step and gives more numbers for the
    # curve, as tensors; `state_dict()` and `load_state_dict(state)` are for the checkpoint. An adversary learns in it.
    companion: object = None


@dataclass(frozen=True)
class Plan:
    """What a run is asked: it ends after `steps` or `minutes` of work, whichever is first."""

    folder: Path  # where the run lives; a run that was broken off there goes on
    steps: int  # to train at most
    minutes: float = math.inf  # to train at most
    every: int = 500  # steps between two judgements, which don't count as work
    optimizer: Callable = adamw  # groups -> torch.optim.Optimizer
    fall: Callable = cosine  # progress 0..1 -> share of the full learning rate
    warm_up: int = 100  # steps until the full learning rate
    clip: float = 5.0  # longest gradient
    seed: int = 0
    device: str = "cpu"
    workers: int = 0  # processes that prepare batches ahead
    compiled: bool = False  # whether steps run through torch.compile
    say: Callable = say  # called with a line of text now and then


class Run:
    """What a run has come to: what a checkpoint holds."""

    def __init__(self, network, optimizer, companion, folder):
        self.network, self.optimizer, self.companion, self.folder = network, optimizer, companion, folder
        self.average = {key: value.detach().clone() for key, value in network.state_dict().items()}
        self.step, self.worked = 0, 0.0  # steps and seconds of work done
        self.best, self.rows = None, []  # best judgement; all of them, with the losses
        self.sums = {}  # of the losses since the last judgement and, under "", of their steps

    def resume(self, device):
        """Take up the checkpoint in the folder, if there is one -> whether there was."""
        if not (self.folder / "checkpoint.pt").exists():
            return False
        kept = torch.load(self.folder / "checkpoint.pt", map_location=device)
        self.network.load_state_dict(kept["network"])
        self.optimizer.load_state_dict(kept["optimizer"])
        self.average, self.step, self.worked, self.best, self.rows = (
            kept[key] for key in ("average", "step", "worked", "best", "rows")
        )
        self.sums = kept.get("sums", {})
        if self.companion:
            self.companion.load_state_dict(kept["companion"])
        return True

    def save(self):
        self.losses()  # what is no number gets into no checkpoint
        kept = {"network": self.network.state_dict(), "optimizer": self.optimizer.state_dict()}
        kept |= {key: getattr(self, key) for key in ("average", "step", "worked", "best", "rows", "sums")}
        if self.companion:
            kept["companion"] = self.companion.state_dict()
        save(kept, self.folder / "checkpoint.pt")

    def losses(self):
        """Their means since the last judgement. Raises FloatingPointError where one is no number."""
        means = {key: float(total) / float(self.sums[""]) for key, total in self.sums.items() if key}
        for key, value in means.items():
            if not math.isfinite(value):
                raise FloatingPointError(f"the loss {key!r} is {value}: a smaller learning rate may help")
        return means

    def learned(self, parts):
        """Count a step with these losses, and let the average of the weights follow."""
        self.step += 1
        keep = min(AVERAGE, (1 + self.step) / (10 + self.step))
        for key, value in self.network.state_dict().items():
            if value.is_floating_point():
                self.average[key].lerp_(value.detach(), 1 - keep)
            else:
                self.average[key].copy_(value)
        for key, value in (parts | {"": torch.ones(())}).items():
            self.sums[key] = self.sums.get(key, 0.0) + value.detach()

    def judged(self, judge):
        """Add the judgement of the averaged weights to the rows and keep the best; the network keeps its own
        weights."""
        losses = self.losses()
        own = {key: value.clone() for key, value in self.network.state_dict().items()}
        self.network.load_state_dict(self.average)
        self.network.eval()
        with torch.inference_mode():
            row = {key: float(value) for key, value in judge(self.network).items()}
        self.network.load_state_dict(own)
        self.rows.append({"step": self.step, "minutes": self.worked / 60} | losses | row)
        self.sums = {}
        if self.best is None or next(iter(row.values())) > next(iter(self.best.values())):
            self.best = row
            save(self.average, self.folder / "best.pt")
        draw_curve(self.folder, self.rows)


def fit(task, plan):
    """Train as `plan` (Plan) says what `task` (Task) is -> the best judgement, with `task.network` holding its weights.

    Raises FloatingPointError when a loss is no number.
    """
    folder, device, network = Path(plan.folder), torch.device(plan.device), task.network
    folder.mkdir(parents=True, exist_ok=True)
    groups = task.groups(network)
    network.to(device, memory_format=torch.channels_last)
    learner = torch.compile(network) if plan.compiled else network
    optimizer = plan.optimizer(groups)
    rates = [group["lr"] for group in optimizer.param_groups]
    weights = [p for group in optimizer.param_groups for p in group["params"]]
    run = Run(network, optimizer, task.companion, folder)
    if run.resume(device):
        plan.say(f"going on at step {run.step}")
    # On a terminal a bar, elsewhere lines.
    bar = tqdm(total=100, desc=folder.name, bar_format="{l_bar}{bar}| {elapsed}<{remaining}{postfix}", disable=None)
    with bar, closing(prepared(task.batch, plan.seed, range(run.step, plan.steps), plan.workers)) as batches:
        saved, started = time.monotonic(), time.monotonic() - run.worked
        while True:
            done = run.step >= plan.steps or run.worked >= 60 * plan.minutes  # at once, where no step was asked for
            progress = 1.0 if done else max(run.step / plan.steps, run.worked / (60 * plan.minutes))
            bar.set_postfix_str(f"step {run.step}", refresh=False)
            bar.update(100 * progress - bar.n)
            known = bool(run.rows) and run.rows[-1]["step"] == run.step
            if (run.step % plan.every == 0 or progress >= 1) and not known:
                run.judged(task.judge)
                run.save()
                plan.say(line(run.rows[-1], run.worked, progress))
                saved, started = time.monotonic(), time.monotonic() - run.worked
            if progress >= 1:
                break
            rate = min(1.0, (run.step + 1) / max(plan.warm_up, 1)) * plan.fall(progress)
            for group, full in zip(optimizer.param_groups, rates, strict=True):
                group["lr"] = full * rate
            network.train()
            data = moved(next(batches), device)
            torch.manual_seed(plan.seed * 1_000_003 + run.step)  # dropout and the like
            parts = task.loss(learner, data)
            optimizer.zero_grad(set_to_none=True)
            sum(parts.values()).backward()
            torch.nn.utils.clip_grad_norm_(weights, plan.clip)
            optimizer.step()
            run.learned(parts | task.companion.follow() if task.companion else parts)
            run.worked = time.monotonic() - started
            if time.monotonic() - saved > CHECKPOINT:
                saved = time.monotonic()
                run.save()
                if bar.disable:
                    plan.say(line({"step": run.step, "minutes": run.worked / 60} | run.losses(), run.worked, progress))
    network.load_state_dict(torch.load(folder / "best.pt", map_location=device))
    return run.best


def line(row, worked, progress):
    """
    >>> line({"step": 50, "error": 0.25}, 60.0, 0.5)
    'step 50  error 0.25  (1 min left)'
    """
    left = [f"({worked * (1 / progress - 1) / 60:.0f} min left)"] if progress else []
    return "  ".join([*(f"{key} {number:.4g}" for key, number in row.items()), *left])


def save(content, path):
    """Write a file that is never half there."""
    torch.save(content, path.with_suffix(".new"))
    path.with_suffix(".new").replace(path)


def draw_curve(folder, rows):
    """Write the rows as curve.csv and curve.png: one panel per column."""
    columns = list(dict.fromkeys(key for row in rows for key in row))
    with open(folder / "curve.csv", "w", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    shown = columns[2:]
    figure, axes = pyplot.subplots(1, len(shown), figsize=(3 * len(shown), 2.5), squeeze=False)
    for axis, column in zip(axes[0], shown, strict=True):
        axis.plot([row["step"] for row in rows], [row.get(column, math.nan) for row in rows])
        axis.set_title(column, fontsize=8)
    figure.tight_layout()
    figure.savefig(folder / "curve.png", dpi=70)
    pyplot.close(figure)
