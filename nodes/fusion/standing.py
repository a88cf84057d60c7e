"""Who stands: on a straight leg below a straight hip; and where, step by step."""

from collections import deque

import numpy as np

from duopose.stream.skeleton import L_ANKLE, L_HIP, L_KNEE, PELVIS, R_ANKLE, R_HIP, R_KNEE, THORAX

SOLE = 0.09  # m, of an ankle over the floor
STRAIGHT = np.radians(35)  # bend of the straighter leg and of its hip, up to which somebody stands
LEGS = ((R_HIP, R_KNEE, R_ANKLE), (L_HIP, L_KNEE, L_ANKLE))


def stands(joints, measured, bend):
    """Who is seen from the ankles to the hips and stands -> bool [N].

    joints    [N, 17, 3]  BODY17, metres
    measured  [N, 17]     scores of the measured joints; 0 = not found
    bend      radians, of the straighter leg and of its hip, up to which somebody stands
    """
    straight = [
        np.minimum(cosine(joints, hip, knee, ankle), cosine(joints, THORAX, PELVIS, knee)) for hip, knee, ankle in LEGS
    ]
    return (measured[:, np.ravel(LEGS)] > 0).all(1) & (np.maximum(*straight) >= np.cos(bend))


def cosine(joints, a, b, c):
    """Of the bend at joint b between a and c: 1 = none -> [N]"""
    first, second = joints[:, b] - joints[:, a], joints[:, c] - joints[:, b]
    size = np.linalg.norm(first, axis=1) * np.linalg.norm(second, axis=1)
    return (first * second).sum(1) / np.maximum(size, 1e-9)


class Steps:
    """Where everybody who stands has their lower foot, and which way they stand: means over some time each.

    step    s that are one observation
    memory  observations that are kept, at most
    """

    def __init__(self, step, memory):
        self.step = step
        self.seen = deque(maxlen=memory)  # (identity, foot [3], direction [3]) of each step that is over
        self.begun = {}  # (identity, number of the step) -> [sum of feet, of directions, count]

    def watch(self, stamp, ids, joints, measured):
        """Add the people of a frame who stand to their steps, and keep those that are over -> whether any is."""
        now, news = int(stamp // self.step), False
        for index in np.flatnonzero(stands(joints, measured, STRAIGHT)):
            feet = joints[index, [R_ANKLE, L_ANKLE]].astype(float)
            up = joints[index, THORAX] - feet.mean(0)
            kept = self.begun.setdefault((int(ids[index]), now), [np.zeros(3), np.zeros(3), 0])
            kept[0] += feet[feet[:, 1].argmax()]
            kept[1] += up / np.linalg.norm(up)
            kept[2] += 1
        for key in [key for key in self.begun if key[1] != now]:
            feet, up, count = self.begun.pop(key)
            if count >= 3:
                self.seen.append((key[0], feet / count, up / np.linalg.norm(up)))
                news = True
        return news
