"""Batches for the semi-supervised training: people whose truth is known, and people nobody measured."""

import numpy as np
import torch

from duopose.networks import normalisation
from duopose.networks.normalisation import facing
from duopose.networks.pairs import describe
from duopose.stream.skeleton import HEAD_TOP, L_HIP, NOSE, PELVIS, R_HIP, SPINE, THORAX
from duopose.training.pairs.batches import augmented
from duopose.training.unlabelled.consistency import in_virtual_camera

BATCH = 256  # unlabelled people a step, and as many turned ones
# Joints that annotators of pictures and motion capture mean at different places; the reprojection error leaves them
# out.
ELSEWHERE = [PELVIS, R_HIP, L_HIP, SPINE, THORAX, NOSE, HEAD_TOP]


class Batches:
    """What the steps learn from. labelled, unlabelled as `task` takes them; turned: Turned or None; real: Adversary's,
    or None."""

    def __init__(self, labelled, unlabelled, turned=None, real=None):
        self.labelled, self.unlabelled, self.turned, self.real = labelled, unlabelled, turned, real
        self.limbs = unlabelled.confidence.copy()
        self.limbs[:, ELSEWHERE] = 0
        self.size = np.exp(normalisation.normalise(unlabelled.rays, unlabelled.confidence)[1][:, 2])

    def draw(self, rng):
        """One step's batch: dict of tensors; those that `labelled` gives, and of P unlabelled people:

        seen [P, FEATURES], depth [P] and facing [P, 3, 3]: what the network is given, and the virtual camera of its
        answer
        rays [P, 17, 2], limbs [P, 17], size [P]: what reprojection_error compares with;  paired bool [BATCH]: see
                                                                                          `people`
        turned [P, FEATURES], turned_joints [P, 17, 3]; real_a, real_b [BATCH / 2, 17, 3]: where these terms count
        """
        labelled = self.labelled(rng)
        people, paired = self.people(rng)
        features, reference = describe(*noisy(self.unlabelled, people, rng))
        arrays = {
            "seen": features, "depth": reference.depth, "facing": facing(reference.direction), "paired": paired,
            "rays": in_virtual_camera(self.unlabelled.rays[people], reference.direction),
            "limbs": self.limbs[people], "size": self.size[people],
        }  # fmt: skip
        if self.turned:
            arrays["turned"], arrays["turned_joints"] = self.turned.draw(people, rng)
        if self.real:
            arrays["real_a"], arrays["real_b"] = self.real(rng, BATCH // 2)
        return labelled | {name: torch.from_numpy(np.ascontiguousarray(array)) for name, array in arrays.items()}

    def people(self, rng):
        """Indices of BATCH people and, after them, of their partners; bool [BATCH]: who has one."""
        people = rng.integers(len(self.unlabelled.top), size=BATCH)
        paired = self.unlabelled.partner[people] >= 0
        return np.concatenate([people, self.unlabelled.partner[people][paired]]), paired


def noisy(unlabelled, people, rng):
    """Both branches' poses of `people`, as pairs.describe takes them, with the augmentations of the supervised
    training: the student sees less than its teacher did. Who would lose the only pose keeps it."""
    whole = [array[people] for array in unlabelled[:4]]
    pair = augmented(*whole, rng)
    lost = np.isnan(pair[0]).any((1, 2)) & np.isnan(pair[2]).any((1, 2))
    return [
        np.where(lost.reshape(-1, *[1] * (old.ndim - 1)), old, new).astype(np.float32)
        for old, new in zip(whole, pair, strict=True)
    ]
