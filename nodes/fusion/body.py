"""A body that stays itself: bones of one length, no trembling, joints where the picture shows them.

Of each person the length of every bone is learned and the motion is followed. `fit_body` (kernels/reprojection.py) then
fits the body to the networks' pose, to the joints in the picture, to these lengths and to where the motion leads, all
at once. A bone of the pose counts as much as the networks are sure of it, for the fit and for its length: what is
hidden is a guess.
"""

import numpy as np

from duopose.kernels.reprojection import fit_body, fit_depth
from duopose.nodes.fusion.motion import Motion
from duopose.nodes.placement import relative
from duopose.stream.settings import SMOOTH
from duopose.stream.skeleton import BODY_MIRROR, BODY_PARENTS, PELVIS

FORGET = 1.5  # s out of sight until a person starts again, as in steady.py
LEARNED = 300  # frames after which what was seen counts a third: a length can still follow after ten seconds
SURPRISE = 0.15  # of the log of a length: a frame that says more counts as this much
SHORTEST = 0.02  # m: as short as a bone is ever taken to be
# Along one axis an error in space of normal distribution has this share of the radius within which 68 % lie.
ONE_AXIS = 0.535
SUREST, USUAL = 0.01, 0.045  # m, of a bone's end along one axis: at least; where nobody says
DISTANCE = 0.03  # of the distance, as a share of it, where the person's size agrees
# Of the log of the distance: one that contradicts the person's size by twice as much counts a twenty-fifth. Who is
# nearer than anybody whom the networks learned from, or cut off by the picture, is put too far away, at a true size.
CONTRADICTION = 0.1
_FROM = np.maximum(BODY_PARENTS, 0)


class Person:
    """What is known of one person's body. `stamp`: s, media time, when seen last."""

    def __init__(self):
        self.stamp = None
        self.log_lengths = np.zeros(17)
        self.sure = np.zeros(17)  # weight of what the lengths were learned from; 0 = nothing yet
        self.motion = Motion()

    def learn_lengths(self, pose, doubt):
        """Lengths [17] in metres after one more pose [17, 3], doubted as much. Left and right of a person are alike."""
        log_lengths = np.log(np.linalg.norm(pose - pose[_FROM], axis=-1).clip(SHORTEST))
        sure = doubt.astype(float) ** -2
        both = sure + sure[BODY_MIRROR]
        log_lengths = (sure * log_lengths + sure[BODY_MIRROR] * log_lengths[BODY_MIRROR]) / both
        surprise = log_lengths - self.log_lengths
        if self.sure.any():
            surprise = surprise.clip(-SURPRISE, SURPRISE)
        self.sure = (1 - 1 / LEARNED) * self.sure + both
        self.log_lengths += both / self.sure * surprise
        return np.exp(self.log_lengths)


def contradiction(joints, rays, confidence):
    """Log of the distance at which poses fit over the picture, over their own; 0 where nobody can tell -> [N].

    Takes what `placement.adjust_depth` does.
    """
    pose, depth, weight = relative(joints, confidence)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.nan_to_num(np.log(fit_depth(pose, rays, weight) / depth), posinf=0.0, neginf=0.0)


class Bodies:
    """The bodies of everyone in the scene. Knows nothing of sockets.

    smooth  0 (the motion counts nothing) to 1
    """

    def __init__(self, smooth=SMOOTH):
        self.smooth = smooth
        self.people = {}  # identity -> Person

    def step(self, ids, joints, joint_sd, rays, confidence, stamp):
        """Poses of one frame -> the same people, each in the body that is theirs.

        ids         int [N]             identities
        joints      float32 [N, 17, 3]  BODY17, metres, camera frame
        joint_sd    float32 [N, 17]     metres, see `integration.Fused`; NaN = nobody says
        rays        float32 [N, 17, 2]  x / z, y / z of the joints in the picture
        confidence  float32 [N, 17]     of these; 0 = not found
        stamp       s, media time
        ->          float32 [N, 17, 3]
        """
        confidence = np.ascontiguousarray(confidence, np.float32)
        doubt = np.where(np.isfinite(joint_sd), ONE_AXIS * joint_sd, USUAL).clip(SUREST).astype(np.float32)
        doubt[:, PELVIS] = DISTANCE * (1 + (contradiction(joints, rays, confidence) / CONTRADICTION) ** 2)
        lengths = np.empty(joints.shape[:2], np.float32)
        predicted, trust = joints.astype(float), np.zeros(joints.shape[:2])
        for index, identity in enumerate(ids.tolist()):
            person = self.people.get(identity)
            if person is None or not 0 < stamp - person.stamp <= FORGET:
                person = self.people[identity] = Person()
            lengths[index] = person.learn_lengths(joints[index], doubt[index])
            if self.smooth > 0 and person.stamp is not None:
                passed = stamp - person.stamp
                predicted[index], trust[index] = person.motion.predict(joints[index], passed, self.smooth)
            person.stamp = stamp
        fitted = fit_body(joints, doubt, rays, confidence, lengths, predicted, trust)
        for index, identity in enumerate(ids.tolist()):
            self.people[identity].motion.update(fitted[index])
        self.people = {key: person for key, person in self.people.items() if abs(stamp - person.stamp) <= FORGET}
        return fitted
