"""Poses moved onto others as well as rotation, translation and scale can. Plain NumPy: it is called once a frame."""

import numpy as np


def procrustes(moving, goal, scale=True, weight=None):
    """Poses, each moved onto its goal in least squares: rotation (no reflection), translation and, if wished, scale.

    moving, goal  [N, J, 3]
    weight        [N, J] of each joint, 0 = it does not count (but is moved as well); None: all alike
    ->            [N, J, 3]

    >>> goal = np.eye(4, 3)[None]
    >>> turned = 3 * goal @ [[0, 1, 0], [-1, 0, 0], [0, 0, 1]] + 5
    >>> float(abs(procrustes(turned, goal) - goal).max().round(9))
    0.0
    """
    share = np.ones(moving.shape[:-1]) if weight is None else np.asarray(weight, np.float64)
    share = (share / np.maximum(share.sum(-1, keepdims=True), 1e-12))[..., None]
    centre, middle = (share * moving).sum(-2, keepdims=True), (share * goal).sum(-2, keepdims=True)
    moved, fixed = moving - centre, goal - middle
    u, size, vt = np.linalg.svd(np.swapaxes(share * moved, -1, -2) @ fixed)
    sign = np.ones_like(size)
    sign[..., -1] = np.sign(np.linalg.det(u @ vt))
    rotated = moved @ (u * sign[..., None, :]) @ vt
    if scale:
        spread = (share * moved**2).sum((-1, -2))
        rotated *= ((size * sign).sum(-1) / np.maximum(spread, 1e-12))[..., None, None]
    return rotated + middle
