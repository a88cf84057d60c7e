"""duopose evaluate discriminator MOCAP --weights DIR: how well the two-person discriminator tells real
people from others.

MOCAP is the folder of motion capture, DIR what `duopose train discriminator` wrote. Each figure is
the area under the ROC curve (0.5 = guessing), over people and takes that nothing was learned from,
each filmed by a camera as users have them:

  pairs of the takes training.mocap.couples.HELD_OUT (the motion capture holds one couple only, so
  the two people are known, the takes are not):
    shuffled            D2; the second person's pose is from another moment, in the same place and
                        turned the same way
    interpenetrating    D2; the second person is pushed into the first
  each pair's C, all of eq. 9:
    shuffled C, interpenetrating C
  single people of val.npz (other people, the training's capture system) and val_hdm05.npz (another
  capture system, if there):
    val, hdm05          D1; poses spoilt in the ways of training.mocap.perturbation, all of them and
                        each by itself
"""

import json

import numpy as np
import torch

from duopose.evaluation.runs.tables import plain, table
from duopose.kernels.ranking import auc
from duopose.networks import weights
from duopose.stream.arguments import Parser, existing
from duopose.training.datasets.reading.errors import reading
from duopose.training.discriminator import filmed_as_other_body
from duopose.training.mocap import couples, perturbation
from duopose.training.mocap.clips import load_clips, sample

PAIRS, POSES, SEED = 3000, 3000, 5


def tensors(pairs, rng):
    """Pairs [N, 1, 2, 17, 3] in the world -> the two people's poses before a camera. Their bodies stay what they
    are."""
    people = torch.from_numpy(couples.filmed(pairs, rng)[:, 0])
    return people[:, 0], people[:, 1]


def of_pairs(network, held_out, rng):
    """{row: {column: area}} for couples held out (Clips, see couples.load)."""
    real = couples.meeting(held_out, np.zeros((PAIRS, 1)), rng)
    sets = {
        "real": real,
        "shuffled": couples.shuffled(held_out, PAIRS, rng),
        "interpenetrating": couples.interpenetrating(real, rng),
    }
    d2, c = {}, {}
    for name, pairs in sets.items():
        a, b = tensors(pairs, rng)
        d2[name], c[name] = network.pair(a, b).numpy(), network(a, b).numpy()
    kinds = ("shuffled", "interpenetrating")
    return {kind: {"D2": auc(d2["real"], d2[kind]), "C": auc(c["real"], c[kind])} for kind in kinds}


def of_singles(network, clips, rng):
    """{kind of perturbation, or "all": area of D1}"""
    joints = sample(clips, rng.integers(len(clips.joints), size=POSES), np.zeros((POSES, 1)))
    poses = filmed_as_other_body(joints, rng)
    real = network.single(torch.from_numpy(poses)).numpy()
    kinds = {"all": perturbation.perturbed} | perturbation.KINDS
    return {
        name: auc(real, network.single(torch.from_numpy(spoil(poses, rng))).numpy()) for name, spoil in kinds.items()
    }


def main(argv):
    parser = Parser(__doc__)
    parser.add_argument("mocap", type=existing, metavar="MOCAP")
    parser.add_argument("--weights", type=existing, required=True, metavar="DIR")
    options = parser.parse_args(argv)
    with reading(options.weights / "discriminator", "weights"):
        network = weights.read(options.weights / "discriminator")
    held_out = couples.load(options.mocap / "pairs.npz", held_out=True)
    people = {path.stem: load_clips([path], replace=False) for path in sorted(options.mocap.glob("val*.npz"))}
    if "val" not in people:
        parser.error(f"there is no {options.mocap / 'val.npz'}")
    torch.set_num_threads(1)
    with torch.inference_mode():
        pairs = of_pairs(network, held_out, np.random.default_rng(SEED))
        singles = {name: of_singles(network, clips, np.random.default_rng(SEED)) for name, clips in people.items()}
    print(table(plain(pairs)), table(plain(singles)), sep="\n\n")
    areas = {f"auc_{kind}": row["D2"] for kind, row in pairs.items()} | {"auc_single": singles["val"]["all"]}
    print(json.dumps(plain(areas)))
