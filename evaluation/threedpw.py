"""duopose evaluate threedpw DIR [--occluded N] [--stills] [--records FOLDER] [options of duopose]:
3DPW, test split.

DIR as training/datasets/threedpw.py shows it. Everyone labelled whose camera is valid, in every
frame:

  test      all of them
  occluded  the 3,000 (--occluded) whom others overlap most: the paper's subset. Its detector is not
            named; here the IoU is that of the person's box (around all labelled joints) with the
            boxes of others: found ones, and the other labelled person's. `iou`: the smallest of the
            subset (0.26 in the paper)
  drop      occluded minus test: what the paper's Table 6 calls delta

12 joints, those that SMPL and we both have: shoulders, elbows, wrists, hips, knees, ankles, root
between the hips. The usual 14 (with neck and head top, regressed from the SMPL mesh) need the body
model, and the paper's joint adaptation, trained on 3DPW, is not applied: the level of the errors is
not comparable with papers on meshes, the drop is. mpjpe, pa_mpjpe (rotation, translation, scale):
mm, over those found (`recall`, %); pck, pck_abs: % within 150 mm, missed people wrong at every
joint; depth: median error of the root's, %.
"""

import numpy as np

from duopose.evaluation.measures import honest
from duopose.evaluation.runs import records, sequences
from duopose.evaluation.runs.tables import report
from duopose.kernels.boxes import iou_matrix
from duopose.stream.skeleton import BODY_HIPS, PELVIS
from duopose.training.datasets.reading.sample import SEEN, boxes_around, placed
from duopose.training.datasets.threedpw import JOINTS, ThreeDpw

SUBSET = 3000  # people, paper, supplement 3
COMMON = sequences.named(
    *(
        f"{side}_{joint}"
        for side in ("left", "right")
        for joint in ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
    )
)


def at_hips(pose):
    """BODY17 [..., 17, 3] with the root between the hips, as SMPL's and ours agree."""
    out = pose.copy()
    out[..., PELVIS, :] = out[..., BODY_HIPS, :].mean(-2)
    return out


def overlaps(boxes, found, match):
    """How much others overlap each labelled person: the largest IoU of its box [P, 4] with another person's.

    found  [Q, 4] boxes of the people found;  match  [P] whom of them each labelled person is, -1 = nobody
    """
    boxes, found = (np.ascontiguousarray(array, np.float32).reshape(-1, 4) for array in (boxes, found))
    labelled, others = iou_matrix(boxes, boxes).copy(), iou_matrix(boxes, found).copy()
    np.fill_diagonal(labelled, 0)
    met = np.flatnonzero(match >= 0)
    others[met, match[met]] = 0
    return np.concatenate([labelled, others], 1).max(1, initial=0)


def judge(people, found, size, camera):
    """Labelled people of one picture -> list of `honest.Pair`, and their overlaps [P]."""
    joints, pixels = at_hips(JOINTS.body(people.joints)), JOINTS.body(people.pixels)
    scored = np.zeros(joints.shape[:2], bool)
    scored[:, COMMON] = True
    shown = np.where((scored & sequences.within(pixels, size))[..., None], pixels, np.nan)
    found = found._replace(poses={row: at_hips(pose) for row, pose in found.poses.items()})
    met = sequences.pairs(joints, shown, scored, joints[:, PELVIS], found, camera)
    boxes = boxes_around(placed(people.pixels, SEEN, size), size)
    return met, overlaps(boxes, found.boxes, honest.match(shown, sequences.seen(found, camera)))


def figures(pairs, ious, count):
    """Pairs with their overlaps -> rows of the table."""
    order = np.argsort(-np.array(ious), kind="stable")[:count]
    rows = {}
    for row in records.ROWS:
        test, subset = honest.figures(pairs, row), honest.figures([pairs[index] for index in order], row)
        rows[f"test: {row}"] = test
        rows[f"occluded: {row}"] = subset | {"iou": float(ious[order[-1]]) if len(order) else np.nan}
        rows[f"drop: {row}"] = {name: subset[name] - test[name] for name in ("mpjpe", "pa_mpjpe", "pck", "pck_abs")}
    return rows


def main(argv):
    parser = sequences.options(__doc__)
    parser.add_argument(
        "--occluded", type=int, default=SUBSET, metavar="N", help="people of the subset (default: 3000)"
    )
    chosen, live = parser.parse_known_args(argv)
    loader = ThreeDpw(chosen.folder, "test")
    pairs, ious = [], []
    for _, judged in sequences.runs(loader, lambda index: True, chosen, live):
        for index, found in judged:
            sample = loader[index]
            met, overlap = judge(loader.people(index), found, sample.size, sample.camera)
            pairs += met
            ious += overlap.tolist()
    report(figures(pairs, ious, chosen.occluded))
