"""duopose train semi_supervised --data MOCAP --start-from DIR --out DIR [options]: the integration
network, fine-tuned with people nobody measured, beside those that motion capture measures (paper
3.4, eq. 10).

    duopose train semi_supervised --data MOCAP --records A.jsonl B.jsonl --reprojection \\
        --multi-perspective --discriminator DIR --start-from networks/weights_lite --out DIR

Records are written by `duopose SOURCE --record A.jsonl`. Instead of them, --pairs takes files of
`duopose train branch_pairs`, and --simulate FILE.npz films motion capture; both forget the truth,
but to say at the end what became of the error. --discriminator names a folder with the weights that
`duopose train discriminator` wrote; it goes on learning beside the network.
"""

import copy
import time
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from duopose.networks import normalisation, weights
from duopose.networks.discriminator import Discriminator
from duopose.networks.normalisation import facing
from duopose.networks.pairs import FEATURES, describe, resolve
from duopose.nodes.profile import find
from duopose.nodes.top_down.lifting import lift_windows, window_features
from duopose.stream.arguments import Parser, existing
from duopose.stream.skeleton import BODY17, PELVIS
from duopose.training import integration
from duopose.training.datasets.reading.errors import reading
from duopose.training.loop.export import export
from duopose.training.mocap import motion
from duopose.training.mocap.adversarial import discriminator_loss, estimator_loss
from duopose.training.mocap.consistency import (
    consistency_loss,
    in_virtual_camera,
    multi_perspective_error,
    reprojection_error,
    stand,
    turned_about_vertical,
)
from duopose.training.mocap.unlabelled import from_pairs, from_record, join, simulated

BATCH = 256  # unlabelled people a step, and as many turned ones
RATE = 2e-4
# Weights beside the supervised loss (metres of joint distance)
CONSISTENCY = 0.3  # of eq. 10's first term
NATURAL = 0.003  # of the adversarial term
# The discriminator learns slowly: at 1e-4 it soon knew motion capture from anything else by where people stand, and drove their
# depths off (8.7 % of error instead of 7.4 %); standing still, it was fooled by odd poses (MPJPE 161 mm instead of 156).
DISCRIMINATOR_RATE = 1e-5
# Joints that annotators of pictures and motion capture mean at different places; the reprojection error leaves them out.
ELSEWHERE = [BODY17.index(name) for name in ("pelvis", "right_hip", "left_hip", "spine", "thorax", "nose", "head_top")]
TURN_EVERY = 300  # steps after which the pseudo-labels are turned anew
NEAREST = 0.2  # m: a turn that brings a joint nearer to the camera is not made
DRAWS = 40  # times 512 windows for the supervised batches
SAY = 200  # steps between two lines


class Adversary(NamedTuple):
    """A discriminator and what it shall take for natural."""

    network: Discriminator
    real: object  # rng, count -> true poses of two people: two float32 [count, 17, 3], metres, camera frame


def adversary(folder, mocap):
    """The discriminator in `folder` (training.discriminator), with couples and single people of the folder `mocap`."""
    from duopose.training.discriminator import Source

    with reading(Path(folder) / "discriminator", "weights"):
        network = weights.read(Path(folder) / "discriminator")
    return Adversary(network, Source(mocap).real)


