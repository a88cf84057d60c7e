"""The program `mupots3d` on made-up clips: what each protocol says of right, shifted, turned, large or missed poses."""

import json
import shutil

import cv2
import numpy as np
import pytest

from duopose.evaluation import mupots3d
from duopose.stream.record.reading import frames
from duopose.stream.skeleton import BODY17
from duopose.training.datasets.mupots import Mupots
from tests.evaluation.copies import numbered, record, standing, write_mupots
from tests.places import CLIP

WRISTS = [BODY17.index("left_wrist"), BODY17.index("right_wrist")]


def people(frames=3):
    """Two people, 3 and 4 m away, the second with the hands up."""
    out = np.array([[standing(-0.6 + 0.01 * t, 3), standing(0.7, 4)] for t in range(frames)])
    out[:, 1, WRISTS] -= [0, 0.9, 0]
    return out


def rows(tmp_path, capsys, found, clip="TS1", truth=None, **labels):
    """Rows of the program for one clip, of which `found` [T][N, 17, 3] was found."""
    truth = people(len(found)) if truth is None else truth
    write_mupots(tmp_path / "set", {clip: truth}, **labels)
    record(tmp_path / "records" / f"{clip}.jsonl", found, numbered(len(found)))
    mupots3d.main([str(tmp_path / "set"), "--records", str(tmp_path / "records")])
    return json.loads(capsys.readouterr().out.splitlines()[-1])


def about_pelvis(poses, change):
    """Poses changed by a function of their positions relative to the pelvis."""
    return change(poses - poses[..., :1, :]) + poses[..., :1, :]


def test_the_truth_itself_is_right_by_every_protocol(tmp_path, capsys):
    table = rows(tmp_path, capsys, people(), truth=people())
    for protocol in mupots3d.PROTOCOLS:
        row = table[f"fused: {protocol}"]
        assert (row["people"], row["found"]) == (6, 100)
        assert [row[name] for name in ("pck", "pck_abs", "pck_matched", "pck_visible")] == [100] * 4
        assert row["auc"] == pytest.approx(100 * 30 / 31, abs=1e-3)  # an error of 0 is not below 0
        assert row["pck_occluded"] is None
    assert table["fused: honest"]["ap_root_25"] == pytest.approx(
        500 / 6, abs=1e-3
    )  # the first step of recall is not counted
    assert table["TS1: fused: honest"] == table["fused: honest"] == table["bottom_up: honest"]


def test_people_too_far_away_are_placed_right_only_where_depth_is_fitted(tmp_path, capsys):
    table = rows(tmp_path, capsys, people() + [0, 0, 0.3])
    pck_abs = {protocol: table[f"fused: {protocol}"]["pck_abs"] for protocol in mupots3d.PROTOCOLS}
    assert pck_abs == {"honest": 0, "normalised": 0, "aligned": 100, "authors": 0}
    assert all(table[f"fused: {protocol}"]["pck"] == 100 for protocol in mupots3d.PROTOCOLS)
    assert table["fused: honest"]["ap_root_25"] == 0


def test_a_sideways_error_of_the_root_is_forgiven_where_the_true_pelvis_is_taken(tmp_path, capsys):
    table = rows(tmp_path, capsys, people() + [0.16, 0, 0])
    pck_abs = {protocol: table[f"fused: {protocol}"]["pck_abs"] for protocol in mupots3d.PROTOCOLS}
    assert pck_abs == {"honest": 0, "normalised": 0, "aligned": 100, "authors": 100}


def test_a_turned_pose_is_right_only_where_it_is_turned_back(tmp_path, capsys):
    turned = about_pelvis(people(), lambda pose: pose * [-1, 1, -1])
    table = rows(tmp_path, capsys, turned)
    assert table["fused: honest"]["pck"] < 60 > table["fused: normalised"]["pck"]
    assert table["fused: aligned"]["pck"] == 100


def test_too_large_a_pose_is_right_where_it_gets_the_true_bones(tmp_path, capsys):
    table = rows(tmp_path, capsys, about_pelvis(people(), lambda pose: 1.4 * pose))
    assert table["fused: honest"]["pck"] < 70
    assert table["fused: normalised"]["pck"] == table["fused: aligned"]["pck"] == 100


