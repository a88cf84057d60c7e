"""duopose evaluate human36m DIR [--clips NAME ...] [--stills] [--records FOLDER] [options of duopose]:
Human3.6M.

DIR as training/datasets/human36m.py shows it. Every 64th frame, as in 3DMPPE, all four cameras; 17
joints, millimetres:

  protocol 1  subject 11: pa_mpjpe_rigid (rotation and translation), mrpe
  protocol 2  subjects 9 and 11: mpjpe (pelvis on pelvis), mrpe; and the same per action
  pa_mpjpe    rotation, translation and scale, the form of most papers
  mrpe        distance of the predicted from the true pelvis; its x, y and z parts

People are found by our own detector, never given: means are over those found (`found`, %). pck,
pck_abs (% within 150 mm, nothing aligned) count a missed person as wrong at every joint.
"""

import numpy as np

from duopose.evaluation.measures import honest
from duopose.evaluation.measures.metrics import joint_errors, mrpe, rigid
from duopose.evaluation.runs import records, sequences
from duopose.evaluation.runs.tables import report
from duopose.stream.skeleton import PELVIS
from duopose.training.datasets.human36m import ACTIONS, Human36m

STEP = 64
PROTOCOLS = {"protocol 1": (11,), "protocol 2": (9, 11)}


def figures(pairs, row):
    """Pairs (`honest.Pair`) and a row of `records.ROWS` -> {column: value}"""
    out = honest.figures(pairs, row)
    met = [pair for pair in pairs if honest.errors(pair, row) is not None]
    poses = np.array([pair.poses[row] for pair in met]).reshape(-1, 17, 3)
    truth = np.array([pair.joints for pair in met]).reshape(-1, 17, 3)
    parts = mrpe(poses[:, PELVIS], truth[:, PELVIS]) if met else [np.nan] * 4
    return {
        "people": out["people"],
        "found": out["recall"],
        "mpjpe": out["mpjpe"],
        "pa_mpjpe": out["pa_mpjpe"],
        "pa_mpjpe_rigid": 1000 * joint_errors(poses, truth, rigid).mean() if met else np.nan,
        **{name: 1000 * part for name, part in zip(("mrpe", "mrpe_x", "mrpe_y", "mrpe_z"), parts, strict=True)},
        "pck": out["pck"],
        "pck_abs": out["pck_abs"],
    }


def main(argv):
    chosen, live = sequences.options(__doc__).parse_known_args(argv)
    loader = Human36m(chosen.folder, "test", STEP if chosen.stills else 1)
    pairs = []  # (subject, action, pair)
    for _, judged in sequences.runs(loader, lambda index: loader.places[index].frame_idx % STEP == 0, chosen, live):
        for index, found in judged:
            people, sample = loader.people(index), loader[index]
            scored, roots = np.ones((1, 17), bool), people.joints[:, PELVIS]
            met = sequences.pairs(people.joints, people.pixels, scored, roots, found, sample.camera)
            pairs += [(loader.places[index].subject, loader.action(index), pair) for pair in met]
    rows = {}
    for action in ACTIONS:
        rows[f"{action}: fused"] = figures([pair for _, doing, pair in pairs if doing == action], "fused")
    for protocol, subjects in PROTOCOLS.items():
        for row in records.ROWS:
            rows[f"{protocol}: {row}"] = figures([pair for subject, _, pair in pairs if subject in subjects], row)
    report(rows)