def fine_tune(
    network,
    labelled,
    unlabelled,
    *,
    reprojection=True,
    multi_perspective=None,
    discriminator=None,
    minutes=None,
    steps=None,
    seed=0,
    say=None,
):
    """Go on training an integration network with the terms of eq. 10 that are switched on. Changes it; returns it in eval mode.

    network            networks.integration.Integration, already trained: it is also the teacher that writes the pseudo-labels
    labelled           iterator of supervised batches: features, true joints, true root, as training.integration.batches yields
    unlabelled         training.mocap.unlabelled.Unlabelled
    reprojection       whether E_rep (eq. 15) counts
    multi_perspective  nodes.top_down.lifting.Networks that lift the turned pseudo-labels again for E_mp; None = without it
    discriminator      Adversary (eq. 8 and 9); its network goes on learning; None = without it
    minutes, steps     when to end; the first that comes counts, one of them must be given
    say                called with a line of text every 200 steps
    """
    if minutes is None and steps is None:
        raise ValueError("say when to end: minutes or steps")
    rng = np.random.default_rng(seed)
    limbs = unlabelled.confidence.copy()
    limbs[:, ELSEWHERE] = 0
    size = np.exp(normalisation.normalise(unlabelled.rays, unlabelled.confidence)[1][:, 2])
    turned = Turned(multi_perspective, copy.deepcopy(network).eval(), unlabelled, rng) if multi_perspective else None
    judge = copy.deepcopy(discriminator.network).eval() if discriminator else None  # its means and spreads stay
    optimiser = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=0.01)
    judging = torch.optim.Adam(judge.parameters(), lr=DISCRIMINATOR_RATE, betas=(0.5, 0.99)) if judge else None
    network.train()
    batches = chain([next(labelled)], labelled)  # the first one takes long and does not count
    sums, step, done, started = {}, 0, 0.0, time.monotonic()
    while done < 1:
        for group in optimiser.param_groups:
            group["lr"] = RATE * min(1, (step + 1) / 50) * (1 - done)
        features, *truth = next(batches)
        pose, root = integration.errors(*network(features), *truth)
        parts = {"joints": pose, "root": integration.ROOT * root}  # eq. 7
        people, paired = draw(unlabelled, rng)
        points, reference = estimate(network, noisy(unlabelled, people, rng))
        errors = {}
        if reprojection:
            rays = torch.from_numpy(in_virtual_camera(unlabelled.rays[people], reference.direction))
            errors["E_rep"] = reprojection_error(
                points, rays, torch.from_numpy(limbs[people]), torch.from_numpy(size[people])
            )
        if turned:
            errors["E_mp"] = turned.error(network, people, rng)
        if errors:
            epoch = 1 + step * BATCH // len(unlabelled.top)
            parts["consistency"] = CONSISTENCY * consistency_loss(list(errors.values()), epoch)
        if judge:
            fused = points @ torch.from_numpy(facing(reference.direction))
            parts["natural"] = NATURAL * estimator_loss(answers(judge, fused, paired)).mean()
        optimiser.zero_grad()
        sum(parts.values()).backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        if judge:
            a, b = (torch.from_numpy(poses) for poses in discriminator.real(rng, BATCH // 2))
            true = torch.cat([judge(a, b), judge.alone(a)])
            parts["judge"] = discriminator_loss(true, answers(judge, fused.detach(), paired))
            judging.zero_grad()
            parts["judge"].backward()
            judging.step()
        step += 1
        done = max(step / steps if steps else 0, (time.monotonic() - started) / (60 * minutes) if minutes else 0)
        for key, value in (parts | {key: error.mean() for key, error in errors.items()}).items():
            sums[key] = sums.get(key, 0.0) + value.item()
        if say and (step % SAY == 0 or done >= 1):
            figures = "  ".join(f"{key} {total / (step % SAY or SAY):.4f}" for key, total in sums.items())
            say(f"step {step}  {figures}  ({100 * min(done, 1):.0f} %)")
            sums = {}
    return network.eval()


def draw(unlabelled, rng):
    """Indices of BATCH people and, after them, of their partners; bool [BATCH]: who has one."""
    people = rng.integers(len(unlabelled.top), size=BATCH)
    paired = unlabelled.partner[people] >= 0
    return np.concatenate([people, unlabelled.partner[people][paired]]), paired


def noisy(unlabelled, people, rng):
    """Both branches' poses of `people`, as pairs.describe takes them, with the augmentations of the supervised training: the
    student sees less than its teacher did. Who would lose the only pose keeps it."""
    whole = [array[people] for array in unlabelled[:4]]
    pair = integration.augmented(*whole, rng)
    lost = np.isnan(pair[0]).any((1, 2)) & np.isnan(pair[2]).any((1, 2))
    return [
        np.where(lost.reshape(-1, *[1] * (old.ndim - 1)), old, new).astype(np.float32)
        for old, new in zip(whole, pair, strict=True)
    ]


def estimate(network, pair):
    """A pair's poses through the network -> points [N, 17, 3] of the virtual camera (metres, with gradient), Reference."""
    features, reference = describe(*pair)
    return stand(*network(torch.from_numpy(features)), torch.from_numpy(reference.depth)), reference


def answers(judge, fused, paired):
    """C of `draw`'s people: pairs by both sub-networks, those without a partner by D1 -> [BATCH], pairs first."""
    first, second = fused[: len(paired)], fused[len(paired) :]
    there = torch.from_numpy(paired)
    return torch.cat([judge(first[there], second), judge.alone(first[~there])])


class Turned:
    """The teacher's pseudo-labels turned about the vertical, seen from there, and lifted again (supplement, Fig. 9)."""

    def __init__(self, networks, teacher, unlabelled, rng):
        features, reference = describe(*unlabelled[:4])
        with torch.no_grad():
            joints, root = (out.numpy() for out in teacher(torch.from_numpy(features)))
        self.networks, self.labels, self.confidence = networks, resolve(joints, root, reference), unlabelled.confidence
        self.draws = 0
        self.turn(rng)

    def turn(self, rng):
        """Everyone from another random direction."""
        angle = rng.uniform(0, 2 * np.pi, len(self.labels)).astype(np.float32)
        self.poses = turned_about_vertical(self.labels, angle)
        behind = (self.poses[..., 2] < NEAREST).any(1)
        self.poses[behind] = self.labels[behind]
        self.top = np.concatenate(
            [
                lift_still(self.networks, motion.rays_of(self.poses[i : i + 512]), self.confidence[i : i + 512])
                for i in range(0, len(self.poses), 512)
            ]
        )

    def error(self, network, people, rng):
        """E_mp [len(people)] of the pose that the network makes of what is seen of the turned pseudo-label."""
        self.draws += 1
        if self.draws % TURN_EVERY == 0:
            self.turn(rng)
        poses = self.poses[people]
        pair = integration.augmented(self.top[people], self.confidence[people], *integration.bottom_up(poses, rng), rng)
        features, reference = describe(*pair)
        joints, _ = network(torch.from_numpy(features))
        return multi_perspective_error(joints, torch.from_numpy(integration.target(poses, reference)[0]))


def lift_still(networks, rays, confidence):
    """People seen once, [N, 17, 2] and confidence [N, 17] -> the top-down poses [N, 17, 3]: the window holds one frame."""
    features = window_features(networks, rays.astype(np.float32), confidence)
    return lift_windows(networks, np.repeat(features[:, None], networks.joint_tcn.arguments["frames"], 1))


def mpjpe(network, unlabelled, truth):
    """Mean joint distance of the fused poses to the truth, relative to the pelvis, mm."""
    features, reference = describe(*unlabelled[:4])
    with torch.no_grad():
        found = resolve(*(out.numpy() for out in network(torch.from_numpy(features))), reference)
    relative = (found - found[:, PELVIS, None]) - (truth - truth[:, PELVIS, None])
    return 1000 * float(np.linalg.norm(relative, axis=-1).mean())


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
    add("--out", type=Path, required=True, help="folder for the weights")
    add("--reprojection", action="store_true", help="with the reprojection error")
    add("--multi-perspective", action="store_true", help="with the multi-perspective error")
    add("--discriminator", type=existing, metavar="DIR", help="with the discriminator in DIR")
    add("--minutes", type=float, help="how long to train (default 4, no limit with --steps)")
    add("--steps", type=int, help="steps to train at most")
    add("--seed", type=int, default=0)
    options = parser.parse_args(argv)
    torch.set_num_threads(1)
    torch.manual_seed(options.seed)
    rng = np.random.default_rng(options.seed)
    networks = find(options.profile).lifting_networks()
    truth = None
    with reading(options.start_from / "integration", "weights"):
        network = weights.read(options.start_from / "integration")
    against = adversary(options.discriminator, options.data) if options.discriminator else None
    clips = motion.load([options.data / name for name in ("train.npz", "train_extra.npz")])
    if options.records:
        unlabelled = join([from_record(path) for path in options.records])
    elif options.pairs:
        found, truths = zip(*map(from_pairs, options.pairs), strict=True)
        unlabelled, truth = join(found), np.concatenate(truths)
    else:
        strangers = motion.load([options.simulate], replace=False)
        unlabelled, truth = simulated(networks, strangers, None, options.people, rng)
    if truth is not None:
        print(f"before: {mpjpe(network, unlabelled, truth):.1f} mm from the forgotten truth", flush=True)
    fine_tune(
        network,
        integration.batches(networks, clips, rng, 512, DRAWS),
        unlabelled,
        reprojection=options.reprojection,
        multi_perspective=networks if options.multi_perspective else None,
        discriminator=against,
        minutes=options.minutes or (None if options.steps else 4),
        steps=options.steps,
        seed=options.seed,
        say=lambda line: print(line, flush=True),
    )
    if truth is not None:
        print(f"after:  {mpjpe(network, unlabelled, truth):.1f} mm from the forgotten truth")
    command = "duopose train semi_supervised " + " ".join(Path(word).name for word in argv)
    data = f"CMU and ACCAD motion capture; {len(unlabelled.top)} people without labels"
    weights.save(network, options.out / "integration", training={"command": command, "data": data, "commit": weights.commit()})  # fmt: skip
    export(options.out / "integration", [np.zeros((1, FEATURES), np.float32)])
