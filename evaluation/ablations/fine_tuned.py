"""The integration network after a while of semi-supervised training, with some terms of its loss or all (paper, Table 2)."""

import copy
import itertools

import numpy as np
import torch

from duopose.networks import weights
from duopose.networks.folders import weight_file
from duopose.nodes.profile import find
from duopose.training import integration
from duopose.training.mocap import motion
from duopose.training.mocap.unlabelled import from_pairs, from_record, join
from duopose.training.semi_supervised import adversary, fine_tune

LABELLED = 512  # people a step
DRAWS = 40  # times 512 windows of motion capture for them
TERMS = {  # name of a row: reprojection, multi-perspective, discriminator
    "IN + more of eq. 7": (False, False, False),
    "IN + Rep": (True, False, False),
    "IN + MP": (False, True, False),
    "IN + Rep + dis": (True, False, True),
    "IN + Rep + MP + dis": (True, True, True),
}


def read_unlabelled(paths):
    """Records of duopose and files of `duopose train branch_pairs` (.npz) -> training.mocap.unlabelled.Unlabelled"""
    return join([from_pairs(path)[0] if path.suffix == ".npz" else from_record(path) for path in paths])


def networks(start, labelled, unlabelled, lifting, against=None, steps=400, seed=0):
    """Yields (name, network as nodes.fusion.integration.Integration calls it) for each row of TERMS that can be trained.

    start       networks.integration.Integration that each begins with
    labelled    () -> the supervised batches, the same for each row
    unlabelled  training.mocap.unlabelled.Unlabelled
    lifting     nodes.top_down.lifting.Networks, for the multi-perspective error
    against     training.semi_supervised.Adversary, or None: the rows with a discriminator are left out
    """
    for name, (reprojection, multi_perspective, judged) in TERMS.items():
        if judged and not against:
            continue
        torch.manual_seed(seed)
        yield (
            name,
            numpy_call(
                fine_tune(
                    copy.deepcopy(start),
                    labelled(),
                    unlabelled,
                    reprojection=reprojection,
                    multi_perspective=lifting if multi_perspective else None,
                    discriminator=against if judged else None,
                    steps=steps,
                    seed=seed,
                )
            ),
        )


def from_files(mocap, unlabelled, discriminator, profile="lite", steps=400, seed=0):
    """The same from a folder of motion capture, files of `read_unlabelled`, and the folder of a discriminator or None."""
    torch.set_num_threads(1)
    people, lifting = read_unlabelled(unlabelled), find(profile).lifting_networks()
    clips = motion.load([mocap / name for name in ("train.npz", "train_extra.npz")])
    start = weights.read(weight_file("integration", profile).with_suffix(""))
    against = adversary(discriminator, mocap) if discriminator else None
    drawn = integration.batches(lifting, clips, np.random.default_rng(seed), LABELLED, DRAWS)
    batches = list(itertools.islice(drawn, steps))  # drawn once, for every row
    return networks(start, batches.__iter__, people, lifting, against, steps, seed)


def numpy_call(network):
    """A torch network, called with and answering arrays."""

    def call(*arrays):
        with torch.no_grad():
            return tuple(answer.numpy() for answer in network(*map(torch.from_numpy, arrays)))

    return call
