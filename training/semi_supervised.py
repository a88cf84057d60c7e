"""duopose train semi_supervised --data MOCAP --start-from DIR --out RUN [options]: the integration
network, fine-tuned with people nobody measured, beside those that motion capture measures (paper
3.4, eq. 10).

    duopose train semi_supervised --data MOCAP --records A.jsonl B.jsonl --reprojection \\
        --multi-perspective --discriminator DIR --start-from networks/weights_lite --out RUN
    duopose train semi_supervised --data MOCAP ... --start-from networks/weights_lite --out RUN \\
        --publish networks/weights_lite

Records are written by `duopose SOURCE --record A.jsonl`. Instead of them, --pairs takes files of
`duopose train branch_pairs`, and --simulate FILE.npz films motion capture; both forget the truth,
but to say what becomes of the error. --discriminator names a folder with the weights that `duopose
train discriminator` wrote; it goes on learning beside the network.

Each network is judged as `duopose train integration` judges, by held-out people whose truth is
known. RUN gets the weights when that says they are better than those of --start-from; the second
form writes them elsewhere, on the same condition.
"""

import copy
from functools import partial

import numpy as np
import torch

from duopose.networks import weights
from duopose.networks.pairs import describe, resolve
from duopose.nodes.profile import find
from duopose.stream.arguments import Parser, existing
from duopose.stream.skeleton import PELVIS
from duopose.training import integration
from duopose.training.datasets.reading.errors import reading
from duopose.training.loop.options import add_run_options, checked, run, start_torch
from duopose.training.loop.rates import linear
from duopose.training.loop.trainer import Task
from duopose.training.mocap.clips import load_clips
from duopose.training.pairs.batches import batch as labelled_batch
from duopose.training.pairs.simulated import SimulatedPairs
from duopose.training.unlabelled.batches import BATCH, Batches
from duopose.training.unlabelled.loss import Loss, Terms, adversary
from duopose.training.unlabelled.people import from_pairs, from_record, join, simulated
from duopose.training.unlabelled.turned import Turned

LABELLED = 512  # people a step whose truth is known
RATE = 2e-4
HOW = {"fall": linear, "warm_up": 50, "clip": 1.0}  # fields of trainer.Plan
DRAWS = 40  # times 512 windows for the supervised batches


def task(network, labelled, unlabelled, terms, judge, seed=0, device="cpu"):
    """What the training loop is given (trainer.Task) to go on training an integration network.

    network      networks.integration.Integration, already trained: it is also the teacher that writes the pseudo-labels
    labelled     rng -> a batch of people whose truth is known (training.pairs.batches)
    unlabelled   training.unlabelled.people.Unlabelled
    terms        Terms
    judge        as trainer.Task has it
    """
    turned = None
    if terms.multi_perspective:
        teacher = copy.deepcopy(network).eval()
        turned = Turned(terms.multi_perspective, teacher, unlabelled, np.random.default_rng(seed))
    batches = Batches(labelled, unlabelled, turned, terms.adversary and terms.adversary.real)
    loss = Loss(len(unlabelled.top), BATCH, terms, device)
    return Task(network, groups, batches.draw, loss, judge, companion=loss)


def groups(network):
    return [{"params": list(network.parameters()), "lr": RATE, "weight_decay": 0.01}]


def mpjpe(network, unlabelled, truth):
    """Mean joint distance of the fused poses to the truth, relative to the pelvis, mm."""
    features, reference = describe(*unlabelled[:4])
    device = next(network.parameters()).device
    with torch.no_grad():
        found = network(torch.from_numpy(features).to(device))[:2]
        found = resolve(*(out.cpu().numpy() for out in found), reference)
    relative = (found - found[:, PELVIS, None]) - (truth - truth[:, PELVIS, None])
    return 1000 * float(np.linalg.norm(relative, axis=-1).mean())


def publish(start_from, run, folder, held_out):
    """Write the best of a run as weights into a folder, if held-out people say it is better than what it started from
    -> whether.

    start_from   folder of the weights it started from;  held_out   as integration.judge takes it
    """
    network = weights.read(start_from / "integration")
    before = integration.judge(network.eval(), held_out)["quality"]
    network.load_state_dict(torch.load(run / "best.pt", map_location="cpu"))
    after = integration.shipped(network, held_out)["quality"]
    if better := after > before:
        integration.write(network, folder, run, held_out)
    said = f"quality on held-out people {after:.5f}, {before:.5f} before:"
    print(said, f"new weights in {folder}" if better else f"no better, the weights in {start_from} stay", flush=True)
    return better


def people_of(options, networks, rng):
    """The unlabelled people that the options name -> Unlabelled, their forgotten truth or None."""
    if options.records:
        return join([from_record(path) for path in options.records]), None
    if options.pairs:
        found, truths = zip(*map(from_pairs, options.pairs), strict=True)
        return join(found), np.concatenate(truths)
    return simulated(networks, load_clips([options.simulate], replace=False), None, options.people, rng)


def main(argv):
    parser = Parser(__doc__)
    add = parser.add_argument
    add("--data", type=existing, required=True, help="folder with train.npz, train_extra.npz and pairs.npz")
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--records", type=existing, nargs="+", help="records of duopose: the unlabelled people")
    source.add_argument(
        "--pairs", type=existing, nargs="+", metavar="NPZ", help="the same from files of duopose train branch_pairs"
    )
    source.add_argument(
        "--simulate", type=existing, metavar="NPZ", help="motion capture that plays the unlabelled people"
    )
    add("--people", type=int, default=4000, help="pairs of people to simulate")
    add("--start-from", type=existing, required=True, help="folder with the integration weights to go on from")
    add("--profile", default="lite", help="whose lifting networks are used")
    add("--reprojection", action="store_true", help="with the reprojection error")
    add("--multi-perspective", action="store_true", help="with the multi-perspective error")
    add("--discriminator", type=existing, metavar="DIR", help="with the discriminator in DIR")
    add(
        "--judge", type=existing, nargs="+", default=[], metavar="NPZ",
        help="files of duopose train branch_pairs whose held-out pictures judge (default: val.npz in --data)",
    )  # fmt: skip
    options = checked(add_run_options(parser, minutes=4), argv)
    start_torch(options)
    rng = np.random.default_rng(options.seed)
    networks = find(options.profile).lifting_networks()
    with reading(options.start_from / "integration", "weights"):
        network = weights.read(options.start_from / "integration")
    held_out = integration.held_out_pairs(networks, options.data, options.judge)
    if options.publish:
        publish(options.start_from, options.out, options.publish, held_out)
        return
    against = adversary(options.discriminator, options.data) if options.discriminator else None
    clips = load_clips([options.data / name for name in ("train.npz", "train_extra.npz")])
    unlabelled, truth = people_of(options, networks, rng)

    def judge(network):
        known = {} if truth is None else {"truth_mm": mpjpe(network, unlabelled, truth)}
        return integration.judge(network, held_out) | known

    terms = Terms(options.reprojection, networks if options.multi_perspective else None, against)
    labelled = partial(labelled_batch, LABELLED, SimulatedPairs(networks, clips, rng, DRAWS), None)
    run(
        "semi_supervised", argv, options,
        task(network, labelled, unlabelled, terms, judge, options.seed, options.device),
        epoch=len(unlabelled.top) // BATCH,
        data=["CMU and ACCAD motion capture", f"{len(unlabelled.top)} people without labels"], **HOW,
    )  # fmt: skip
    publish(options.start_from, options.out, options.out, held_out)
