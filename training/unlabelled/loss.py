"""The loss of the semi-supervised training (paper 3.4, eq. 10): supervised, consistent with itself, and natural to a
discriminator."""

import copy
from pathlib import Path
from typing import NamedTuple

import torch

from duopose.networks import weights
from duopose.networks.discriminator import Discriminator
from duopose.nodes.top_down.lifting import Networks
from duopose.training.datasets.reading.errors import reading
from duopose.training.discriminator import Source
from duopose.training.pairs.loss import ROOT, SPREAD, errors, spread_loss
from duopose.training.unlabelled.adversarial import discriminator_loss, estimator_loss
from duopose.training.unlabelled.consistency import (
    consistency_loss,
    multi_perspective_error,
    reprojection_error,
    stand,
)

# Weights beside the supervised loss (metres of joint distance)
CONSISTENCY = 0.3  # of eq. 10's first term
NATURAL = 0.003  # of the adversarial term
# The discriminator learns slowly: at 1e-4 it soon knew motion capture from anything else by where people stand, and
# drove their depths off (8.7 % of error instead of 7.4 %); standing still, it was fooled by odd poses (MPJPE 161 mm
# instead of 156).
DISCRIMINATOR_RATE = 1e-5


class Adversary(NamedTuple):
    """A discriminator and what it shall take for natural."""

    network: Discriminator
    real: object  # rng, count -> true poses of two people: two float32 [count, 17, 3], metres, camera frame


def adversary(folder, mocap):
    """The discriminator in `folder` (training.discriminator), with couples and single people of the folder `mocap`."""
    with reading(Path(folder) / "discriminator", "weights"):
        network = weights.read(Path(folder) / "discriminator")
    return Adversary(network, Source(mocap).real)


class Terms(NamedTuple):
    """The terms of eq. 10 that count beside the supervised loss."""

    reprojection: bool = True  # E_rep (eq. 15)
    multi_perspective: Networks | None = None  # E_mp: lifts the turned pseudo-labels again; None = without it
    adversary: Adversary | None = None  # eq. 8 and 9; None = without them


class Loss:
    """Eq. 10, called as trainer.Task's `loss`; its companion too: it counts the steps, and the discriminator learns
    after each."""

    def __init__(self, people, batch, terms, device="cpu"):
        """people: how many there are without label; batch: how many of them a step takes"""
        self.people, self.batch, self.reprojection = people, batch, terms.reprojection
        self.steps, self.figures, self.told = 0, {}, None
        self.discriminator = None
        if terms.adversary:
            self.discriminator = copy.deepcopy(terms.adversary.network).eval().to(device)  # its means and spreads stay
            self.optimizer = torch.optim.Adam(self.discriminator.parameters(), lr=DISCRIMINATOR_RATE, betas=(0.5, 0.99))

    def __call__(self, network, data):
        *found, spread = network(data["features"])
        truth = data["joints"], data["root"]
        pose, root = errors(*found, *truth)
        parts = {"joints": pose, "root": ROOT * root, "spread": SPREAD * spread_loss(*found, spread, *truth)}  # eq. 7
        points = stand(*network(data["seen"])[:2], data["depth"])
        consistency = {}
        if self.reprojection:
            consistency["E_rep"] = reprojection_error(points, data["rays"], data["limbs"], data["size"])
        if "turned" in data:
            consistency["E_mp"] = multi_perspective_error(network(data["turned"])[0], data["turned_joints"])
        if consistency:
            epoch = 1 + self.steps * self.batch // self.people
            parts["consistency"] = CONSISTENCY * consistency_loss(list(consistency.values()), epoch)
        if self.discriminator:
            fused = points @ data["facing"]
            parts["natural"] = NATURAL * estimator_loss(self.answers(fused, data["paired"])).mean()
            self.told = fused.detach(), data["paired"], data["real_a"], data["real_b"]
        self.figures = {key: error.detach().mean() for key, error in consistency.items()}
        return parts

    def answers(self, fused, paired):
        """C of the people and, after them, of their partners: pairs by both sub-networks, those without partner by D1,
        pairs first."""
        first, second = fused[: len(paired)], fused[len(paired) :]
        return torch.cat([self.discriminator(first[paired], second), self.discriminator.alone(first[~paired])])

    def follow(self):
        """After a step: the discriminator takes one too. -> figures of the step that are not minimised"""
        self.steps += 1
        if not self.discriminator:
            return self.figures
        fused, paired, a, b = self.told
        true = torch.cat([self.discriminator(a, b), self.discriminator.alone(a)])
        loss = discriminator_loss(true, self.answers(fused, paired))
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return self.figures | {"discriminator": loss.detach()}

    def state_dict(self):
        own = [part.state_dict() for part in (self.discriminator, self.optimizer)] if self.discriminator else []
        return {"steps": self.steps, "discriminator": own}

    def load_state_dict(self, state):
        self.steps = state["steps"]
        for part, kept in zip(
            (self.discriminator, self.optimizer) if self.discriminator else (), state["discriminator"], strict=True
        ):
            part.load_state_dict(kept)
