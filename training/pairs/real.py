"""What both branches really said of the same people (`duopose train branch_pairs`)."""

import numpy as np

from duopose.networks.mirroring import mirror_joints
from duopose.stream.skeleton import BODY_MIRROR, PELVIS
from duopose.training.datasets.reading.errors import reading
from duopose.training.mocap import bodies


def held_out_runs(run):
    """Which people judge, by the pictures or clips that they are from: int [N] -> bool [N]"""
    return run % 10 == 0


class RealPairs:
    """Real answers of both branches (`training.branch_pairs`), one picture or clip in ten held out.

    The truth is where annotators would put joints, not the renderer's bone heads: so do both branches.

    Which branch puts people farther away, in the median, depends on who is in the pictures: lifting takes everybody for
    an adult, and among the rendered there are children. Real people differ from both. So each branch's median is taken
    out, file by file, and what remains teaches whom to believe, not that everybody stands nearer than a branch says.
    """

    names = ("top", "top_confidence", "bottom", "bottom_confidence", "truth")

    def __init__(self, paths, held_out=False):
        arrays = {name: [] for name in self.names}
        for path in paths:
            with reading(path, "branch pairs"), np.load(path) as file:
                data = {name: file[name] for name in self.names}
                chosen = held_out_runs(file["run"]) == held_out
                for name in ("top", "bottom"):
                    data[name] = unbiased(data[name], data["truth"])
                for name in self.names:
                    arrays[name].append(data[name][chosen])
        *self.pairs, truth = (np.concatenate(arrays[name]) for name in self.names)
        self.truth = bodies.as_annotated(truth[:, None], np.random.default_rng(0))[:, 0]

    def draw(self, people, rng):
        """So many people: half of them in a mirror, all a little larger or smaller than they are, and so farther or
        nearer."""
        pick = rng.integers(len(self.truth), size=people)
        top, top_confidence, bottom, bottom_confidence = (array[pick] for array in self.pairs)
        flip = rng.random(people) < 0.5
        scale = np.exp(rng.normal(0, 0.08, (people, 1, 1))).astype(np.float32)
        poses = [
            scale * np.where(flip[:, None, None], mirror_joints(pose), pose) for pose in (top, bottom, self.truth[pick])
        ]
        sure = [np.where(flip[:, None], c[:, BODY_MIRROR], c) for c in (top_confidence, bottom_confidence)]
        top, bottom, truth = poses
        return top, sure[0], bottom, sure[1], truth


def unbiased(poses, truth):
    """Poses [P, 17, 3] of a branch, NaN = none, moved along their rays and scaled by one factor for all, such that the
    median of log(Z / true Z) of the roots is 0."""
    depth, true_depth = poses[:, PELVIS, 2], truth[:, PELVIS, 2]
    seen = depth > 0  # not NaN
    if not seen.any():
        return poses
    return (poses / np.median(depth[seen] / true_depth[seen])).astype(np.float32)
