"""duopose train integration --data MOCAP [options]: the integration network, from what both branches
say of rendered people, and from motion capture.

    duopose train integration --data MOCAP [--pairs FILE.npz ...] --out RUN --minutes 8
    duopose train integration --data MOCAP --out RUN --publish networks/weights_lite

MOCAP holds train.npz and train_extra.npz to learn from and val.npz to judge by. FILE holds real
answers of both branches (`duopose train branch_pairs`): their errors come from one picture and go
together, as they do live. They make up half of each batch; for the rest, top-down poses are the
trained lifting networks' answers to drawn windows, bottom-up poses the truth with errors of the
size that the live branch shows (training/pairs/). Loss: eq. 7, with the paper's three
augmentations; with --discriminator also eq. 8 and 9, for the people of --pairs and whom they stand
beside. The second form writes what the first one found: integration in that folder, as
weights, JSON, OpenVINO model. Give it the same --pairs: held-out ones calibrate how sure it is.
"""

import json
import math
import tempfile
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import torch

from duopose.networks import weights
from duopose.networks.integration import Integration, mean
from duopose.networks.pairs import FEATURES
from duopose.nodes.profile import find
from duopose.stream.arguments import Parser, existing
from duopose.training import cards
from duopose.training.loop.export import export
from duopose.training.loop.options import add_run_options, checked, run, start_torch
from duopose.training.loop.rates import linear
from duopose.training.loop.replacing import add_option, replaces
from duopose.training.loop.trainer import Task
from duopose.training.mocap.clips import load_clips
from duopose.training.pairs.batches import as_batch, batch
from duopose.training.pairs.loss import ROOT, WITHIN, beyond, errors, loss
from duopose.training.pairs.real import RealPairs
from duopose.training.pairs.simulated import SimulatedPairs
from duopose.training.unlabelled.batches import BATCH, Batches
from duopose.training.unlabelled.loss import Loss, Terms, adversary
from duopose.training.unlabelled.people import from_pairs, join

JUDGED = 4  # times 512 windows, held out


def judge(network, held_out):
    """Errors on held-out pairs, and those of the pairs' mean; `quality`, which shall grow, weighs them as the loss
    does."""
    device = next(network.parameters()).device
    features, *truth = (held_out[name].to(device) for name in ("features", "joints", "root"))
    *found, spread = network(features)  # the root is in its place: nothing is said of joint 0
    within = (beyond(*found, spread, *truth) < 0).float()
    joints, root = (error.item() for error in errors(*found, *truth))
    mean_joints, mean_root = (error.item() for error in errors(*mean(features), *truth))
    return {
        "quality": -(joints + ROOT * root), "joints_mm": 1000 * joints, "root_pct": 100 * root,
        "mean_joints_mm": 1000 * mean_joints, "mean_root_pct": 100 * mean_root,
        "depth_signed_pct": 100 * (found[1] - truth[1])[:, 2].median().item(),
        "depth_within_pct": 100 * within[:, 0].mean().item(), "joints_within_pct": 100 * within[:, 2:].mean().item(),
    }  # fmt: skip


def held_out_pairs(lifting, data, real):
    """A batch as `judge` takes it, of people that nothing learns from.

    lifting   nodes.top_down.lifting.Networks;  data   folder with val.npz
    real      files of `duopose train branch_pairs`; if there are any, their held-out pictures are judged by, since what
              counts is what branches say of pictures
    """
    if real:
        unseen = RealPairs(real, held_out=True)
        return as_batch(unseen.pairs, unseen.truth)
    rng = np.random.default_rng(1)
    known = SimulatedPairs(lifting, load_clips([data / "val.npz"], replace=False), rng, JUDGED)
    return batch(len(known.top), known, None, rng)


def shipped(network, held_out):
    """`judge` of a network as it is shipped, in 8 bits."""
    with tempfile.TemporaryDirectory(prefix="duopose-publish-") as folder:
        weights.save(network, Path(folder, "integration"), int8=True)
        return judge(weights.read(Path(folder, "integration")).eval(), held_out)


