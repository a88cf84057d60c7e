"""duopose evaluate jta DIR [--clips seq_256 ...] [--stills] [--records FOLDER] [options of duopose]:
joints in space on JTA.

DIR as training/datasets/jta.py shows it. Test split, every 10th frame; precision, recall and F1 in
% at 0.4, 0.8 and 1.2 m as LoCO (fabbrimatteo/LoCO) counts them: of 14 joint types (head top, neck,
shoulders, elbows, wrists, hips, knees, ankles), hidden ones too, those that lie in the picture,
each figure the mean over pictures. The set's neck is our thorax. Of our people, too, only joints in
the picture count. There may be 60 people in a picture: --max-people is 60 unless you say otherwise.

It is no optimal assignment: a true joint whose nearest prediction is nearer to another one is a
miss, even if a second prediction lies in reach.
"""

import numpy as np

from duopose.evaluation.runs import records, sequences
from duopose.evaluation.runs.tables import report
from duopose.training.datasets.jta import CAMERA, JOINTS, SIZE, Jta
from duopose.training.datasets.reading.labelled import projected

TYPES = ("head_top", "neck") + tuple(
    f"{side}_{joint}" for side in ("right", "left") for joint in ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
)
THEIRS = [JOINTS.names.index(name) for name in TYPES]
OURS = sequences.named(*("thorax" if name == "neck" else name for name in TYPES))
THRESHOLDS = (0.4, 0.8, 1.2)  # m
STEP = 10
MOST_PEOPLE = 60


def joint_f1(truth, truth_types, predicted, predicted_types, threshold):
    """One picture.

    truth [G, 3], predicted [P, 3] metres; types [G], [P]: only joints of one type can meet
    threshold  m, a pair counts up to and including it
    ->         precision, recall, F1 in 0..1 (all 1 if nothing is there and nothing was found, all 0 if only one is so)

    >>> truth, types = np.array([[0, 0, 4], [1, 0, 5], [0, 0.5, 4]]), np.array([0, 0, 1])
    >>> found = np.array([[0, 0, 4.3], [0.1, 0, 4], [1, 0, 5.9], [0, 0.5, 4.5]])
    >>> [round(joint_f1(truth, types, found, np.array([0, 0, 0, 1]), t)[2], 4) for t in (0.4, 0.8, 1.2)]
    [0.2857, 0.5714, 0.8571]
    """
    if not len(truth) or not len(predicted):
        return (1.0, 1.0, 1.0) if len(truth) == len(predicted) else (0.0, 0.0, 0.0)
    distance = np.linalg.norm(truth[:, None] - predicted[None], axis=-1)
    distance[(truth_types[:, None] != predicted_types[None]) | (distance > threshold)] = np.inf
    distance = _keep_least(distance, axis=1)  # each true joint's nearest prediction
    distance = _keep_least(distance, axis=0)  # and of those, each prediction's nearest true joint
    hits = int(np.isfinite(distance).any(1).sum())
    return hits / len(predicted), hits / len(truth), 2 * hits / (len(truth) + len(predicted))


def _keep_least(distance, axis):
    """All but the smallest entry (the first of equals) along the axis become infinite."""
    out = np.full_like(distance, np.inf)
    least = np.expand_dims(distance.argmin(axis), axis)
    np.put_along_axis(out, least, np.take_along_axis(distance, least, axis), axis)
    return out


def in_picture(joints, pixels):
    """Joints [N, 14, 3] that lie in the picture (pixels [N, 14, 2]) -> positions [M, 3], types [M]"""
    there = sequences.within(pixels, SIZE)
    return joints[there], np.broadcast_to(np.arange(len(TYPES)), there.shape)[there]


def figures(pictures):
    """(truth, types, predicted, types) of each picture, as `joint_f1` takes them -> {column: value}"""
    out = {"pictures": len(pictures)}
    for threshold in THRESHOLDS:
        values = 100 * np.mean([joint_f1(*picture, threshold) for picture in pictures], 0)
        out |= {f"{name}_{threshold}": value for name, value in zip(("precision", "recall", "f1"), values, strict=True)}
    return out


def main(argv):
    chosen, live = sequences.options(__doc__).parse_known_args(argv)
    loader = Jta(chosen.folder, "test")
    pictures = {row: [] for row in records.ROWS}
    live = ["--max-people", MOST_PEOPLE, *live]
    for _, judged in sequences.runs(loader, lambda index: (loader.places[index][1] + 1) % STEP == 0, chosen, live):
        for index, found in judged:
            people = loader.people(index)
            truth = in_picture(people.joints[:, THEIRS], people.pixels[:, THEIRS])
            for row in records.ROWS:
                poses = found.poses[row][sequences.has(found, row)][:, OURS]
                pictures[row].append((*truth, *in_picture(poses, projected(poses, CAMERA))))
    report({row: figures(pictures[row]) for row in records.ROWS})
