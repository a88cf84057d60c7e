import json

import cv2
import numpy as np
import pytest

from duopose.evaluation import gt3d
from duopose.evaluation.measures import honest
from duopose.evaluation.runs.records import found
from duopose.stream.skeleton import BODY17
from tests.evaluation.people3d import LENS, gt, line, person, pose


def rows(truth, *lines):
    return gt3d.figures({"set": gt3d.pair_up(truth, [found(entry) for entry in lines])})


def test_the_truth_itself_makes_no_error():
    a, b = pose(-0.6, 4), pose(0.6, 5)
    row = rows(gt([person(a), person(b)]), line(0, b, a))["fused"]
    expected = {
        "people": 2,
        "recall": 100,
        "mpjpe": 0,
        "pa_mpjpe": 0,
        "pck": 100,
        "pck_abs": 100,
        "depth": 0,
        "false": 0,
    }
    assert row == pytest.approx(expected, abs=1e-9)


def test_nobody_annotated_and_nobody_found():
    row = rows(gt([]), line(0))["fused"]
    assert row["people"] == row["false"] == 0
    assert np.isnan(row["pck_abs"])


def test_a_missed_person_is_wrong_at_every_joint_and_an_extra_one_is_false():
    a, b, c = pose(-0.6, 4), pose(0.6, 5), pose(1.5, 9)
    row = rows(gt([person(a), person(b)]), line(0, a, c))["fused"]
    assert (row["recall"], row["pck_abs"], row["pck"], row["false"]) == (50, 50, 50, 1)
    assert row["mpjpe"] == pytest.approx(0)  # over those it found


def test_a_pose_too_far_along_its_rays_is_right_in_shape_and_wrong_in_place():
    a = pose(0, 4)
    far = a * 1.1
    row = rows(gt([person(a)]), line(0, far))["fused"]
    assert row["depth"] == pytest.approx(10)
    assert row["pck_abs"] == 0
    assert row["pa_mpjpe"] == pytest.approx(0, abs=1e-3)


def test_a_branch_is_judged_by_its_own_poses():
    a, b = pose(-0.6, 4), pose(0.6, 5)
    lines = line(0, a), line(1, b, branches=["top_down"])
    table = rows(gt([person(a)], [person(b)]), *lines)
    assert table["top_down"]["recall"] == 100
    assert table["bottom_up"]["recall"] == 50
    assert table["bottom_up"]["pck_abs"] == 50
    assert table["fused, by both"]["people"] == 1
    assert table["bottom_up, by both"]["pck_abs"] == 100


def test_blazepose_is_judged_on_the_same_people(tmp_path):
    a, b = pose(-0.6, 4), pose(0.6, 5)
    truth = gt([person(a), person(b)], [person(a)])
    for frame in truth["frames"]:
        cv2.imwrite(str(tmp_path / frame["image"]), np.zeros((8, 8, 3), np.uint8))
    body = np.random.default_rng(0).uniform(-0.5, 0.5, (17, 3))
    network = lambda crop: (np.column_stack([200 * body[:, :2] + 128, np.ones(17)]), body)  # noqa: E731
    recorded = [found(line(0, a, b)), found(line(1, a))]
    table = gt3d.figures({"set": gt3d.pair_up(truth, gt3d.with_blazepose(network, tmp_path, truth, recorded))})
    assert [table[row]["people"] for row in ("fused", "blazepose", "blazepose, by both")] == [3, 3, 3]
    assert table["blazepose"]["recall"] == 100
    assert table["blazepose"]["mpjpe"] > table["fused"]["mpjpe"]
    assert "blazepose" not in rows(truth, line(0, a, b), line(1, a))


def test_each_set_counts_as_much_as_another():
    a = pose(0, 4)
    many = gt3d.pair_up(gt(*[[person(a)]] * 5), [found(line(i, a)) for i in range(5)])
    one = gt3d.pair_up(gt([person(a)]), [found(line(0))])
    assert gt3d.figures({"many": many, "one": one})["fused"]["pck_abs"] == 50


def test_joints_outside_the_image_and_joints_that_only_one_skeleton_has_are_not_scored():
    joints = pose(0, 4)
    joints[BODY17.index("left_wrist")] = [9, 0, 4]
    truth = gt3d.truth(gt([person(joints)]), gt([person(joints)])["frames"][0])
    assert {BODY17[j] for j in np.flatnonzero(truth.scored[0])} == {"left_hip", "right_hip", "left_knee", "right_knee"}


def test_the_root_is_between_the_hips_or_the_given_pelvis():
    joints = pose(0, 4)
    entry = person(joints)
    hidden = person(joints) | {"pelvis_cam": [1, 2, 3]}
    hidden["joints_cam"][0] = hidden["joints_img"][0] = None
    lost = hidden | {"pelvis_cam": None}
    truth = gt([entry, hidden, lost])
    np.testing.assert_allclose(gt3d.truth(truth, truth["frames"][0]).roots, [joints[0], [1, 2, 3]], atol=1e-12)


def test_people_meet_within_a_quarter_of_their_size_only():
    seen = np.linspace(0, 100, 34).reshape(1, 17, 2)
    nobody = np.zeros((0, 17, 2))
    assert honest.match(seen, seen + [24, 0]).tolist() == [0]
    assert honest.match(seen, seen + [26, 0]).tolist() == [-1]
    assert honest.match(seen, nobody).tolist() == [-1]
    assert honest.match(nobody, seen).tolist() == []
    assert honest.match(seen, np.full((1, 17, 2), np.nan)).tolist() == [-1]


def test_the_program_takes_records_that_are_there(tmp_path, capsys):
    a = pose(0, 4)
    (tmp_path / "gt3d" / "some").mkdir(parents=True)
    (tmp_path / "gt3d" / "boxes").mkdir()
    (tmp_path / "gt3d" / "some" / "gt.json").write_text(json.dumps(gt([person(a)])))
    (tmp_path / "gt3d" / "boxes" / "gt.json").write_text(json.dumps({"format": "gt3d-boxes-1", "frames": []}))
    (tmp_path / "some.jsonl").write_text(json.dumps(line(0, a)) + "\n")
    gt3d.main([str(tmp_path / "gt3d"), "--records", str(tmp_path)])
    table = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert table["some: fused"]["pck_abs"] == table["fused"]["pck_abs"] == 100
    assert table["fused"]["mpjpe"] == 0


def test_cameras_are_written_as_the_live_program_reads_them(tmp_path):
    truth = gt([], [])
    cameras = json.loads(gt3d.camera_file(truth, tmp_path / "camera.json").read_text())
    assert cameras["1.jpg"] == {
        **{key: LENS[key] for key in ("fx", "fy", "cx", "cy", "width", "height")},
        **dict.fromkeys(("k1", "k2", "p1", "p2", "k3"), 0),
    }
    clip = truth | {"video": "a.mp4", "camera": LENS}
    assert json.loads(gt3d.camera_file(clip, tmp_path / "clip.json").read_text())["fx"] == 1000
