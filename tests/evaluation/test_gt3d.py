import json

import cv2
import numpy as np
import pytest

from duopose.evaluation import gt3d
from duopose.evaluation.measures import honest
from duopose.evaluation.runs import real_sets
from duopose.evaluation.runs.records import found
from duopose.stream.errors import UsageError
from duopose.stream.skeleton import BODY17
from tests.evaluation.people3d import LENS, NAMES, gt, line, person, pixels, pose


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
        "depth_signed": 0,
        "false": 0,
    }
    assert {name: row[name] for name in expected} == pytest.approx(expected, abs=1e-9)


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


def test_a_pose_too_near_has_a_negative_sign():
    a, b, c = pose(-1, 4), pose(0, 5), pose(1, 6)
    row = rows(gt([person(a), person(b), person(c)]), line(0, a * 0.9, b * 0.8, c * 1.3))["fused"]
    assert (row["depth"], row["depth_signed"]) == (pytest.approx(20), pytest.approx(-10))


def test_people_without_hips_are_judged_from_the_middle_of_their_shoulders():
    """The prediction's pelvis is half a metre off, and it counts nowhere."""
    joints = pose(0, 1)
    shoulders = [BODY17.index("left_shoulder"), BODY17.index("right_shoulder")]
    names = ["left_shoulder", "right_shoulder", "left_elbow"]
    joints[shoulders] = [[0.2, 0, 1.1], [-0.2, 0, 0.9]]
    places = [joints[BODY17.index(name)].tolist() for name in names]
    seated = person(joints) | {"joints_cam": places, "joints_img": pixels(np.array(places)).tolist(), "id": 3}
    truth = gt([seated | {"pelvis_cam": [0, 0.5, 9]}]) | {"joint_names": names}
    found_pose = joints.copy()
    found_pose[0] += [0, 0, 0.5]
    row = rows(truth, line(0, found_pose))["fused"]
    assert (row["people"], row["mpjpe"], row["depth"]) == (1, pytest.approx(0), pytest.approx(0))
    row = rows(truth, line(0, found_pose + [0, 0, 0.1]))["fused"]
    assert (row["mpjpe"], row["depth_signed"]) == (pytest.approx(0), pytest.approx(10))
    seated["joints_cam"][0] = seated["joints_img"][0] = None
    assert len(real_sets.truth(truth | gt([seated]) | {"joint_names": names}, gt([seated])["frames"][0]).roots) == 0


def clip(*people, every=1):
    """A labelled clip of one person, 2 frames a second."""
    frames = [{"frame": every * n, "persons": [person(joints)]} for n, joints in enumerate(people)]
    return {"format": "gt3d-1", "joint_names": NAMES, "video": "a.mp4", "fps": 2, "camera": LENS, "frames": frames}


def test_where_the_scale_was_assumed_one_factor_within_its_doubt_is_forgiven():
    """4 % too far is all right then; of 20 % too far the rest stays."""
    people = [pose(0, 4 + 0.1 * n) for n in range(4)]
    truth = clip(*people) | {"scale": "assumed"}
    for far, rest in ((1.04, 0), (1.2, 14)):
        pairs = gt3d.pair_up(truth, [found(line(n, far * joints)) for n, joints in enumerate(people)])
        table = gt3d.figures({"set": pairs}, {"set": truth})
        assert table["set: fused"]["depth_signed"] == pytest.approx(100 * far - 100)
        assert table["set: fused, scaled"]["depth_signed"] == pytest.approx(rest)
        assert table["fused"]["depth"] == pytest.approx(100 * far - 100)
    assert "set: fused, scaled" not in gt3d.figures({"set": pairs}, {"set": clip(*people)})


def test_a_clip_that_trembles_is_told_from_one_that_moves():
    """Every other frame 20 mm nearer: second differences of 40 mm. The truth walks on evenly."""
    truth = [pose(0, 4) + [0.05 * n, 0, 0] for n in range(12)]
    shaken = [joints - [0, 0, 0.02 * (n % 2)] for n, joints in enumerate(truth)]
    recorded = [found(line(n, joints)) for n, joints in enumerate(shaken)]
    row = gt3d.figures({"set": gt3d.pair_up(clip(*truth), recorded)})["set: fused"]
    assert row["tremble"] == pytest.approx(40)
    assert row["tremble_true"] == pytest.approx(0, abs=1e-9)
    assert row["bones"] == pytest.approx(0, abs=1e-9)
    swollen = [found(line(n, joints * (1 + 0.1 * (n % 2)))) for n, joints in enumerate(truth)]
    row = gt3d.figures({"set": gt3d.pair_up(clip(*truth), swollen)})["set: fused"]
    assert row["bones"] == pytest.approx(100 * 0.05 / 1.05)


