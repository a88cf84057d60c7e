"""duopose evaluate people2d FOLDER [--movenet FOLDER] [--one-look STEP] [--records FOLDER] [options of
duopose]: 2D poses on photographs.

FOLDER holds `labels_val.json` ("people-v1") and the pictures. They run through the live nodes with
--stills, which look several times at each; with --one-look as a live run looks at a frame that it
has little time for. Rows:

  human             people with human labels; other labelled people and ignored areas excuse a
                    prediction
  human, complete   the same where every person is labelled or boxed (`ignore_known` is not false):
                    elsewhere a prediction that meets an unlabelled person counts as wrong
  human, 2 or more  the same on pictures with two or more human-labelled people
  network           people labelled by networks: shows breakage, not quality, as a network agrees
                    with its own teacher

Columns: people; `ap`, `ar`, `ap50`, `ap75` of OKS as COCO; `found`: share with a box at IoU 0.5 of
those over 64 px (larger side); `pck`: joints within 0.2 torso (the longer shoulder - hip diagonal)
over people met at OKS > 0.1, a joint that was not found being wrong; `pck_found`: the same over the
people of `found`. Row `all`: `precision` of boxes at IoU 0.5, and `false`: people an image that
meet nobody and no ignored area, both on the complete pictures. With --movenet each row is followed
by MoveNet's (evaluation/baselines/movenet.py) on the same pictures.
"""

import json
import tempfile
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from duopose.evaluation.baselines import movenet
from duopose.evaluation.measures import coco
from duopose.evaluation.runs import one_look, records
from duopose.evaluation.runs.tables import report
from duopose.kernels.assignment import assign
from duopose.kernels.boxes import cover_matrix, iou_matrix
from duopose.kernels.oks import coco_oks
from duopose.stream.arguments import Parser, existing
from duopose.stream.errors import UsageError
from duopose.stream.skeleton import COCO17
from duopose.training.datasets.reading.errors import reading

LABELLED = 0.25  # confidence below which a label counts as unknown
TALL = 64  # px, larger side of the people that must be found
SAME_BOX = 0.5  # IoU
MET = 0.1  # OKS
COVERED = 0.5  # share of a predicted box in ignored areas that excuses it
WITHIN = 0.2  # of the torso
DIAGONALS = [
    (COCO17.index(a), COCO17.index(b)) for a, b in (("left_shoulder", "right_hip"), ("right_shoulder", "left_hip"))
]


class Labels(NamedTuple):
    """One picture's labels; G people."""

    file: str
    human: np.ndarray  # bool [G]
    boxes: np.ndarray  # [G, 4]
    joints: np.ndarray  # [G, 17, 3], score 0 = unknown
    ignore: np.ndarray  # [I, 4]
    complete: bool  # every person is labelled or lies in an ignored area


def labels(image):
    """One entry of the label file -> `Labels`. Joints that a network labelled on a human-labelled person are
    unknown."""
    people = image["persons"]
    joints = np.array([person["keypoints"] for person in people], float).reshape(-1, 17, 3)
    human = np.array([person["gt"] for person in people], bool)
    joints[joints[..., 2] < LABELLED] = 0
    if image["source"] == "lsp-extended":  # its face points come from a network
        joints[human, :5] = 0
    return Labels(
        image["file"],
        human,
        np.array([person["box"] for person in people], float).reshape(-1, 4),
        joints,
        np.array(image["ignore"], float).reshape(-1, 4),
        image.get("ignore_known") is not False,
    )


def partners(similarity, least):
    """One to one, as similar as can be in sum; below `least` nobody. [G, P] -> [G], -1 = none

    >>> partners(np.array([[0.9, 0.8], [0.8, 0.1]]), 0.5).tolist()
    [1, 0]
    """
    similarity = np.where(similarity >= least, similarity, 0.0)
    columns = assign(np.ascontiguousarray(-similarity))
    met = columns >= 0
    met[met] = similarity[met, columns[met]] > 0
    return np.where(met, columns, -1)


def f4(array):
    return np.ascontiguousarray(array, np.float32)


class Judged(NamedTuple):
    """One picture, labels and predictions side by side."""

    labels: Labels
    oks: np.ndarray  # [G, P]
    by_box: np.ndarray  # [G] prediction at box IoU 0.5, -1 = none
    by_joints: np.ndarray  # [G] prediction at OKS > 0.1, -1 = none
    right: np.ndarray  # [G, 17] joints of by_joints within 0.2 torso: 1, 0, NaN = nobody met, joint or torso unknown
    right_by_box: np.ndarray  # [G, 17] the same of by_box
    scores: np.ndarray  # [P]
    excused: np.ndarray  # bool [P]
    false: int  # predictions that meet nobody and no ignored area


def judge(label, found):
    """`Labels` and `records.Found` of one picture -> `Judged`."""
    oks = coco_oks(label.joints, label.boxes, found.coco)
    iou = iou_matrix(f4(label.boxes), f4(found.boxes)).astype(float)
    excused = cover_matrix(f4(found.boxes), f4(label.ignore)).sum(1) >= COVERED
    by_box, by_joints = partners(iou, SAME_BOX), partners(oks, MET)
    met = partners(np.maximum(np.where(iou >= SAME_BOX, iou, 0), np.where(oks > MET, oks, 0)), 1e-9)
    unmet = np.setdiff1d(np.arange(len(found.scores)), met)
    return Judged(
        label,
        oks,
        by_box,
        by_joints,
        joints_within(label.joints, found.coco, by_joints),
        joints_within(label.joints, found.coco, by_box),
        found.scores,
        excused,
        int((~excused[unmet]).sum()),
    )


