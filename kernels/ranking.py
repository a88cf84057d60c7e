"""Rankings, the surest first: how precise they are, and how well scores tell two kinds of things apart."""

import numpy as np
from scipy.stats import rankdata


def auc(true, false):
    """Area under the ROC curve: the chance that a random true thing scores higher than a random false one, equals
    counting half.

    true [N], false [M] scores -> 0..1 (0.5 = no better than guessing); the Mann-Whitney U over N * M

    >>> auc(np.array([0.9, 0.4]), np.array([0.1, 0.4, 0.8]))
    0.75
    """
    ranks = rankdata(np.concatenate([true, false]))[: len(true)]
    return float((ranks.sum() - len(true) * (len(true) + 1) / 2) / (len(true) * len(false)))


def precision_recall(right, total, tiny=0.0):
    """After each of the P predictions of a ranking: which share is right so far, and which share of all true things is
    found.

    right bool [P]; total: how many true things there are; tiny: added to both denominators -> [P], [P]

    >>> [part.round(2).tolist() for part in precision_recall(np.array([True, False, True]), 4)]
    [[1.0, 0.5, 0.67], [0.25, 0.25, 0.5]]
    """
    hits = np.cumsum(right)
    return hits / (np.arange(1, len(right) + 1) + tiny), hits / (total + tiny)


def made_monotone(precision):
    """The best precision [P] at each recall or a higher one, as COCO and Pascal VOC interpolate it.

    >>> made_monotone(np.array([1.0, 0.5, 0.67])).tolist()
    [1.0, 0.67, 0.67]
    """
    return np.maximum.accumulate(precision[::-1])[::-1]