@torch.no_grad()
def calibrate(network, held_out):
    """Shift what the network says of its errors so that WITHIN of those of held-out people, as for `judge`, are
    smaller.

    Of the people whom it learned from it knows more than of others.
    """
    over = beyond(*network(held_out["features"]), held_out["joints"], held_out["root"])
    network.spread.bias += over.quantile(WITHIN, 0)


def write(network, folder, run, held_out):
    """Write a trained network as shipped weights, calibrated, with the record in the folder of its run."""
    path = folder / "integration"
    calibrate(network.eval(), held_out)
    weights.save(network.eval(), path, int8=True, training=json.loads((run / "training.json").read_text()))
    export(path, [np.zeros((1, FEATURES), np.float32)])
    cards.write(path)


def natural(task, options):
    """The task with a discriminator beside it (paper 3.3): the people of --pairs, but those who judge, and whom they
    stand beside shall look natural to it."""
    people = join([from_pairs(path, held_out=False)[0] for path in options.pairs])
    against = adversary(options.discriminator, options.data)
    judged = Loss(len(people.top), BATCH, Terms(reprojection=False, adversary=against), options.device)
    batches = Batches(task.batch, people, real=against.real)
    return replace(task, batch=batches.draw, loss=judged, companion=judged)


def main(argv):
    parser = Parser(__doc__)
    add = parser.add_argument
    add("--data", type=existing, required=True, help="folder with train.npz, train_extra.npz and val.npz")
    add("--pairs", type=existing, nargs="+", default=[], metavar="FILE.npz", help="real answers of both branches")
    add("--profile", default="lite", help="whose lifting networks give the top-down poses")
    add("--batch", type=int, default=1024)
    add("--draws", type=int, default=120, help="times 512 windows through the lifting networks")
    add("--rate", type=float, default=1e-3, help="learning rate at the start; falls linearly to 0")
    add("--start-from", type=existing, help="folder with weights to go on from")
    add("--discriminator", type=existing, metavar="DIR", help="of duopose train discriminator: judges, and learns too")
    add_option(parser)
    options = checked(add_run_options(parser, minutes=8), argv)
    if options.discriminator and not options.pairs:
        parser.error("--discriminator judges people beside each other: give --pairs too")
    start_torch(options)
    if options.publish:
        network = Integration()
        network.load_state_dict(torch.load(options.out / "best.pt", map_location="cpu"))
        held_out = held_out_pairs(find(options.profile).lifting_networks(), options.data, options.pairs)
        old = None
        if (options.publish / "integration.json").exists() and not options.replace:
            old = judge(weights.read(options.publish / "integration").eval(), held_out)
        if replaces(shipped(network, held_out), old, options.publish):
            write(network, options.publish, options.out, held_out)
        return
    lifting = find(options.profile).lifting_networks()
    clips = load_clips([options.data / name for name in ("train.npz", "train_extra.npz")])
    real = RealPairs(options.pairs) if options.pairs else None
    simulated = SimulatedPairs(lifting, clips, np.random.default_rng(options.seed), options.draws)
    held_out = held_out_pairs(lifting, options.data, options.pairs)

    def groups(network):
        return [{"params": list(network.parameters()), "lr": options.rate, "weight_decay": 0.01}]

    network = weights.read(options.start_from / "integration") if options.start_from else Integration()
    task = Task(network, groups, partial(batch, options.batch, simulated, real), loss, lambda net: judge(net, held_out))
    run(
        "integration", argv, options, natural(task, options) if options.discriminator else task,
        epoch=len(simulated.top) // options.batch,
        data=[
            "CMU and ACCAD motion capture: train.npz, train_extra.npz",
            *(f"branch pairs: {file.name}" for file in options.pairs),
        ],
        fall=linear, clip=math.inf,
    )  # fmt: skip