def joints_within(truth, predicted, match):
    """Joints [G, 17] within 0.2 torso of the true ones: 1, 0, or NaN where that cannot be said."""
    out = np.full(truth.shape[:2], np.nan)
    for person, index in enumerate(match):
        torso = max(
            (
                np.linalg.norm(truth[person, a, :2] - truth[person, b, :2])
                for a, b in DIAGONALS
                if truth[person, [a, b], 2].all()
            ),
            default=0.0,
        )
        known = truth[person, :, 2] > 0
        if index >= 0 and torso > 0:
            distance = np.linalg.norm(truth[person, :, :2] - predicted[index, :, :2], axis=-1)
            near = (distance < WITHIN * torso) & (predicted[index, :, 2] > 0)
            out[person, known] = near[known]
    return out


def mean(values):
    """Mean of what is a number, NaN for nothing."""
    values = np.concatenate([np.ravel(v) for v in values]) if len(values) else np.zeros(0)
    values = values[~np.isnan(values)]
    return float(values.mean()) if len(values) else float("nan")


def row(pictures, human):
    """Figures of the people with (or without) human labels on these pictures."""
    chosen = [(picture, picture.labels.human == human) for picture in pictures]
    chosen = [(picture, who) for picture, who in chosen if who.any()]
    tall = [who & (picture.labels.boxes[:, 2:].max(1) > TALL) for picture, who in chosen]
    ap = coco.average_precision([coco.Picture(p.oks, who, p.scores, p.excused) for p, who in chosen])
    return {
        "people": sum(int(who.sum()) for _, who in chosen),
        **{name: float(value) for name, value in ap.items()},
        "found": mean([(p.by_box[who] >= 0).astype(float) for (p, _), who in zip(chosen, tall, strict=True)]),
        "pck": mean([p.right[who] for p, who in chosen]),
        "pck_found": mean([p.right_by_box[who] for (p, _), who in zip(chosen, tall, strict=True)]),
    }


def figures(pictures):
    """List of `Judged` -> {row: {column: value}}."""
    complete = [picture for picture in pictures if picture.labels.complete]
    human = [picture for picture in pictures if picture.labels.human.any()]
    several = [picture for picture in pictures if picture.labels.human.sum() > 1]
    return {
        "human": row(human, True),
        "human, complete": row([picture for picture in human if picture.labels.complete], True),
        "human, 2 or more": row(several, True),
        "network": row(pictures, False),
        "all": {
            "people": sum(len(picture.labels.human) for picture in pictures),
            "precision": precision(complete),
            "false": mean([np.array([float(picture.false)]) for picture in complete]),
        },
    }


def precision(pictures):
    """Share of predicted boxes at IoU 0.5 of a labelled person; excused ones that meet nobody are left out."""
    right = sum(int((picture.by_box >= 0).sum()) for picture in pictures)
    wrong = sum(int((~np.delete(p.excused, p.by_box[p.by_box >= 0])).sum()) for p in pictures)
    return right / (right + wrong) if right + wrong else float("nan")


def main(argv):
    parser = Parser(__doc__)
    parser.add_argument("folder", type=existing)
    parser.add_argument(
        "--movenet", type=existing, metavar="FOLDER", help="measure MoveNet beside ours: where its models lie"
    )
    one_look.add_option(parser)
    records.add_options(parser)
    options, live = parser.parse_known_args(argv)
    networks = movenet.load(options.movenet) if options.movenet else None
    file = options.folder / "labels_val.json"
    with reading(file, "labels"):
        truth = {Path(image["file"]).name: labels(image) for image in json.loads(file.read_text())["images"]}
    with tempfile.TemporaryDirectory(prefix="duopose-evaluation-") as temporary:
        pictures = Path(temporary) / "pictures"
        pictures.mkdir()
        for name, label in truth.items():
            (pictures / name).symlink_to((options.folder / label.file).resolve())
        kept = options.records or Path(temporary)
        if options.one_look:
            seen = one_look.obtain(kept / f"people2d.{options.one_look}.jsonl", pictures, options.one_look, *live)
        else:
            seen = records.obtain(kept / "people2d.jsonl", pictures, "--stills", *live)
    found = {f.file: f for f in seen}
    missing = sorted(set(truth) - set(found))
    if missing:
        raise UsageError(f"the record lacks {len(missing)} of {len(truth)} pictures, e.g. {missing[0]}")
    rows = figures([judge(label, found[name]) for name, label in truth.items()])
    if networks:
        theirs = figures(
            [judge(label, movenet.find(networks, picture(options.folder, label))) for label in truth.values()]
        )
        rows = {f"{name}{whose}": found[name] for name in rows for whose, found in (("", rows), (": MoveNet", theirs))}
    report(rows)


def picture(folder, label):
    """uint8 [H, W, 3] RGB"""
    return cv2.imread(str(folder / label.file), cv2.IMREAD_COLOR_RGB)
