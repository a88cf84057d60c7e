"""JTA: precision, recall and F1 of joints in space, as LoCO (fabbrimatteo/LoCO) counts them. Metres.

It is no optimal assignment: a true joint whose nearest prediction is nearer to another one is a miss, even if a second
prediction lies in reach.
"""

import numpy as np


def joint_f1(truth, truth_types, predicted, predicted_types, threshold):
    """One picture.

    truth [G, 3], predicted [P, 3] metres; types [G], [P]: only joints of one type can meet
    threshold  m, a pair counts up to and including it
    ->         precision, recall, F1 in 0..1 (all 1 if nothing is there and nothing was found, all 0 if only one is so)

    >>> truth, types = np.array([[0, 0, 4], [1, 0, 5], [0, 0.5, 4]]), np.array([0, 0, 1])
    >>> found = np.array([[0, 0, 4.3], [0.1, 0, 4], [1, 0, 5.9], [0, 0.5, 4.5]])
    >>> [round(joint_f1(truth, types, found, np.array([0, 0, 0, 1]), t)[2], 4) for t in (0.4, 0.8, 1.2)]
    [0.2857, 0.5714, 0.8571]
    """
    if not len(truth) or not len(predicted):
        return (1.0, 1.0, 1.0) if len(truth) == len(predicted) else (0.0, 0.0, 0.0)
    distance = np.linalg.norm(truth[:, None] - predicted[None], axis=-1)
    distance[(truth_types[:, None] != predicted_types[None]) | (distance > threshold)] = np.inf
    distance = _keep_least(distance, axis=1)  # each true joint's nearest prediction
    distance = _keep_least(distance, axis=0)  # and of those, each prediction's nearest true joint
    hits = int(np.isfinite(distance).any(1).sum())
    return hits / len(predicted), hits / len(truth), 2 * hits / (len(truth) + len(predicted))


def _keep_least(distance, axis):
    """All but the smallest entry (the first of equals) along the axis become infinite."""
    out = np.full_like(distance, np.inf)
    least = np.expand_dims(distance.argmin(axis), axis)
    np.put_along_axis(out, least, np.take_along_axis(distance, least, axis), axis)
    return out
