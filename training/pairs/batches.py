"""Batches for the integration network: pairs of poses with the paper's augmentations, and what it should answer."""

import numpy as np
import torch

from duopose.networks.normalisation import facing
from duopose.networks.pairs import describe
from duopose.stream.skeleton import PELVIS

# Augmentations of the paper (3.3)
MASK = 0.1  # share of pairs of which some joints are hidden from both branches
ALONE = 0.25  # share of pairs of which one pose is zeroed
SHIFT = 0.03  # m, Gaussian, of every joint of both poses
# What goes badly wrong now and then, more often on pictures nobody rendered: one branch's distance, and one branch's
# pose, which is somebody else's then. Share of the pairs; standard deviation of log depth.
WRONG_DEPTH, FAR_OFF = (0.06, 0.08), 0.25  # by the top-down, by the bottom-up branch
WRONG_POSE = (0.02, 0.05)


def batch(people, simulated, real, rng):
    """Features and targets of so many people: dict of tensors.

    simulated   SimulatedPairs;  real   RealPairs, for half of the people, or None
    """
    if real is None:
        *pair, truth = simulated.draw(people, rng)
    else:
        halves = simulated.draw(people - people // 2, rng), real.draw(people // 2, rng)
        *pair, truth = (np.concatenate(part) for part in zip(*halves, strict=True))
    return as_batch(augmented(*gone_wrong(*pair, rng), rng), truth)


def gone_wrong(top, top_confidence, bottom, bottom_confidence, rng):
    """Some of the pairs [N, 17, 3], [N, 17], with a gross error in one branch."""
    poses = []
    for pose, wrong_depth, wrong_pose in zip((top, bottom), WRONG_DEPTH, WRONG_POSE, strict=True):
        root = pose[:, PELVIS : PELVIS + 1]
        other = pose[rng.permutation(len(pose))]
        other = other - other[:, PELVIS : PELVIS + 1] + root
        strange = (rng.random(len(pose)) < wrong_pose) & np.isfinite(other).all((1, 2))
        pose = np.where(strange[:, None, None], other, pose)
        factor = np.exp(rng.normal(0, FAR_OFF, len(pose)) * (rng.random(len(pose)) < wrong_depth))
        poses.append((pose + root * (factor[:, None, None] - 1)).astype(np.float32))
    return poses[0], top_confidence, poses[1], bottom_confidence


def as_batch(pair, truth):
    """A pair as networks.pairs.describe takes it, and the truth -> features and targets: dict of tensors."""
    features, reference = describe(*pair)
    arrays = zip(("features", "joints", "root"), (features, *target(truth, reference)), strict=True)
    return {name: torch.from_numpy(np.asarray(array, np.float32)) for name, array in arrays}


def augmented(top, top_confidence, bottom, bottom_confidence, rng):
    """The paper's augmentations: masked joints, shifted joints, one pose of a pair zeroed (NaN, as pairs.describe takes
    it)."""
    people = len(top)
    hidden = (rng.random((people, 1)) < MASK) & (rng.random((people, 17)) < 0.4)
    poses, confidences = [], []
    both = np.isfinite(top).all((1, 2)) & np.isfinite(bottom).all((1, 2))
    alone = both & (rng.random(people) < ALONE)
    first = rng.random(people) < 0.5
    # How high a network's scores are is its own affair: only their ratios within a pose should count.
    gains = rng.uniform(0.4, 1, (2, people, 1))
    for gain, pose, confidence, gone in (
        (gains[0], top, top_confidence, alone & first),
        (gains[1], bottom, bottom_confidence, alone & ~first),
    ):
        shift = rng.normal(0, SHIFT, pose.shape) * rng.uniform(0, 1, (people, 1, 1))
        poses.append(np.where(gone[:, None, None], np.nan, pose + shift).astype(np.float32))
        confidences.append(np.where(hidden | gone[:, None], 0, gain * confidence).astype(np.float32))
    return poses[0], confidences[0], poses[1], confidences[1]


def target(truth, reference):
    """True poses [B, 17, 3] -> what the network should answer: joints [B, 17, 3], root [B, 3]."""
    turned = truth @ np.swapaxes(facing(reference.direction), -1, -2)
    root = turned[:, PELVIS]
    z = np.maximum(root[:, 2:], 0.1)
    answer = np.concatenate([root[:, :2] / z, np.log(z / reference.depth[:, None])], -1)
    return turned - root[:, None], answer.astype(np.float32)