def test_a_clip_labelled_at_every_second_frame_says_nothing_of_tremble():
    truth = [pose(0, 4 + 0.1 * n) for n in range(12)]
    recorded = [found(line(n, truth[n // 2])) for n in range(24)]
    row = gt3d.figures({"set": gt3d.pair_up(clip(*truth, every=2), recorded)})["set: fused"]
    assert np.isnan([row["tremble"], row["tremble_true"]]).all()
    assert row["bones"] == pytest.approx(0, abs=1e-9)


def test_reprojection_is_of_the_joints_that_were_measured():
    joints = pose(0, 4)
    entry = line(0, joints)
    knee = BODY17.index("left_knee")
    entry["people"][0]["box"] = [400, 300, 100, 400]  # 200 squared
    entry["people"][0]["joints2d"][knee] = [*(pixels(joints[knee]) + [0, 8]).tolist(), 0.7]
    row = rows(gt([person(joints)]), entry)["fused"]
    assert row["reprojection"] == pytest.approx(4, abs=1e-3)


def test_by_people_a_set_counts_what_its_people_do():
    """Two pictures of one person: 2/3; a clip of 6 s: 6/7."""
    a = pose(0, 4)
    stills, walk = gt([person(a)], [person(a)]), clip(*[pose(1, 5)] * 12)
    stills["frames"][0]["persons"][0]["joints_cam"][5] = [1, 2, 3]  # not the person of the clip
    sets = {
        "stills": gt3d.pair_up(stills, [found(line(n, a)) for n in range(2)]),
        "walk": gt3d.pair_up(walk, [found(line(n)) for n in range(12)]),
    }
    table = gt3d.figures(sets, {"stills": stills, "walk": walk})
    assert table["stills: fused"]["votes"] == pytest.approx(2 / 3)
    assert table["walk: fused"]["votes"] == pytest.approx(6 / 7)
    assert table["fused"]["recall"] == 50
    assert table["fused, by people"]["recall"] == pytest.approx(100 * (2 / 3) / (2 / 3 + 6 / 7))


def test_without_the_bottom_up_branch_people_are_judged_by_that_record():
    a, b = pose(-0.6, 4), pose(0.6, 5)
    truth = gt([person(a), person(b)])
    both = gt3d.pair_up(truth, [found(line(0, a * 1.2, b))])
    alone = gt3d.pair_up(truth, [found(line(0, a, pose(1.5, 9)))])
    table = gt3d.figures({"set": gt3d.with_row(gt3d.ALONE, both, alone)})
    row = table["without_bottom_up"]
    assert (row["people"], row["recall"], row["depth"], row["false"]) == (2, 50, pytest.approx(0), 1)
    assert table["fused"]["recall"] == 100


def test_each_set_counts_as_much_as_another():
    a = pose(0, 4)
    many = gt3d.pair_up(gt(*[[person(a)]] * 5), [found(line(i, a)) for i in range(5)])
    one = gt3d.pair_up(gt([person(a)]), [found(line(0))])
    assert gt3d.figures({"many": many, "one": one})["fused"]["pck_abs"] == 50


def test_joints_outside_the_image_and_joints_that_only_one_skeleton_has_are_not_scored():
    joints = pose(0, 4)
    joints[BODY17.index("left_wrist")] = [9, 0, 4]
    truth = real_sets.truth(gt([person(joints)]), gt([person(joints)])["frames"][0])
    assert {BODY17[j] for j in np.flatnonzero(truth.scored[0])} == {"left_hip", "right_hip", "left_knee", "right_knee"}


def test_the_root_is_between_the_hips_or_the_given_pelvis():
    joints = pose(0, 4)
    entry = person(joints)
    hidden = person(joints) | {"pelvis_cam": [1, 2, 3]}
    hidden["joints_cam"][0] = hidden["joints_img"][0] = None
    lost = hidden | {"pelvis_cam": None}
    truth = gt([entry, hidden, lost])
    np.testing.assert_allclose(real_sets.truth(truth, truth["frames"][0]).roots, [joints[0], [1, 2, 3]], atol=1e-12)


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
    for record in ("some.jsonl", "some.without_bottom_up.jsonl"):
        (tmp_path / record).write_text(json.dumps(line(0, a)) + "\n")
    gt3d.main([str(tmp_path / "gt3d"), "--records", str(tmp_path), "--sets", "some"])
    table = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert table["some: fused"]["pck_abs"] == table["fused"]["pck_abs"] == 100
    assert table["fused"]["mpjpe"] == table["without_bottom_up, by people"]["mpjpe"] == 0
    assert table["calibration: some"]["depth"] == "not in this record"


def test_a_live_run_is_judged_beside_all_frames_by_those_that_it_had_time_for(tmp_path, capsys):
    """The second of three frames was dropped; in the last one the live pose is 10 % too far away."""
    a = pose(0, 4)
    (tmp_path / "gt3d" / "walk").mkdir(parents=True)
    (tmp_path / "gt3d" / "walk" / "gt.json").write_text(json.dumps(clip(a, a, a)))
    every = [line(number, pose(2, 9) if number == 1 else a) | {"stamp": number / 30} for number in range(3)]
    live = [every[0], line(1, 1.1 * a) | {"stamp": 2 / 30 + 0.001}]  # a live run counts the frames that it takes
    for name, lines in (("walk", every), ("walk.live", live), ("walk.without_bottom_up", every)):
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(entry) + "\n" for entry in lines))
    gt3d.main([str(tmp_path / "gt3d"), "--records", str(tmp_path), "--live"])
    table = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert table["walk: fused"]["people"] == table["walk: live"]["people"] == 2
    assert table["walk: fused"]["recall"] == 100
    assert table["walk: live"]["depth_signed"] == pytest.approx(5)


def test_pictures_can_not_be_played_live(tmp_path):
    (tmp_path / "some").mkdir()
    (tmp_path / "some" / "gt.json").write_text(json.dumps(gt([person(pose(0, 4))])))
    with pytest.raises(UsageError, match="no clip with joints among some: --live is for clips"):
        gt3d.main([str(tmp_path), "--live"])


def test_the_program_judges_sets_with_boxes_in_a_table_of_their_own(tmp_path, capsys):
    """Someone found 10 % too far away, someone not found, and two found whom nobody labelled."""
    people = [
        {"id": 1, "pelvis_cam": [0, 0, 20.0], "bbox_img_xywh": [100, 100, 40, 100]},
        {"id": 2, "pelvis_cam": [0, 0, 30.0], "bbox_img_xywh": [300, 100, 40, 100]},
    ]
    truth = {
        "format": "gt3d-ground-1",
        "camera": LENS,
        "frames": [{"image": "0.jpg", "persons": people}],
    }
    entry = line(0, pose(0, 22), pose(1, 30), pose(2, 9))
    for someone, box in zip(entry["people"], ([600, 90, 40, 90], [105, 105, 40, 100], [1, 1, 9, 9]), strict=True):
        someone["box"] = box
    entry["people"][1]["joints3d"] = pose(0, 22).tolist()
    (tmp_path / "gt3d" / "street").mkdir(parents=True)
    (tmp_path / "gt3d" / "street" / "gt.json").write_text(json.dumps(truth))
    for record in ("street.jsonl", "street.without_bottom_up.jsonl"):
        (tmp_path / record).write_text(json.dumps(entry) + "\n")
    gt3d.main([str(tmp_path / "gt3d"), "--records", str(tmp_path)])
    table = json.loads(capsys.readouterr().out.splitlines()[-1])
    z = pose(0, 22)[0, 2]
    assert table["street: fused"]["people"] == table["street: fused"]["clear"] == 2
    assert table["street: fused"]["found"] == table["street: without_bottom_up"]["found_clear"] == 50
    assert table["street: fused"]["depth_signed"] == pytest.approx(100 * (z / 20 - 1), abs=1e-3)
    assert table["street: top_down"]["depth"] == pytest.approx(100 * abs(pose(1, 30)[0, 2] / 20 - 1), abs=1e-3)


def test_cameras_are_written_as_the_live_program_reads_them(tmp_path):
    truth = gt([], [])
    cameras = json.loads(real_sets.camera_file(truth, tmp_path / "camera.json").read_text())
    assert cameras["1.jpg"] == {
        **{key: LENS[key] for key in ("fx", "fy", "cx", "cy", "width", "height")},
        **dict.fromkeys(("k1", "k2", "p1", "p2", "k3"), 0),
    }
    clip = truth | {"video": "a.mp4", "camera": LENS}
    assert json.loads(real_sets.camera_file(clip, tmp_path / "clip.json").read_text())["fx"] == 1000
