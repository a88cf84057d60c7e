"""Train the two-person discriminator on motion capture: what is natural, and what only looks nearly so.

    python -m training discriminator --data MOCAP --out DIR [--minutes 5]

MOCAP holds train.npz, train_extra.npz and pairs.npz; the takes couples.HELD_OUT are left for `evaluation discriminator`. D1 tells
poses from perturbed ones (training/perturbation.py), D2 pairs from impossible ones (training/couples.py). Each learns by itself
here, since here it is known what is wrong: eq. 8 about a real pose with the wrong partner would tell D1 that the pose
is wrong. Weights go to DIR/discriminator.
"""

import argparse
import sys
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from networks import weights
from networks.discriminator import Discriminator
from training import couples, motion, perturbation

BATCH = 256  # people a step, half of them natural; as many pairs
RATE = 1e-3
DECAY = 0.05  # weight decay: there is one couple only to learn from
COMPOSED = 0.4  # share of natural pairs who have nothing to do with each other


class Source:
    """Natural poses and pairs of motion capture and what is not, in the camera frame, float32; `rng` is a numpy Generator.

    mocap   folder with train.npz, train_extra.npz, pairs.npz
    """

    def __init__(self, mocap):
        mocap = Path(mocap)
        self.clips = couples.singles(mocap)
        self.pairs = couples.load(mocap / "pairs.npz")

    def natural(self, rng, count):
        """World frame [count, 1, 2, 17, 3]: real couples and, COMPOSED of the time, people who have nothing to do with each other."""
        still = np.zeros((count, 1))
        people = couples.meeting(self.pairs, still, rng)
        strangers = rng.random(count) < COMPOSED
        people[strangers] = couples.composed(self.clips, still[strangers], rng)
        return people

    def impossible(self, rng, count):
        """The same of pairs that can't be: shuffled and interpenetrating ones."""
        mixed = couples.shuffled(self.pairs, (count + 1) // 2, rng)
        return np.concatenate([mixed, couples.interpenetrating(self.natural(rng, count // 2), rng)])

    def real(self, rng, count):
        """True poses of two people in one camera's frame: two [count, 17, 3]."""
        people, _ = couples.other_bodies(self.natural(rng, count), rng)
        people = couples.filmed(people, rng)[:, 0]
        return np.ascontiguousarray(people[:, 0]), np.ascontiguousarray(people[:, 1])

    def poses(self, rng, count):
        """Single people: natural poses [count, 17, 3]."""
        joints = motion.sample(self.clips, rng.integers(len(self.clips.joints), size=count), np.zeros((count, 1)))
        return bodies_filmed(joints, rng)

    def batch(self, rng):
        """poses [BATCH, 17, 3], a, b [BATCH, 17, 3], true bool [BATCH]: who of each is natural."""
        half = BATCH // 2
        poses = self.poses(rng, BATCH)
        poses[half:] = perturbation.perturbed(poses[half:], rng)
        pairs = np.concatenate([self.natural(rng, half), self.impossible(rng, half)])
        pairs = couples.filmed(couples.other_bodies(pairs, rng)[0], rng)[:, 0]
        true = np.arange(BATCH) < half
        return [torch.from_numpy(np.ascontiguousarray(x)) for x in (poses, pairs[:, 0], pairs[:, 1], np.float32(true))]


def bodies_filmed(joints, rng):
    """Single people [N, 1, 17, 3], world frame -> the same as other people might do it, in the camera frame: float32 [N, 17, 3]."""
    joints = motion.mirrored(joints, rng)
    convention = rng.choice(3, len(joints), p=motion.CONVENTIONS)
    annotated = convention == motion.ANNOTATED
    joints = motion.rebuilt(joints, convention, rng)
    joints[annotated] = motion.as_annotated(joints[annotated], rng)
    return motion.filmed(joints, motion.any_cameras(joints, rng))[:, 0].astype(np.float32)


def losses(network, poses, a, b, true):
    """Cross-entropy of D1 about poses and of D2 about pairs, `true` [N] saying which are natural: [], []."""
    loss = F.binary_cross_entropy_with_logits
    return loss(network.single(poses), true), loss(network.pair(a, b), true)


def fit(network, batch, steps=None, minutes=None, rate=RATE, say=None):
    """Train until `steps` or `minutes` are over; batch() -> arguments of `losses`. Returns the network in eval mode."""
    optimiser = torch.optim.AdamW(network.parameters(), lr=rate, weight_decay=DECAY)
    network.train()
    mean, step, done, started = np.zeros(2), 0, 0.0, time.monotonic()
    while done < 1:
        for group in optimiser.param_groups:
            group["lr"] = rate * min(1, (step + 1) / 100) * (1 - done)
        parts = losses(network, *batch())
        optimiser.zero_grad()
        sum(parts).backward()
        optimiser.step()
        mean = 0.99 * mean + 0.01 * np.array([part.item() for part in parts])
        step += 1
        done = max(step / steps if steps else 0, (time.monotonic() - started) / (60 * minutes) if minutes else 0)
        if say and (step % 500 == 0 or done >= 1):
            now = mean / (1 - 0.99**step)
            say(f"step {step}  D1 {now[0]:.4f}  D2 {now[1]:.4f}  ({100 * min(done, 1):.0f} %)")
    return network.eval()


def main(argv=None):
    parser = argparse.ArgumentParser(
        prog="python -m training discriminator",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--data", type=Path, required=True, help="folder with train.npz, train_extra.npz, pairs.npz")
    parser.add_argument("--out", type=Path, required=True, help="folder for the weights")
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--steps", type=int, help="or end after so many steps")
    parser.add_argument("--channels", type=int, default=256)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(argv)
    torch.set_num_threads(1)
    torch.manual_seed(options.seed)
    try:
        source = Source(options.data)
    except FileNotFoundError as error:
        parser.error(f"--data: {error}")
    rng = np.random.default_rng(options.seed)
    network = Discriminator(options.channels)
    fit(
        network,
        lambda: source.batch(rng),
        steps=options.steps,
        minutes=options.minutes,
        say=lambda line: print(line, flush=True),
    )
    words = sys.argv[2:] if argv is None else argv
    command = "python -m training discriminator " + " ".join(Path(word).name for word in words)
    record = {"command": command, "data": "CMU and ACCAD motion capture", "commit": weights.commit()}
    weights.save(network, options.out / "discriminator", training=record)


if __name__ == "__main__":
    main()
