"""How well scores tell two kinds of things apart."""

import numpy as np
from scipy.stats import rankdata


def auc(true, false):
    """Area under the ROC curve: the chance that a random true thing scores higher than a random false one, equals counting half.

    true [N], false [M] scores -> 0..1 (0.5 = no better than guessing); the Mann-Whitney U over N * M

    >>> auc(np.array([0.9, 0.4]), np.array([0.1, 0.4, 0.8]))
    0.75
    """
    ranks = rankdata(np.concatenate([true, false]))[: len(true)]
    return float((ranks.sum() - len(true) * (len(true) + 1) / 2) / (len(true) * len(false)))
