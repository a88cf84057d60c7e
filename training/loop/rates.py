"""How fast each part of a network learns, and how that falls in the course of a run."""

import math

import torch


def parameter_groups(network, rates, rest, frozen=0):
    """Parameter groups with a learning rate each.

    rates    {part of the network: learning rate}; a parameter belongs to the first part that holds it
    rest     learning rate of all others
    frozen   the trunk's stem and so many of its first blocks stay as they are. Edges and colours were learned from far
             more pictures than ours, and the high resolutions are where the time goes: with 3 blocks a step takes half
    """
    for part in (network.trunk.stem, *network.trunk.blocks[:frozen]) if frozen else ():
        part.requires_grad_(False)
    left = {p for p in network.parameters() if p.requires_grad}
    groups = []
    for part, rate in [*rates.items(), (network, rest)]:
        own = [p for p in part.parameters() if p in left]
        left -= set(own)
        groups.append({"params": own, "lr": rate})
    return groups


def pyramid(trunk):
    """The part of MobileNetV2FPN that leads from stride 32 back to stride 4: new tasks need it to change first."""
    return torch.nn.ModuleList([trunk.from_top, trunk.lateral, trunk.merge])


def adamw(groups):
    """AdamW; a group may bring its own `weight_decay`."""
    return torch.optim.AdamW(groups, weight_decay=1e-4)


# Share of the full learning rate at a progress of 0..1:


def cosine(progress):
    """Half a wave down to 2 %."""
    return 0.02 + 0.98 * (1 + math.cos(math.pi * progress)) / 2


def linear(progress):
    """A straight line down to 0.

    >>> linear(0.25)
    0.75
    """
    return max(0.0, 1 - progress)


def tenths(*at):
    """A tenth of what it was, from each progress of `at` on, as in the paper.

    >>> fall = tenths(30 / 50, 40 / 50)  # the 30th and the 40th of 50 epochs
    >>> [round(fall(epoch / 50), 3) for epoch in (0, 29, 30, 40, 49)]
    [1.0, 1.0, 0.1, 0.01, 0.01]
    """
    return lambda progress: 0.1 ** sum(progress >= part for part in at)
