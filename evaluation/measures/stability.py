"""How still a clip's poses are held: tremble from frame to frame, and bones that change their length."""

import numpy as np

from duopose.stream.skeleton import (
    BODY_BONES,
    L_ANKLE,
    L_ELBOW,
    L_KNEE,
    L_WRIST,
    R_ANKLE,
    R_ELBOW,
    R_KNEE,
    R_WRIST,
)  # fmt: skip

LIMBS = [L_ELBOW, R_ELBOW, L_WRIST, R_WRIST, L_KNEE, R_KNEE, L_ANKLE, R_ANKLE]
TRACK = 10  # poses that a track needs: of fewer the standard deviation is a guess


def second_differences(numbers, poses, known):
    """|x(t - 1) - 2 x(t) + x(t + 1)| of elbows, wrists, knees and ankles of one person.

    numbers  int [T]      of the frames in their clip, growing
    poses    [T, 17, 3]   metres, camera frame
    known    bool [T, 17] which joints count
    ->       [K] m a frame squared: each joint at each moment, where the three frames follow each other in the clip and
             the joint is known in all three

    Walking evenly is no tremble, a jump of 3 cm and back is: 3, 6 and 3 cm.

    >>> poses = np.zeros((5, 17, 3)); poses[:, :, 0] = 0.05 * np.arange(5)[:, None]; poses[2, R_WRIST, 1] = 0.03
    >>> known = np.zeros((5, 17), bool); known[:, R_WRIST] = True
    >>> second_differences(np.arange(5), poses, known).round(6).tolist()
    [0.03, 0.06, 0.03]
    >>> second_differences(2 * np.arange(5), poses, known).tolist()
    []
    """
    numbers = np.asarray(numbers)
    follow = (np.diff(numbers)[:-1] == 1) & (np.diff(numbers)[1:] == 1)
    counts = (known[:-2] & known[1:-1] & known[2:])[follow][:, LIMBS]
    moves = np.linalg.norm(poses[:-2] - 2 * poses[1:-1] + poses[2:], axis=-1)[follow][:, LIMBS]
    return moves[counts]


def bone_spread(poses):
    """Standard deviation of each bone's length over a track, in % of its mean: the mean over the bones.

    poses  [T, 17, 3];  ->  NaN for less than TRACK poses

    >>> rigid = np.random.default_rng(0).normal(size=(1, 17, 3)) + np.zeros((10, 1, 1))
    >>> grown = rigid * np.where(np.arange(10) % 2, 1.1, 0.9)[:, None, None]
    >>> [round(bone_spread(poses), 6) for poses in (rigid, grown, rigid[:9])]
    [0.0, 10.0, nan]
    """
    if len(poses) < TRACK:
        return float("nan")
    lengths = np.stack([np.linalg.norm(poses[:, a] - poses[:, b], axis=-1) for a, b in BODY_BONES], 1)
    return 100 * float((lengths.std(0) / lengths.mean(0)).mean())
