"""The losses of the image networks, each a function. B batch, J joints, N people, H and W the size of the maps.

A heatmap, box or depth that no label speaks of has weight 0 or is not `known`, and costs nothing.
"""

import torch
import torch.nn.functional as F


def heatmap_loss(heatmaps, target, weight):
    """Weighted squared difference (eq. 1), per joint map.

    heatmaps, target, weight   [B, J, H, W] -> []

    >>> half = torch.full((1, 1, 2, 2), 0.5)
    >>> heatmap_loss(half, torch.zeros_like(half), torch.ones_like(half)).item()
    1.0
    """
    return (weight * (heatmaps - target) ** 2).sum() / heatmaps.shape[:2].numel()


def read_at(maps, index):
    """Maps [B, J, H, W] at a cell per person and joint, index int64 [B, N, J] into H * W -> [B, N, J]"""
    return maps.flatten(2).transpose(1, 2).gather(1, index)


def tag_loss(tags, index, known):
    """Associative embedding (Newell et al. 2017, the paper's [36]) -> pull [], push [].

    Pull: the squared distance of a joint's tag to the mean of its person. Push: exp(-d) for the distance d of the
    means of two people in one picture, so that they end up well over 1 apart. (The papers' exp(-d**2 / 2) is flat at
    d = 0, where tags start: after 250 steps nobody had been told apart.)

    tags   [B, J, H, W];  index int64, known bool [B, N, J]
    """
    value = read_at(tags, index)  # [B, N, J]
    count = known.sum(2)  # [B, N]
    there = count > 0
    mean = (value * known).sum(2) / count.clamp(min=1)  # [B, N]
    spread = ((value - mean[..., None]) ** 2 * known).sum(2) / count.clamp(min=1)
    pull = spread[there].sum() / there.sum().clamp(min=1)
    apart = (mean[:, :, None] - mean[:, None]).abs()  # [B, N, N]
    pairs = (there[:, :, None] & there[:, None]).triu(1)
    push = (torch.exp(-apart) * pairs).sum() / pairs.sum().clamp(min=1)
    return pull, push


def depth_loss(depths, index, truth, known):
    """Squared error of depths read at the joints (eq. 2), Huber's: an outlier pulls linearly.

    depths   [B, J, H, W];  index int64, truth, known bool [B, N, J] -> []
    """
    error = F.smooth_l1_loss(read_at(depths, index), truth, beta=0.1, reduction="none")
    return (error * known).sum() / known.sum().clamp(min=1)


def centre_loss(centres, target, weight):
    """Focal loss of CenterNet (Zhou et al. 2019), per person. centres 0..1, target, weight [B, H, W] -> []"""
    centres = centres.clamp(1e-4, 1 - 1e-4)
    at = target > 0.99
    found = torch.log(centres) * (1 - centres) ** 2 * at
    quiet = torch.log(1 - centres) * centres**2 * (1 - target) ** 4 * ~at
    return -((found + quiet) * weight).sum() / at.sum().clamp(min=1)


def side_loss(sides, target, trust):
    """-log of the IoU of the boxes that a cell and its distances to the four sides make (UnitBox, Yu et al. 2016).

    sides, target   [B, 4, H, W] left, top, right, bottom, > 0;  trust [B, H, W] weight -> []
    """
    left, top, right, bottom = torch.minimum(sides, target).unbind(1)
    common = (left + right) * (top + bottom)
    area = [(x[:, 0] + x[:, 2]) * (x[:, 1] + x[:, 3]) for x in (sides, target)]
    overlap = common / (area[0] + area[1] - common)
    return -(torch.log(overlap.clamp(min=1e-4)) * trust).sum() / trust.sum().clamp(min=1e-3)
