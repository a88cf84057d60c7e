"""The supervised loss of the integration network (eq. 7), and of what it says about its own errors."""

import torch

from duopose.training.loop.trainer import half

ROOT = 0.7  # weight of the root's error beside the joints'
SPREAD = 0.05  # of the loss of the spread, which is in logs
WITHIN = 0.68  # share of the errors that shall be smaller than the spread says: within one standard deviation


def errors(joints, root, true_joints, true_root):
    """Eq. 7 as distances: mean over the joints, metres, root-relative; of the root, as a share of its depth."""
    return (joints - true_joints).norm(dim=-1).mean(), (root - true_root).abs().sum(-1).mean()


def beyond(joints, root, spread, true_joints, true_root):
    """How far the logs of the errors lie beyond what is said of them: [N, 18], of the root's log depth, of each joint.

    joints, true_joints [N, 17, 3];  root, true_root [N, 3];  spread [N, 18]. The errors themselves learn nothing by it.
    """
    depth = (root - true_root)[:, 2:].abs()
    distance = (joints - true_joints).norm(dim=-1)
    return torch.cat([depth, distance], 1).detach().clamp(min=1e-4).log() - spread


def spread_loss(*found_and_true):
    """Quantile loss of the logs of the errors: it is least where WITHIN of them are smaller than the spread. Takes what
    `beyond` takes -> []"""
    over = beyond(*found_and_true)
    return torch.maximum(WITHIN * over, (WITHIN - 1) * over).mean()


def loss(network, data):
    with half(data["features"]):
        *found, spread = network(data["features"])
    truth = data["joints"], data["root"]
    joints, root = errors(*found, *truth)
    return {"joints": joints, "root": ROOT * root, "spread": SPREAD * spread_loss(*found, spread.float(), *truth)}
