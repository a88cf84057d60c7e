"""AP of the root (AP_root_25): how well people are placed in the room, false ones included.

Checked against 3DMPPE_ROOTNET_RELEASE, including that its sum leaves out the first prediction's own step of recall.
"""

import numpy as np


def ap_root(frames, threshold=250.0):
    """Average precision of root positions, in percent.

    frames     (truth [P, 3], predicted [Q, 3], scores [Q]) of each picture, mm; pictures without true people are left out
    threshold  mm, strictly below

    A prediction is tried on the nearest true root of its picture only, taken or not.

    >>> truth = np.array([[0, 0, 4000], [1000, 0, 5000]])
    >>> predicted = np.array([[0, 0, 4100], [0, 120, 4000], [1000, 0, 5240]])
    >>> round(float(ap_root([(truth, predicted, np.array([0.9, 0.8, 0.6]))])), 3)
    33.333
    """
    frames = [frame for frame in frames if len(frame[0])]
    total = sum(len(truth) for truth, _, _ in frames)
    pool = [
        (score, number, position)
        for number, (_, predicted, scores) in enumerate(frames)
        for position, score in zip(predicted, scores, strict=True)
    ]
    pool.sort(key=lambda entry: -entry[0])  # stable
    taken, hits = set(), []
    for _, number, position in pool:
        distance = np.linalg.norm(frames[number][0] - position, axis=-1)
        person = (number, int(distance.argmin()))
        hits.append(distance.min() < threshold and person not in taken)
        if hits[-1]:
            taken.add(person)
    right = np.cumsum(hits)
    precision, recall = right / np.arange(1, len(hits) + 1), right / max(total, 1)
    return 100 * float(np.sum(precision[1:] * np.diff(recall)))
