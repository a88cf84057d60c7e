"""What lifting learns from, as options say: motion capture, and data sets whose people are known in the camera's frame;
training/datasets/splits.py says which part of them.

MuCo-3DHP's pictures stand alone. In the paper they teach the GCN only. Here they teach the temporal networks too, as
windows of one frame repeated: so the live node asks them about a picture that stands alone, or a person's first frame.
"""

from functools import partial
from typing import NamedTuple

import numpy as np

from duopose.stream.arguments import existing
from duopose.stream.errors import UsageError
from duopose.training.datasets import shares, splits
from duopose.training.datasets.muco import Muco
from duopose.training.mocap import windows as mocap
from duopose.training.mocap.clips import load_clips
from duopose.training.tracks import windows
from duopose.training.tracks.reading import read

EVERY = 2  # frames of Human3.6M: 25 a second


class Set(NamedTuple):
    told: str  # for --help and the record of a training
    train: object  # folder -> Clips or Tracks
    held_out: object  # folder -> the same to judge by, or None where it has nothing that is
    draw: object = windows.draw  # people, batch, rng, frames, lookaheads -> windows to learn from
    draw_standard: object = windows.draw_standard  # as training.mocap.standard.measure takes it


def motion_to_learn(folder):
    return load_clips([folder / name for name in ("train.npz", "train_extra.npz")])


def motion_to_judge(folder):
    return load_clips([folder / "val.npz"], replace=False)


def people(split, **how):
    """One of training.datasets.splits -> (train, held_out) as Set has them."""
    return lambda folder: read(split(folder, **how)), lambda folder: read(split(folder, held_out=True, **how))


SETS = {
    "data": Set("CMU and ACCAD motion capture: train.npz, train_extra.npz", motion_to_learn, motion_to_judge,
                mocap.draw, mocap.draw_standard),
    "human36m": Set("Human3.6M, subjects 1, 5, 6, 7, 8", *people(splits.human36m, step=EVERY)),
    "jta": Set("JTA, train", *people(splits.jta)),
    "muco": Set("MuCo-3DHP", lambda folder: read(Muco(folder)), lambda folder: None),
    "mpi-inf-3dhp": Set("MPI-INF-3DHP, training sequences", *people(splits.mpi_inf_3dhp)),
}  # fmt: skip


def add_options(parser):
    """Which of the SETS, and how often; returns the parser."""
    add = parser.add_argument
    add("--data", type=existing, metavar="MOCAP", help="motion capture: train.npz, train_extra.npz and val.npz")
    for name in list(SETS)[1:]:
        add(f"--{name}", type=existing, metavar="DIR", help=f"{SETS[name].told}: people before their own cameras")
    shares.add_option(parser, SETS, "how often each is drawn from, data=1 jta=2; 1 where nothing is said")
    return parser


class Mixture:
    """draw(size, rng, frames, lookaheads) -> Windows of several sets, in each batch as many as chance gives each.

    sets   [(draw, people, weight)]
    """

    def __init__(self, sets):
        self.draws = [partial(draw, people) for draw, people, _ in sets]
        self.frames = sum(len(people.joints) for _, people, _ in sets)
        weights = np.array([weight for _, _, weight in sets], float)
        self.chances = weights / weights.sum()

    def __call__(self, size, rng, frames, lookaheads):
        counts = rng.multinomial(size, self.chances) if len(self.draws) > 1 else [size]
        parts = [draw(count, rng, frames, lookaheads) for draw, count in zip(self.draws, counts, strict=True) if count]
        return mocap.Windows(*(np.concatenate(part) for part in zip(*parts, strict=True)))


def chosen(options):
    """(name, Set, folder, weight) of the sets that the options name."""
    weights = {name: weight for name, weight in shares.weights(SETS, options).items() if weight}
    return [(name, SETS[name], getattr(options, name.replace("-", "_")), weight) for name, weight in weights.items()]


def mixture(options):
    """What the options say to learn from -> Mixture"""
    return Mixture([(of.draw, of.train(folder), weight) for _, of, folder, weight in chosen(options)])


def held_out(options):
    """What to judge by: {set: (people, draw)}, as training.mocap.standard.measure takes them."""
    found = {name: (of.held_out(folder), of.draw_standard) for name, of, folder, _ in chosen(options)}
    found = {name: people for name, people in found.items() if people[0] is not None}
    if not found:
        raise UsageError("there is nothing to judge by: MuCo-3DHP has no clips; give --mpi-inf-3dhp or --data too")
    return found


def described(options):
    """What was learned from, one line a set."""
    return [of.told for _, of, _, _ in chosen(options)]
