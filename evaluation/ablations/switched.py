"""The paper's ideas switched off, one by one, or replaced by what its ablation compares them with (section 4, Table
1)."""

import numpy as np

from duopose.kernels.peaks import find_peaks, refine
from duopose.networks.normalisation import POSE
from duopose.nodes.decoding import CENTRE, MIN_JOINTS, PEAK_MISSING, STRIDE
from duopose.nodes.fusion.integration import unsure
from duopose.nodes.top_down import crops
from duopose.nodes.top_down.top_down import TopDown
from duopose.stream.messages import Poses, empty
from duopose.stream.skeleton import PELVIS

UNSURE = 1e-3  # what a joint counts that neither branch has measured


class OnePerson(TopDown):
    """Top-down without multi-person handling: a box is a person, and the highest point of each heatmap is that person's
    joint.

    Poses that coincide are one person here too, as top-down estimators usually have it.
    """

    def find_people(self, image, boxes, **_):
        people, whose = crops.detect_in_crops(self.network, image, boxes, read=maxima)
        found = (people[..., 2] > 0).sum(1) >= MIN_JOINTS
        return crops.merge_people(people[found], whose[found], boxes)


def maxima(heatmaps, tags, boxes):
    """The one person of a crop, whatever the tags say: called and answers as `nodes.decoding.decode`."""
    values, cells, count = find_peaks(heatmaps, PEAK_MISSING, 1)
    places = refine(heatmaps, cells, count)[:, 0] * STRIDE + CENTRE
    return np.where(values > 0, np.concatenate([places, values], 1), 0)[None].astype(np.float32)


class NoBottomUp:
    """Stands where the bottom-up branch stands and finds nobody: fusion gets the top-down pose alone."""

    def step(self, image, people):
        return empty(Poses, people.frame)


class GcnPose:
    """Stands where the joint TCN stands and answers what the GCN made of the newest frame."""

    def __init__(self, joint_tcn):
        self.arguments = joint_tcn.arguments

    def __call__(self, windows):
        newest = windows[:, -1, POSE].reshape(-1, 1, 17, 3)
        return (np.repeat(newest, len(self.arguments["lookaheads"]), axis=1),)


def in_order(top, bottom):
    """Without pose matching: the surest of one branch with the surest of the other, and so on."""
    return list(zip(range(len(top.ids)), range(len(bottom.ids)), strict=False))


def nearest(top, bottom):
    """Without pose matching: everyone with whom of the other branch is nearest in the picture and not taken yet."""
    middles = [poses.boxes[:, :2] + poses.boxes[:, 2:] / 2 for poses in (top, bottom)]
    pairs, free = [], set(range(len(bottom.ids)))
    for person, middle in enumerate(middles[0]):
        if free:
            pairs.append((person, min(free, key=lambda other: float(np.linalg.norm(middles[1][other] - middle)))))
            free.remove(pairs[-1][1])
    return pairs


# What may stand where the integration network stands, called as nodes.fusion.integration.Integration.step: top-down
# poses [N, 17, 3], confidences [N, 17], bottom-up poses, confidences -> nodes.fusion.integration.Fused


def hard(top, top_confidence, bottom, bottom_confidence):
    """The paper's hard combination: the top-down pose, at the bottom-up branch's depth of the root."""
    root = top[:, PELVIS : PELVIS + 1]
    return one_or_both(top, bottom, top + root * (bottom[:, PELVIS : PELVIS + 1, 2:] / root[..., 2:] - 1))


def surer(top, top_confidence, bottom, bottom_confidence):
    """Each joint from the branch that is surer of it."""
    return one_or_both(top, bottom, np.where((top_confidence >= bottom_confidence)[..., None], top, bottom))


def linear(top, top_confidence, bottom, bottom_confidence):
    """The paper's linear combination: each joint, relative to the root, and the root weighted by the confidences."""
    weight = top_confidence[..., None] + UNSURE
    weight = weight / (weight + bottom_confidence[..., None] + UNSURE)
    roots = top[:, PELVIS : PELVIS + 1], bottom[:, PELVIS : PELVIS + 1]
    share = weight[:, PELVIS : PELVIS + 1]
    relative = weight * (top - roots[0]) + (1 - weight) * (bottom - roots[1])
    return one_or_both(top, bottom, relative + share * roots[0] + (1 - share) * roots[1])


def one_or_both(top, bottom, fused):
    """`fused` [N, 17, 3] where both branches have a pose, else the one there is."""
    alone = np.where(np.isfinite(top), top, bottom)
    both = np.isfinite(top).all((1, 2)) & np.isfinite(bottom).all((1, 2))
    return unsure(np.where(both[:, None, None], fused, alone).astype(np.float32))
