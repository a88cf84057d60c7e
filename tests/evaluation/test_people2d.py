import json

import numpy as np
import pytest

from duopose.evaluation import people2d
from duopose.evaluation.runs import records
from duopose.kernels.oks import coco_oks
from duopose.stream.skeleton import COCO17, COCO_SIGMAS


def person(x, y, size=100.0):
    """A standing COCO pose in its box, all joints sure."""
    rng = np.random.default_rng(0)
    joints = np.ones((17, 3))
    joints[:, :2] = rng.uniform(0.1, 0.9, (17, 2)) * size + [x, y]
    for name, place in {
        "left_shoulder": (0.6, 0.2),
        "right_shoulder": (0.4, 0.2),
        "left_hip": (0.6, 0.6),
        "right_hip": (0.4, 0.6),
    }.items():
        joints[COCO17.index(name), :2] = np.array(place) * size + [x, y]
    return joints, [x, y, size, size]


def picture(*people, human=True, ignore=(), complete=True):
    joints = np.array([p[0] for p in people]).reshape(-1, 17, 3)
    boxes = np.array([p[1] for p in people], float).reshape(-1, 4)
    return people2d.Labels(
        "a.jpg", np.full(len(people), human), boxes, joints, np.array(ignore, float).reshape(-1, 4), complete
    )


def record(*people, scores=None):
    lines = [
        {"id": i + 1, "score": 0.9 if scores is None else scores[i], "box": box, "coco2d": joints.tolist(),
         "joints2d": joints.tolist(), "joints3d": np.zeros((17, 3)).tolist()}
        for i, (joints, box) in enumerate(people)
    ]  # fmt: skip
    return records.found({"frame": 0, "file": "a.jpg", "stamp": 0, "people": lines})


def test_nobody_there_and_nobody_found_gives_no_figures_but_no_false_people():
    figures = people2d.figures([people2d.judge(picture(), record())])
    assert figures["all"]["false"] == 0
    assert np.isnan(figures["human"]["ap"])


def test_everyone_found_exactly_is_perfect():
    people = person(0, 0), person(200, 50)
    figures = people2d.figures([people2d.judge(picture(*people), record(*people))])
    for row in ("human", "human, 2 or more"):
        assert figures[row] == {
            "people": 2,
            **dict.fromkeys(("ap", "ar", "ap50", "ap75", "found", "pck", "pck_found"), 1.0),
        }
    assert figures["network"]["people"] == 0
    assert figures["all"] == {"people": 2, "precision": 1.0, "false": 0.0}


def test_a_missed_person_halves_recall_and_leaves_the_joints_of_the_other_alone():
    people = person(0, 0), person(200, 50)
    row = people2d.figures([people2d.judge(picture(*people), record(people[0]))])["human"]
    assert (row["ar"], row["found"], row["pck"]) == (0.5, 0.5, 1.0)


def test_a_joint_that_was_not_found_is_wrong():
    joints, box = person(0, 0)
    found = joints.copy()
    found[[9, 10]] = 0
    row = people2d.figures([people2d.judge(picture((joints, box)), record((found, box)))])["human"]
    assert row["pck"] == pytest.approx(15 / 17)


def test_joints_further_than_a_fifth_of_the_torso_are_wrong():
    joints, box = person(0, 0)
    torso = np.hypot(20, 40)
    for share, right in ((0.19, 1.0), (0.21, 16 / 17)):
        found = joints.copy()
        found[9, 0] += share * torso
        row = people2d.figures([people2d.judge(picture((joints, box)), record((found, box)))])["human"]
        assert row["pck"] == pytest.approx(right)


def test_false_people_are_counted_unless_an_ignored_area_excuses_them():
    true, extra, twin = person(0, 0), person(300, 0), person(2, 1)
    judge = people2d.judge
    assert judge(picture(true), record(true, extra)).false == 1
    assert judge(picture(true), record(true, twin)).false == 1
    assert judge(picture(true, ignore=[[290, 0, 120, 120]]), record(true, extra)).false == 0
    figures = people2d.figures([judge(picture(true, complete=False), record(true, extra))])
    assert np.isnan(figures["all"]["false"])


def test_a_prediction_on_somebody_labelled_by_a_network_is_neither_right_nor_wrong_among_the_human_labelled():
    human, other = person(0, 0), person(300, 0)
    label = picture(human, other)._replace(human=np.array([True, False]))
    figures = people2d.figures([people2d.judge(label, record(human, other, scores=[0.5, 0.9]))])
    assert figures["human"]["ap"] == 1
    assert figures["network"]["ap"] == 1


def test_oks_matches_its_definition():
    truth, box = person(0, 0)
    truth[3, 2] = 0
    found = truth.copy()
    found[:, 0] += 5
    found[:, 2] = 1
    found[6] = 0
    known = [j for j in range(17) if j != 3]
    expect = [0 if j == 6 else np.exp(-25 / (2 * 0.53 * 100 * 100 * (2 * COCO_SIGMAS[j]) ** 2)) for j in known]
    assert coco_oks(truth[None], np.array([box]), found[None]) == pytest.approx(np.mean(expect))


def test_teacher_joints_of_human_labelled_people_are_unknown():
    joints, box = person(0, 0)
    joints[0, 2] = 0.2
    entry = {
        "file": "a.jpg",
        "source": "lsp-extended",
        "ignore": [],
        "persons": [{"box": box, "gt": True, "keypoints": joints.ravel().tolist()}],
    }
    assert (people2d.labels(entry).joints[0, :, 2] > 0).tolist() == [False] * 5 + [True] * 12
    assert (people2d.labels(entry | {"source": "coco"}).joints[0, :, 2] > 0).sum() == 16


def test_the_program_judges_a_record_of_an_earlier_run(tmp_path, capsys):
    joints, box = person(0, 0)
    entry = {
        "file": "images/a.jpg",
        "source": "coco",
        "ignore": [],
        "persons": [{"box": box, "gt": True, "keypoints": joints.ravel().tolist()}],
    }
    (tmp_path / "labels_val.json").write_text(json.dumps({"images": [entry]}))
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "a.jpg").touch()
    line = {"frame": 0, "file": "a.jpg", "stamp": 0.0, "people": [{"id": 1, "score": 1.0, "box": box,
                                                                   "coco2d": joints.tolist(),
                                                                   "joints2d": joints.tolist(),
                                                                   "joints3d": np.zeros((17, 3)).tolist(),
                                                                   "branches": {}}]}  # fmt: skip
    (tmp_path / "people2d.jsonl").write_text(json.dumps(line) + "\n")
    people2d.main([str(tmp_path), "--records", str(tmp_path)])
    last = capsys.readouterr().out.splitlines()[-1]
    assert json.loads(last)["human"]["ap"] == 1
    assert json.loads(last)["network"]["ap"] is None
