"""The integration network after a while of semi-supervised training, with some terms of its loss or all (paper, Table
2)."""

import copy
import itertools
import tempfile
from functools import partial

import numpy as np
import torch

from duopose.networks import weights
from duopose.networks.folders import weight_file
from duopose.nodes.profile import find
from duopose.training import semi_supervised
from duopose.training.loop.trainer import Plan, as_called, fit
from duopose.training.mocap.clips import load_clips
from duopose.training.pairs.batches import batch
from duopose.training.pairs.simulated import SimulatedPairs
from duopose.training.unlabelled.loss import Terms
from duopose.training.unlabelled.people import from_pairs, from_record, join

TERMS = {  # name of a row: reprojection, multi-perspective, discriminator
    "IN + more of eq. 7": (False, False, False),
    "IN + Rep": (True, False, False),
    "IN + MP": (False, True, False),
    "IN + Rep + dis": (True, False, True),
    "IN + Rep + MP + dis": (True, True, True),
}


def read_unlabelled(paths):
    """Records of duopose and files of `duopose train branch_pairs` (.npz) -> training.unlabelled.people.Unlabelled"""
    return join([from_pairs(path)[0] if path.suffix == ".npz" else from_record(path) for path in paths])


def networks(start, labelled, unlabelled, lifting, adversary=None, steps=400, seed=0):
    """Yields (name, network as nodes.fusion.integration.Integration calls it) for each row of TERMS that can be
    trained.

    start       networks.integration.Integration that each begins with
    labelled    rng -> a supervised batch (training.pairs.batches); with a seed the same for each row
    unlabelled  training.unlabelled.people.Unlabelled
    lifting     nodes.top_down.lifting.Networks, for the multi-perspective error
    adversary   training.unlabelled.loss.Adversary, or None: the rows with a discriminator are left out
    """
    for name, (reprojection, multi_perspective, judged) in TERMS.items():
        if not judged or adversary:
            terms = Terms(reprojection, lifting if multi_perspective else None, adversary if judged else None)
            yield name, as_called(trained(copy.deepcopy(start), labelled, unlabelled, terms, steps, seed), exact=True)


def trained(network, labelled, unlabelled, terms, steps, seed):
    """The network after so many steps, whatever held-out people would say of it: the last counts as the best."""
    count = itertools.count()
    task = semi_supervised.task(network, labelled, unlabelled, terms, lambda net: {"judgement": next(count)}, seed)
    with tempfile.TemporaryDirectory(prefix="duopose-ablation-") as folder:
        fit(task, Plan(folder, steps, every=steps, seed=seed, say=lambda line: None, **semi_supervised.HOW))
    return network.eval().requires_grad_(False)


def from_files(mocap, unlabelled, discriminator, profile="lite", steps=400, seed=0):
    """The same from a folder of motion capture, files of `read_unlabelled`, and the folder of a discriminator or
    None."""
    torch.set_num_threads(1)
    people, lifting = read_unlabelled(unlabelled), find(profile).lifting_networks()
    clips = load_clips([mocap / name for name in ("train.npz", "train_extra.npz")])
    start = weights.read(weight_file("integration", profile).with_suffix(""))
    adversary = semi_supervised.adversary(discriminator, mocap) if discriminator else None
    simulated = SimulatedPairs(lifting, clips, np.random.default_rng(seed), semi_supervised.DRAWS)
    labelled = partial(batch, semi_supervised.LABELLED, simulated, None)
    return networks(start, labelled, people, lifting, adversary, steps, seed)