def test_a_missed_person_is_wrong_at_every_joint_and_an_extra_one_costs_ap_alone(tmp_path, capsys):
    found = [[pose[1], standing(2.5, 9)] for pose in people()]
    table = rows(tmp_path, capsys, found)
    for protocol in ("honest", "normalised", "aligned"):
        row = table[f"fused: {protocol}"]
        assert (row["found"], row["pck"], row["pck_abs"], row["pck_matched"]) == (50, 50, 50, 100)
    # by score: hit, miss, hit, miss, hit, miss; precision 2/3 and 3/5 where recall grows by a sixth
    # (the first hit is not counted)
    assert table["fused: honest"]["ap_root_25"] == pytest.approx(100 * (2 / 3 + 3 / 5) / 6, abs=1e-3)


def test_the_authors_code_lets_two_people_be_the_same_prediction(tmp_path, capsys):
    alike = people()[:, [0, 0]] + [[[0, 0, 0]], [[1, 0, 0]]]
    table = rows(tmp_path, capsys, alike[:, :1], truth=alike)
    assert (table["fused: authors"]["found"], table["fused: honest"]["found"]) == (100, 50)


def test_hidden_joints_and_people_without_a_valid_annotation_are_told_apart(tmp_path, capsys):
    found = people()
    found[:, :, WRISTS] += [0, 0, 0.5]
    table = rows(tmp_path, capsys, found, occluded=("left_wrist", "right_wrist"), invalid=[("TS1", 0, 1)])
    row = table["fused: honest"]
    assert row["people"] == 5
    assert (row["pck_visible"], row["pck_occluded"]) == (100, 0)
    assert row["pck"] == pytest.approx(100 * 12 / 14, abs=1e-3)


def test_a_branch_without_poses_found_nobody(tmp_path, capsys):
    write_mupots(tmp_path, {"TS1": people()})
    record(tmp_path / "records" / "TS1.jsonl", people(), numbered(3), branches=["top_down"])
    mupots3d.main([str(tmp_path), "--records", str(tmp_path / "records")])
    table = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert table["top_down: honest"]["pck"] == 100
    assert (table["bottom_up: honest"]["found"], table["bottom_up: aligned"]["pck_abs"]) == (0, 0)


def test_a_long_clip_counts_as_much_as_a_short_one(tmp_path, capsys):
    write_mupots(tmp_path / "MultiPersonTestSet", {"TS1": people(3), "TS6": people(1)})
    record(tmp_path / "TS1.jsonl", people(3), numbered(3))
    record(tmp_path / "TS6.jsonl", [[]], numbered(1))
    mupots3d.main([str(tmp_path), "--records", str(tmp_path)])
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["fused: honest"]["pck"] == 50


def test_the_lens_is_found_from_the_labels(tmp_path):
    write_mupots(tmp_path, {"TS7": people()}, occluded=("neck",))
    loader = Mupots(tmp_path)
    sample = loader[1]
    lens = sample.camera
    assert [lens.fx, lens.fy, lens.cx, lens.cy] == pytest.approx([600, 600, 330, 250], abs=1e-6)
    assert (sample.sequence, sample.number, sample.size) == ("TS7", 1, (640, 480))
    np.testing.assert_allclose(sample.body3d[:, 8], people()[1][:, 8], atol=1e-6)  # the set's neck is our thorax
    assert sample.body2d[0, 8, 2] == pytest.approx(0.6)
    assert sample.pixels().shape == (480, 640, 3)


def test_the_live_program_runs_on_a_clip_with_the_lens_that_was_found(tmp_path, capfd):
    pictures = sorted(CLIP.glob("*.jpg"))[:3]
    height, width = cv2.imread(str(pictures[0])).shape[:2]
    write_mupots(tmp_path, {"TS3": people(len(pictures))})
    for number, picture in enumerate(pictures):
        shutil.copy(picture, tmp_path / "TS3" / f"img_{number:06d}.jpg")
    mupots3d.main([str(tmp_path), "--records", str(tmp_path / "records")])
    table = json.loads(capfd.readouterr().out.splitlines()[-1])
    assert table["TS3: fused: honest"]["people"] == 2 * len(pictures)
    lines = [line for _, line in frames(tmp_path / "records" / "TS3.jsonl")]
    assert [line["file"] for line in lines] == numbered(len(pictures))
    assert (lines[0]["width"], lines[0]["height"]) == (width, height)
    assert {"fx": 600, "fy": 600, "cx": 330, "cy": 250, "from": "file"}.items() <= lines[0]["camera"].items()
    assert any(line["people"] for line in lines)
