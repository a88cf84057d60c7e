"""AP of the root (AP_root_25): how well people are placed in the room, false ones included.

Checked against 3DMPPE_ROOTNET_RELEASE, including that its sum leaves out the first prediction's own step of recall.
"""

import numpy as np

from duopose.evaluation.measures.nearest import first_within, nearest_people
from duopose.kernels.ranking import precision_recall


def ap_root(frames, threshold=250.0):
    """Average precision of root positions, in percent.

    frames     (truth [P, 3], predicted [Q, 3], scores [Q]) of each picture, mm; pictures without true people are left
               out
    threshold  mm, strictly below

    A prediction is tried on the nearest true root of its picture only, taken or not.

    >>> truth = np.array([[0, 0, 4000], [1000, 0, 5000]])
    >>> predicted = np.array([[0, 0, 4100], [0, 120, 4000], [1000, 0, 5240]])
    >>> round(float(ap_root([(truth, predicted, np.array([0.9, 0.8, 0.6]))])), 3)
    33.333
    """
    found, total = nearest_people(
        (truth[:, None], predicted[:, None], scores, None) for truth, predicted, scores in frames
    )
    precision, recall = precision_recall(first_within(found, threshold), max(total, 1))
    return 100 * float(np.sum(precision[1:] * np.diff(recall)))
