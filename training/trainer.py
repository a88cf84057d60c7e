"""One training loop for all image networks: seeded, resumable, says how long it will take, keeps the best.

A folder holds what a run leaves: checkpoint.pt to go on from, best.pt (averaged weights), curve.csv and curve.png.
"""

import csv
import math
import time
from pathlib import Path

import numpy as np
import torch

CHECKPOINT = 60.0  # s between checkpoints
AVERAGE = 0.998  # the network that is judged is a moving average of the last ~500 steps
WARM_UP = 100  # steps until the full learning rate


def parameter_groups(network, rates, rest, frozen=0):
    """AdamW groups with a learning rate each.

    rates    {part of the network: learning rate}; a parameter belongs to the first part that holds it
    rest     learning rate of all others
    frozen   the trunk's stem and so many of its first blocks stay as they are. Edges and colours were learned from far
             more pictures than ours, and the high resolutions are where the time goes: with 3 blocks a step takes half
    """
    for part in (network.trunk.stem, *network.trunk.blocks[:frozen]) if frozen else ():
        part.requires_grad_(False)
    left = {p for p in network.parameters() if p.requires_grad}
    groups = []
    for part, rate in [*rates.items(), (network, rest)]:
        own = [p for p in part.parameters() if p in left]
        left -= set(own)
        groups.append({"params": own, "lr": rate})
    return groups


def pyramid(trunk):
    """The part of MobileNetV2FPN that leads from stride 32 back to stride 4: new tasks need it to change first."""
    return torch.nn.ModuleList([trunk.from_top, trunk.lateral, trunk.merge])


def as_called(network):
    """A network as nodes call it, numpy in, numpy out."""

    def call(*arrays):
        with torch.autocast("cpu", torch.bfloat16):
            return tuple(out.float().contiguous().numpy() for out in network(*map(torch.from_numpy, arrays)))

    return call


class Average:
    """Moving average of a network's weights."""

    def __init__(self, network):
        self.state = {key: value.detach().clone() for key, value in network.state_dict().items()}

    def update(self, network, step):
        keep = min(AVERAGE, (1 + step) / (10 + step))
        for key, value in network.state_dict().items():
            if value.is_floating_point():
                self.state[key].lerp_(value.detach(), 1 - keep)
            else:
                self.state[key].copy_(value)


def fit(network, groups, batch, loss, judge, folder, *, steps, minutes, every, seed=0, say=print):
    """Train; ends after `steps` or `minutes` of work, whichever is first, learning rates falling to 0 by then.

    network   the module; what is judged and kept is the moving average of its weights
    groups    AdamW parameter groups, each with `params` and `lr`
    batch     rng (numpy Generator) -> dict of tensors
    loss      network, batch -> dict of scalar tensors whose sum is minimised
    judge     network -> dict of numbers, the first of which shall grow
    folder    where the run lives; a run that was broken off there goes on
    every     steps between two judgements
    Returns the best judgement, with `network` holding its weights.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    optimizer = torch.optim.AdamW(groups, weight_decay=1e-4)
    rates = [group["lr"] for group in optimizer.param_groups]
    average, step, worked, best, rows = Average(network), 0, 0.0, None, []
    if (folder / "checkpoint.pt").exists():
        kept = torch.load(folder / "checkpoint.pt", weights_only=False)
        network.load_state_dict(kept["network"])
        optimizer.load_state_dict(kept["optimizer"])
        average.state, step, worked, best, rows = (kept[key] for key in ("average", "step", "worked", "best", "rows"))
        say(f"going on at step {step}")
    sums, saved, started = {}, time.monotonic(), time.monotonic() - worked
    while True:
        progress = max(step / steps, worked / (60 * minutes))
        if step % every == 0 or progress >= 1:
            row = judged(network, average, judge)
            started = time.monotonic() - worked  # judging is not counted
            losses = {key: total / every for key, total in sums.items()}
            rows.append({"step": step, "minutes": worked / 60} | losses | row)
            sums = {}
            value = next(iter(row.values()))
            if best is None or value > next(iter(best.values())):
                best = row
                torch.save(average.state, folder / "best.pt")
            left = worked * (1 / progress - 1) / 60 if progress else float("nan")
            say("  ".join(f"{key} {number:.4g}" for key, number in rows[-1].items()) + f"  ({left:.0f} min left)")
            draw_curve(folder, rows)
        if progress >= 1:
            break
        rate = min(1, (step + 1) / WARM_UP) * (0.02 + 0.98 * (1 + math.cos(math.pi * progress)) / 2)
        for group, full in zip(optimizer.param_groups, rates, strict=True):
            group["lr"] = full * rate
        network.train()
        data = batch(np.random.default_rng([seed, step]))
        parts = loss(network, data)
        optimizer.zero_grad(set_to_none=True)
        sum(parts.values()).backward()
        torch.nn.utils.clip_grad_norm_([p for group in optimizer.param_groups for p in group["params"]], 5.0)
        optimizer.step()
        step += 1
        average.update(network, step)
        for key, value in parts.items():
            sums[key] = sums.get(key, 0.0) + value.item()
        worked = time.monotonic() - started
        if time.monotonic() - saved > CHECKPOINT:
            saved = time.monotonic()
            kept = {"network": network.state_dict(), "optimizer": optimizer.state_dict(), "average": average.state}
            torch.save(kept | {"step": step, "worked": worked, "best": best, "rows": rows}, folder / "new.pt")
            (folder / "new.pt").replace(folder / "checkpoint.pt")
    network.load_state_dict(torch.load(folder / "best.pt"))
    return best


def judged(network, average, judge):
    """The judgement of the averaged weights; the network keeps its own."""
    own = {key: value.clone() for key, value in network.state_dict().items()}
    network.load_state_dict(average.state)
    network.eval()
    with torch.inference_mode():
        row = judge(network)
    network.load_state_dict(own)
    return row


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
