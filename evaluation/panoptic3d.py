"""duopose evaluate panoptic3d DIR [--cameras N ...] [--step N] [--stills] [--records FOLDER] [options
of duopose]: CMU Panoptic.

DIR as training/datasets/panoptic.py shows it. Every 12th labelled frame (--step) of each view, each
camera for itself (16 and 30, the usual ones for a single camera). Rows per activity, all people of
its sequences together, and `mean`, the plain mean over Haggling, Mafia, Ultimatum and Pizza, as far
as they are there.

  ap_25 ... ap_150   whole poses found, mean joint distance below so many mm in the camera's frame,
                     nothing aligned (VoxelPose); ar_ the recall
  recall_500         people somebody is within 500 mm of, %
  mpjpe_500          the mean joint distance of the first of them, mm
  mpjpe, pa_mpjpe    pelvis on pelvis; with rotation, translation and scale: people who meet on the
                     image (`found`, %), mm
  pck, pck_abs       % within 150 mm, nothing aligned, missed people wrong at every joint

A person counts whose body centre is known and of whom a joint lies in the picture; joints that are
not known do not count. Joints: 12 of the limbs, pelvis (its body centre), thorax (its neck), and
nose or, in the older sequences, head top.
"""

import re

import numpy as np

from duopose.evaluation.measures import honest, panoptic
from duopose.evaluation.measures.nearest import nearest_people
from duopose.evaluation.runs import records, sequences
from duopose.evaluation.runs.tables import report
from duopose.stream.skeleton import PELVIS
from duopose.training.datasets.panoptic import Panoptic

ACTIVITIES = ("haggling", "mafia", "ultimatum", "pizza")
CAMERAS = (16, 30)
STEP = 12


def activity(name):
    """Of a sequence by its name.

    >>> activity("160906_pizza1/00_16"), activity("170407_haggling_a1/00_30")
    ('pizza', 'haggling')
    """
    return re.match(r"(?:\d+_)?([A-Za-z]*)", name)[1]


def judge(people, joints, found, sample):
    """One picture -> list of `honest.Pair`, and {row: what `nearest_people` takes}."""
    truth, pixels = joints.body(people.joints), joints.body(people.pixels)
    known, inside = np.isfinite(truth).all(-1), sequences.within(pixels, sample.size)
    counts = known[:, PELVIS] & inside.any(1)
    truth, pixels, known, inside = truth[counts], pixels[counts], known[counts], inside[counts]
    shown = np.where(inside[..., None], pixels, np.nan)
    pairs = sequences.pairs(truth, shown, known, truth[:, PELVIS], found, sample.camera)
    frames = {}
    for row in records.ROWS:
        there = sequences.has(found, row)
        frames[row] = 1000 * np.nan_to_num(truth), 1000 * found.poses[row][there], found.scores[there], known
    return pairs, frames


def figures(pairs, frames, row):
    """Pairs and frames of `judge` -> {column: value}"""
    ours = honest.figures(pairs, row)
    found, total = nearest_people([frame[row] for frame in frames])
    curves = {threshold: panoptic.ap_ar(found, total, threshold) for threshold in panoptic.THRESHOLDS}
    return {
        "people": total,
        "found": ours["recall"],
        **{f"ap_{threshold}": ap for threshold, (ap, _) in curves.items()},
        **{f"ar_{threshold}": ar for threshold, (_, ar) in curves.items()},
        "recall_500": panoptic.recall(found, total) if total else np.nan,
        "mpjpe_500": panoptic.mpjpe(found),
        **{name: ours[name] for name in ("mpjpe", "pa_mpjpe", "pck", "pck_abs")},
    }


def main(argv):
    parser = sequences.options(__doc__)
    parser.add_argument("--cameras", nargs="+", type=int, default=CAMERAS, metavar="N", help="(default: 16 30)")
    parser.add_argument(
        "--step", type=int, default=STEP, metavar="N", help="judge every N-th labelled frame (default: 12)"
    )
    chosen, live = parser.parse_known_args(argv)
    loader = Panoptic(chosen.folder, chosen.cameras)
    starts = {index for clip in loader.sequences.values() for index in clip[:: chosen.step]}
    seen = {}  # activity -> (pairs, frames)
    for name, judged in sequences.runs(loader, starts.__contains__, chosen, live):
        pairs, frames = seen.setdefault(activity(name), ([], []))
        for index, found in judged:
            met, frame = judge(loader.people(index), loader.joints_of(index), found, loader[index])
            pairs += met
            frames.append(frame)
    rows = {f"{doing}: {row}": figures(*parts, row) for doing, parts in seen.items() for row in records.ROWS}
    for row in records.ROWS:
        rows[f"mean: {row}"] = sequences.over([rows[f"{doing}: {row}"] for doing in ACTIVITIES if doing in seen])
    report(rows)
