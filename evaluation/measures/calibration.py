"""Whether errors are as large as the record says that they may be.

`depth_sd` of a person says below what 68 % of the errors of the log of the root's depth are, `joint_sd` [17] the same
of the distance of each joint from its place relative to the root, in mm.
"""

import numpy as np

from duopose.evaluation.measures.honest import mean, median, pose_of, root_of, share
from duopose.stream.skeleton import PELVIS

MISSING = "not in this record"


def figures(pairs, row):
    """Shares of errors within what is said of them, %, over those the row found; 68 would be right.

    pairs  list of `honest.Pair`
    ->     depth, depth_sd: share, and the median of what is said, %; joints, joint_sd: of the scored joints
           but the root, median in mm; MISSING where nothing is said

    >>> from duopose.evaluation.measures.honest import Met, Pair
    >>> joints = np.zeros((17, 3)); joints[:, 2] = 4; joints[1:, 0] = 0.1
    >>> def pair(further, sd):
    ...     met = Met(1, None, None, None, sd, np.full(17, 20.0))
    ...     return Pair(joints, np.arange(17) == 1, joints[0], {"fused": joints + [0, 0, further]}, met=met)
    >>> figures([pair(0.1, 0.03), pair(0.4, 0.03)], "fused")
    {'people': 2, 'depth': 50.0, 'depth_sd': 3.0, 'joints': 100.0, 'joint_sd': 20.0}
    >>> figures([pair(0.1, float("nan"))], "fused")["depth"]
    'not in this record'
    """
    depth, depth_sd, joints, joint_sd, people = [], [], [], [], 0
    for pair in pairs:
        pose = pose_of(pair, row)
        if pose is None or pair.met is None:
            continue
        people += 1
        root = root_of(pair, pose)
        if np.isfinite(pair.met.depth_sd):
            depth.append(abs(np.log(root[2] / pair.root[2])) <= pair.met.depth_sd)
            depth_sd.append(100 * pair.met.depth_sd)
        if pair.met.joint_sd is not None and np.isfinite(pair.met.joint_sd).all():
            counts = pair.scored & (np.arange(17) != PELVIS)
            errors = 1000 * np.linalg.norm((pose - root) - (pair.joints - pair.root), axis=-1)[counts]
            joints.append(errors <= pair.met.joint_sd[counts])
            joint_sd += pair.met.joint_sd[counts].tolist()
    out = {"people": people, "depth": MISSING, "depth_sd": MISSING, "joints": MISSING, "joint_sd": MISSING}
    if depth:
        out |= {"depth": share(sum(depth), len(depth)), "depth_sd": median(depth_sd)}
    if joints:
        out |= {"joints": 100 * mean(joints), "joint_sd": median(joint_sd)}
    return out
