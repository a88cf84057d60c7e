"""OKS-AP and AR of 2D poses as COCO's keypoint evaluation defines them (area range "all", 20 people a picture).

Checked against pycocotools 2.0.11 on made-up pictures (`tests/evaluation/measures/test_coco.py`).

Differences, because of what our pictures are labelled with: the area is 0.53 times the box; a joint that was not found
counts as infinitely far; people whose labels are not to be judged, and areas to ignore, take predictions out of the
count.
"""

from typing import NamedTuple

import numpy as np

from duopose.kernels.ranking import made_monotone, precision_recall

THRESHOLDS = np.linspace(0.5, 0.95, 10)
RECALLS = np.linspace(0, 1, 101)
MOST_PEOPLE = 20


class Picture(NamedTuple):
    """What is needed to judge one picture; G labelled people, P predictions."""

    similarity: np.ndarray  # [G, P] OKS
    judged: np.ndarray  # bool [G]; False: a prediction that meets this person is neither right nor wrong
    scores: np.ndarray  # [P]
    excused: np.ndarray  # bool [P]; True: lies in an ignored area, not wrong if it meets nobody


def _judge(picture, threshold):
    """Best predictions first: score, right? for those that count."""
    order = np.argsort(-picture.scores, kind="stable")[:MOST_PEOPLE]
    taken = np.zeros(len(picture.judged), bool)
    out = []
    for p in order:
        met = (picture.similarity[:, p] >= threshold) & ~taken
        for people in (met & picture.judged, met & ~picture.judged):
            if people.any():
                person = np.where(people, picture.similarity[:, p], -1).argmax()
                taken[person] = True
                if picture.judged[person]:
                    out.append((picture.scores[p], True))
                break
        else:
            if not picture.excused[p]:
                out.append((picture.scores[p], False))
    return out


def average_precision(pictures):
    """AP and AR over thresholds 0.50:0.05:0.95, and AP at 0.50 and 0.75, all in 0..1; NaN if nobody is judged.

    Two people, one found exactly, and one prediction too many that is surer:

    >>> similarity, scores = np.array([[0.0, 1.0], [0.0, 0.0]]), np.array([0.9, 0.8])
    >>> picture = Picture(similarity, np.array([True, True]), scores, np.zeros(2, bool))
    >>> {name: round(float(value), 3) for name, value in average_precision([picture]).items()}
    {'ap': 0.252, 'ar': 0.5, 'ap50': 0.252, 'ap75': 0.252}
    """
    total = sum(int(picture.judged.sum()) for picture in pictures)
    if not total:
        return dict.fromkeys(("ap", "ar", "ap50", "ap75"), np.nan)
    precisions, recalls = [], []
    for threshold in THRESHOLDS:
        results = [result for picture in pictures for result in _judge(picture, threshold)]
        results.sort(key=lambda result: -result[0])
        precision, recall = precision_recall([hit for _, hit in results], total)
        precision = np.append(made_monotone(precision), 0)
        precisions.append(precision[np.searchsorted(recall, RECALLS, side="left")].mean())
        recalls.append(recall[-1] if len(recall) else 0.0)
    return {"ap": np.mean(precisions), "ar": np.mean(recalls), "ap50": precisions[0], "ap75": precisions[5]}
