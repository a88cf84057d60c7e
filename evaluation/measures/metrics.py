"""Errors of 3D poses whose counterparts are known: of each joint, aligned or not, PCK, AUC, MRPE.

Checked against open-mmlab/mmpose (branch 0.x, keypoint_mpjpe, keypoint_3d_pck, keypoint_3d_auc) and
3DMPPE_ROOTNET_RELEASE (rigid alignment). N poses, J joints; any unit of length, the same in both poses. Nothing here
subtracts a root by itself.
"""

import numpy as np

from duopose.kernels.procrustes import procrustes


def rigid(predicted, truth):
    """`procrustes` without scale (Human3.6M "protocol 1" of 3DMPPE)."""
    return procrustes(predicted, truth, scale=False)


def rooted(poses, root):
    """Poses [..., J, 3] relative to their joint number `root`."""
    return poses - poses[..., root : root + 1, :]


def joint_errors(predicted, truth, align=None):
    """Distance of each joint, after `align` (`procrustes`, `rigid`, ...) if given. [N, J, 3] twice -> [N, J]

    Their mean is the MPJPE:

    >>> truth = np.array([[[0, 0, 0], [0, 0.5, 0], [0.3, 0, 0], [0, 0, 0.4]]])
    >>> found = np.array([[[0, 0, 0], [0.02, 0.55, 0.01], [0.33, 0.01, 0], [0, 0.05, 0.45]]])
    >>> [round(1000 * float(joint_errors(found, truth, align).mean()), 3) for align in (None, procrustes, rigid)]
    [39.276, 15.966, 30.588]
    """
    if align is not None:
        predicted = align(predicted, truth)
    return np.linalg.norm(predicted - truth, axis=-1)


def pck(errors, threshold):
    """Share of errors strictly below the threshold, in percent.

    >>> round(float(pck(np.array([0, 40, 120, 149.9, 150, 400]), 150)), 3)
    66.667
    """
    return 100 * np.mean(errors < threshold)


def auc(errors, thresholds):
    """Mean of `pck` over the thresholds.

    >>> errors = np.array([0, 40, 120, 149.9, 150, 400])
    >>> round(float(auc(errors, np.arange(0, 151, 5))), 3), round(float(auc(errors, np.arange(0, 200, 5))), 3)
    (31.72, 43.333)
    """
    return np.mean([pck(errors, threshold) for threshold in thresholds])


def mrpe(predicted, truth):
    """Roots [N, 3] -> mean distance, and the means of its absolute x, y and z parts.

    >>> predicted, truth = np.array([[30, 0, 4040], [100, 50, 2880.0]]), np.array([[0, 0, 4000], [100, 50, 3000]])
    >>> [float(v) for v in mrpe(predicted, truth)]
    [85.0, 15.0, 0.0, 80.0]
    """
    return np.linalg.norm(predicted - truth, axis=-1).mean(), *np.abs(predicted - truth).mean(0)
