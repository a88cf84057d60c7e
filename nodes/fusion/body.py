"""A body that stays itself: bones of one length, no trembling, joints where the picture shows them.

Of each person the length of every bone is learned and the motion is followed. `fit_body` (kernels/reprojection.py) then
fits the body to the networks' pose, to the joints in the picture, to these lengths and to where the motion leads, all
at once.
"""

import numpy as np

from duopose.kernels.reprojection import fit_body
from duopose.nodes.fusion.motion import Motion
from duopose.stream.settings import SMOOTH
from duopose.stream.skeleton import BODY_MIRROR, BODY_PARENTS

FORGET = 1.5  # s out of sight until a person starts again, as in steady.py
LEARNED = 300  # frames that a length is the mean of, at most: it can still follow after the first ten seconds
SURPRISE = 0.15  # of the log of a length: a frame that says more counts as this much
SHORTEST = 0.02  # m: as short as a bone is ever taken to be
_FROM = np.maximum(BODY_PARENTS, 0)


class Person:
    """What is known of one person's body. `stamp`: s, media time, when seen last."""

    def __init__(self):
        self.stamp = None
        self.log_lengths = np.zeros(17)
        self.frames = 0  # that the lengths were learned from
        self.motion = Motion()

    def learn_lengths(self, pose):
        """Lengths [17] in metres after one more pose [17, 3]. Left and right of a person are alike."""
        log_lengths = np.log(np.linalg.norm(pose - pose[_FROM], axis=-1).clip(SHORTEST))
        log_lengths = (log_lengths + log_lengths[BODY_MIRROR]) / 2
        surprise = log_lengths - self.log_lengths
        if self.frames:
            surprise = surprise.clip(-SURPRISE, SURPRISE)
        self.frames = min(self.frames + 1, LEARNED)
        self.log_lengths += surprise / self.frames
        return np.exp(self.log_lengths)


class Bodies:
    """The bodies of everyone in the scene. Knows nothing of sockets.

    smooth  0 (the motion counts nothing) to 1
    """

    def __init__(self, smooth=SMOOTH):
        self.smooth = smooth
        self.people = {}  # identity -> Person

    def step(self, ids, joints, rays, confidence, stamp):
        """Poses of one frame -> the same people, each in the body that is theirs.

        ids         int [N]             identities
        joints      float32 [N, 17, 3]  BODY17, metres, camera frame
        rays        float32 [N, 17, 2]  x / z, y / z of the joints in the picture
        confidence  float32 [N, 17]     of these; 0 = not found
        stamp       s, media time
        ->          float32 [N, 17, 3]
        """
        lengths = np.empty(joints.shape[:2], np.float32)
        predicted, trust = joints.astype(float), np.zeros(joints.shape[:2])
        for index, identity in enumerate(ids.tolist()):
            person = self.people.get(identity)
            if person is None or not 0 < stamp - person.stamp <= FORGET:
                person = self.people[identity] = Person()
            lengths[index] = person.learn_lengths(joints[index])
            if self.smooth > 0 and person.stamp is not None:
                passed = stamp - person.stamp
                predicted[index], trust[index] = person.motion.predict(joints[index], passed, self.smooth)
            person.stamp = stamp
        confidence = np.ascontiguousarray(confidence, np.float32)
        fitted = fit_body(joints, rays, confidence, lengths, predicted, trust)
        for index, identity in enumerate(ids.tolist()):
            self.people[identity].motion.update(fitted[index])
        self.people = {key: person for key, person in self.people.items() if abs(stamp - person.stamp) <= FORGET}
        return fitted
