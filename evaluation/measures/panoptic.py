"""CMU Panoptic as VoxelPose and mmpose evaluate it: AP and AR of whole poses by their mean joint distance, absolute.

Checked against mmpose 0.x, body3d_mview_direct_panoptic_dataset.
"""

import numpy as np

from duopose.evaluation.measures.nearest import first_within
from duopose.kernels.ranking import made_monotone, precision_recall

THRESHOLDS = (25, 50, 75, 100, 125, 150)  # mm
WIDE = 500  # mm, of recall and MPJPE
TINY = 1e-5  # mmpose adds it to the denominators


def ap_ar(found, total, threshold):
    """Average precision (made monotone) and the recall reached, in percent; a person counts once, if strictly below.

    >>> from duopose.evaluation.measures.nearest import Found
    >>> found = [Found(0.9, 20.0, (0, 0)), Found(0.8, 30.0, (0, 0)), Found(0.7, 90.0, (0, 1))]
    >>> [round(value, 2) for value in ap_ar(found, 2, 100)]
    [83.33, 100.0]
    """
    if not found:
        return 0.0, 0.0
    precision, recall = precision_recall(first_within(found, threshold), total, TINY)
    return 100 * float(np.sum(np.diff(recall, prepend=0) * made_monotone(precision))), 100 * float(recall[-1])


def recall(found, total, threshold=WIDE):
    """Share of people, in percent, that are the nearest of some prediction within the threshold."""
    return 100 * len({f.person for f in found if f.distance < threshold}) / total


def mpjpe(found, threshold=WIDE):
    """Mean distance, mm, of each person's first prediction within the threshold; NaN of none."""
    first = {}
    for f in found:
        if f.distance < threshold:
            first.setdefault(f.person, f.distance)
    return float(np.mean(list(first.values()))) if first else np.nan
