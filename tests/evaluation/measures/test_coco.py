import numpy as np
import pytest

from duopose.evaluation.measures import coco
from duopose.kernels.oks import coco_oks


def made_up_pictures():
    """40 pictures, some people not to be judged, some found twice or not at all, joints off by 1 to 12 % of the box."""
    rng = np.random.default_rng(1)
    pictures = []
    for _ in range(40):
        count = rng.integers(1, 5)
        truth, boxes, judged = np.ones((count, 17, 3)), np.zeros((count, 4)), rng.random(count) > 0.2
        for person in range(count):
            size, corner = rng.uniform(50, 200), rng.uniform(0, 300, 2)
            truth[person, :, :2] = corner + rng.uniform(0, size, (17, 2))
            boxes[person] = [*corner, size, size]
            truth[person, rng.random(17) < 0.2, 2] = 0
        predicted, scores = [], []
        for person in range(count):
            for _ in range(rng.integers(0, 3)):
                joints = truth[person].copy()
                joints[:, :2] += rng.normal(0, boxes[person, 2] * rng.uniform(0.01, 0.12), (17, 2))
                joints[:, 2] = 1
                predicted.append(joints)
                scores.append(rng.random())
        predicted = np.array(predicted).reshape(-1, 17, 3)
        excused = np.zeros(len(predicted), bool)
        pictures.append(coco.Picture(coco_oks(truth, boxes, predicted), judged, np.array(scores), excused))
    return pictures


def test_precision_and_recall_equal_those_of_pycocotools():
    """Its numbers for the same pictures: areas 0.53 of the boxes, the people not to be judged marked `ignore`."""
    expected = {
        "ap": 0.1566604491670868,
        "ar": 0.30769230769230765,
        "ap50": 0.325457669061577,
        "ap75": 0.13094855811929265,
    }
    assert coco.average_precision(made_up_pictures()) == pytest.approx(expected, rel=1e-12)


def test_without_anybody_to_judge_there_is_no_figure():
    nobody = coco.Picture(np.zeros((0, 2)), np.zeros(0, bool), np.array([0.5, 0.4]), np.zeros(2, bool))
    assert np.isnan(list(coco.average_precision([nobody]).values())).all()
    assert np.isnan(list(coco.average_precision([]).values())).all()


def test_predictions_in_ignored_areas_cost_nothing():
    similarity, scores = np.array([[1.0, 0.0]]), np.array([0.5, 0.9])
    for excused, ap in ((False, 0.5), (True, 1.0)):
        picture = coco.Picture(similarity, np.array([True]), scores, np.array([False, excused]))
        assert coco.average_precision([picture])["ap"] == pytest.approx(ap)


def test_only_the_best_twenty_predictions_of_a_picture_count():
    picture = coco.Picture(np.eye(1, 30, 25), np.array([True]), np.linspace(1, 0.1, 30), np.zeros(30, bool))
    assert coco.average_precision([picture])["ar"] == 0
