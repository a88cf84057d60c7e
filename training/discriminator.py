"""duopose train discriminator --data MOCAP --out DIR [options]: the two-person discriminator, from
motion capture: what is natural, and what only looks nearly so.

MOCAP holds train.npz, train_extra.npz and pairs.npz; the takes couples.HELD_OUT are left for
`duopose evaluate discriminator`. D1 tells poses from perturbed ones
(training/mocap/perturbation.py), D2 pairs from impossible ones (training/mocap/couples.py). Each
learns by itself here, since here it is known what is wrong: eq. 8 about a real pose with the wrong
partner would tell D1 that the pose is wrong. Weights go to DIR/discriminator.
"""

import json
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from duopose.kernels.ranking import auc
from duopose.networks import weights
from duopose.networks.discriminator import Discriminator
from duopose.stream.arguments import Parser, existing
from duopose.training.loop.options import add_run_options, checked, run, start_torch
from duopose.training.loop.trainer import Task
from duopose.training.mocap import bodies, cameras, couples, perturbation
from duopose.training.mocap.clips import sample

BATCH = 256  # people a step, half of them natural; as many pairs
RATE = 1e-3
DECAY = 0.05  # weight decay: there is one couple only to learn from
COMPOSED = 0.4  # share of natural pairs who have nothing to do with each other


class Source:
    """Natural poses and pairs of motion capture and what is not, in the camera frame, float32; `rng` is a numpy
    Generator.

    mocap   folder with train.npz, train_extra.npz, pairs.npz
    """

    def __init__(self, mocap):
        mocap = Path(mocap)
        self.clips = couples.singles(mocap)
        self.pairs = couples.load(mocap / "pairs.npz")

    def natural(self, rng, count):
        """World frame [count, 1, 2, 17, 3]: real couples and, COMPOSED of the time, people who have nothing to do with
        each other."""
        now = np.zeros((count, 1))
        people = couples.loosened(couples.meeting(self.pairs, now, rng), rng)
        strangers = rng.random(count) < COMPOSED
        people[strangers] = couples.composed(self.clips, now[strangers], rng)
        return people

    def impossible(self, rng, count):
        """The same of pairs that can't be: shuffled and interpenetrating ones."""
        mixed = couples.loosened(couples.shuffled(self.pairs, (count + 1) // 2, rng), rng)
        return np.concatenate([mixed, couples.interpenetrating(self.natural(rng, count // 2), rng)])

    def real(self, rng, count):
        """True poses of two people in one camera's frame: two [count, 17, 3]."""
        people, _ = couples.other_bodies(self.natural(rng, count), rng)
        people = couples.filmed(people, rng)[:, 0]
        return np.ascontiguousarray(people[:, 0]), np.ascontiguousarray(people[:, 1])

    def poses(self, rng, count):
        """Single people: natural poses [count, 17, 3]."""
        joints = sample(self.clips, rng.integers(len(self.clips.joints), size=count), np.zeros((count, 1)))
        return filmed_as_other_body(joints, rng)

    def batch(self, rng):
        """Tensors: `pose` [BATCH, 17, 3]; `a` and `b` [BATCH, 17, 3] are pairs; `true` [BATCH] says who of each is
        natural."""
        half = BATCH // 2
        poses = self.poses(rng, BATCH)
        poses[half:] = perturbation.perturbed(poses[half:], rng)
        pairs = np.concatenate([self.natural(rng, half), self.impossible(rng, half)])
        pairs = couples.filmed(couples.other_bodies(pairs, rng)[0], rng)[:, 0]
        arrays = {"pose": poses, "a": pairs[:, 0], "b": pairs[:, 1], "true": np.float32(np.arange(BATCH) < half)}
        return {name: torch.from_numpy(np.ascontiguousarray(array)) for name, array in arrays.items()}


def filmed_as_other_body(joints, rng):
    """Single people [N, 1, 17, 3], world frame -> the same as other people might do it, in the camera frame: float32
    [N, 17, 3]."""
    joints = bodies.mirrored(joints, rng)
    convention = rng.choice(3, len(joints), p=bodies.CONVENTIONS)
    annotated = convention == bodies.ANNOTATED
    joints = bodies.rebuilt(joints, convention, rng)
    joints[annotated] = bodies.as_annotated(joints[annotated], rng)
    return cameras.filmed(joints, cameras.any_cameras(joints, rng))[:, 0].astype(np.float32)


def loss(network, batch):
    """Cross-entropy of D1 about poses and of D2 about pairs; batch as Source.batch gives it."""
    entropy = F.binary_cross_entropy_with_logits
    return {
        "D1": entropy(network.single(batch["pose"]), batch["true"]),
        "D2": entropy(network.pair(batch["a"], batch["b"]), batch["true"]),
    }


def judge(network, batches):
    """Areas under the ROC curves over `batches` of the kind that is learned from, and their mean first."""
    device = next(network.parameters()).device
    scores = {"d1": [], "d2": []}
    for batch in batches:
        there = {key: tensor.to(device) for key, tensor in batch.items()}
        scores["d1"].append(network.single(there["pose"]).cpu().numpy())
        scores["d2"].append(network.pair(there["a"], there["b"]).cpu().numpy())
    true = np.concatenate([batch["true"].numpy() > 0 for batch in batches])
    areas = {key: auc(score[true], score[~true]) for key, part in scores.items() for score in [np.concatenate(part)]}
    return {"auc": sum(areas.values()) / 2} | areas


def main(argv):
    parser = Parser(__doc__)
    parser.add_argument(
        "--data", type=existing, required=True, help="folder with train.npz, train_extra.npz, pairs.npz"
    )
    parser.add_argument("--channels", type=int, default=256)
    parser.add_argument("--dropout", type=float, default=0.1)
    options = checked(add_run_options(parser, minutes=5), argv)
    start_torch(options)
    network = Discriminator(options.channels, dropout=options.dropout)
    if not options.publish:
        source = Source(options.data)
        rng = np.random.default_rng(options.seed)
        known = [source.batch(rng) for _ in range(4)]

        def groups(network):
            return [{"params": list(network.parameters()), "lr": RATE, "weight_decay": DECAY}]

        run(
            "discriminator", argv, options, Task(network, groups, source.batch, loss, lambda net: judge(net, known)),
            epoch=len(source.pairs.joints) // BATCH, data=["CMU and ACCAD motion capture"],
        )  # fmt: skip
    network.load_state_dict(torch.load(options.out / "best.pt", map_location="cpu"))
    training = json.loads((options.out / "training.json").read_text())
    weights.save(network.cpu().eval(), options.publish or options.out / "discriminator", training=training)
