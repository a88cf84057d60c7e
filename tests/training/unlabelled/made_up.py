"""Made-up people whom both branches saw, and small lifting networks."""

import numpy as np
import torch

from duopose.networks.gcn import GCN
from duopose.networks.tcn import JointTCN, RootTCN
from duopose.nodes.top_down.lifting import Networks
from duopose.training.loop.trainer import as_called
from duopose.training.mocap import cameras
from duopose.training.unlabelled.people import Unlabelled

FRAMES = 9


def networks():
    torch.manual_seed(0)
    modules = GCN(4, 8), JointTCN(8, FRAMES), RootTCN(8, FRAMES)
    return Networks(*(as_called(module.eval().requires_grad_(False), exact=True) for module in modules))


def poses(count, rng, depth=4.0):
    return (rng.normal(0, 0.35, (count, 17, 3)) + (0.3, -0.1, depth)).astype(np.float32)


def people():
    """Twelve people, every two of them together; the branches err, the 2D poses don't -> Unlabelled, truth."""
    rng = np.random.default_rng(0)
    truth = poses(12, rng)
    top, bottom = (truth + rng.normal(0, 0.08, truth.shape).astype(np.float32) for _ in range(2))
    bottom[5] = np.nan
    sure, unsure = np.full((12, 17), 0.8, np.float32), np.full((12, 17), 0.4, np.float32)
    unsure[5] = 0
    partner = np.arange(12) ^ 1
    partner[[2, 3]] = -1
    return Unlabelled(top, sure, bottom, unsure, cameras.rays_of(truth), sure, partner), truth
