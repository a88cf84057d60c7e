"""The two sides of the adversarial loss (paper 3.3, eq. 8). C are a discriminator's answers, 0..1
(networks/discriminator.py).

The paper writes log(C~) + log(1 - C) for true poses C~ and estimated ones C. The discriminator learns to make it large,
the estimating network to make it small.
"""

UNSURE = 1e-4  # no answer counts as surer than this


def discriminator_loss(true, estimated):
    """-(log(C~) + log(1 - C)), what the discriminator minimises. true [N], estimated [M] -> []

    >>> import torch
    >>> round(discriminator_loss(torch.tensor([0.5]), torch.tensor([0.5])).item(), 4)
    1.3863
    """
    return -true.clamp(min=UNSURE).log().mean() - (1 - estimated).clamp(min=UNSURE).log().mean()


def estimator_loss(estimated):
    """-log(C), what the estimating network minimises. estimated [N] -> [N]

    It shrinks where log(1 - C) of eq. 8 does, and is steep, not flat, where the discriminator is sure (Goodfellow et
    al. 2014).
    """
    return -estimated.clamp(min=UNSURE).log()
