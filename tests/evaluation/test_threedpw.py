"""The program `threedpw` on a made-up copy of its set: poses that are right, shifted or missing."""

import numpy as np
import pytest

from duopose.evaluation import threedpw
from duopose.training.datasets.threedpw import ThreeDpw
from tests.evaluation.copies import last_line, numbered, record, standing, write_threedpw


def street(apart):
    """Two frames of two people who stand that far apart."""
    return np.array([[standing(-apart / 2, 4), standing(apart / 2, 5)]] * 2)


def run_threedpw(tmp_path, capsys, found, *more, **how):
    """Clip `near`: one person partly behind the other; clip `far`: both free. found: {clip: poses}"""
    truth = {"near": street(0.25), "far": street(2)}
    for name, frames in truth.items():
        write_threedpw(tmp_path / "set", name, frames, **how)
        record(tmp_path / "records" / f"{name}.jsonl", found.get(name, frames), numbered(2))
    threedpw.main([str(tmp_path / "set"), "--records", str(tmp_path / "records"), *more])
    return last_line(capsys)


def test_threedpw_is_right_for_the_truth(tmp_path, capsys):
    table = run_threedpw(tmp_path, capsys, {})
    row = table["test: fused"]
    assert (row["people"], row["recall"], row["pck"], row["pck_abs"]) == (8, 100, 100, 100)
    assert row["mpjpe"] == row["pa_mpjpe"] == row["depth"] == 0
    assert table["occluded: fused"]["people"] == 8  # fewer than 3,000
    assert table["drop: fused"]["pa_mpjpe"] == 0


def test_threedpw_measures_the_drop_on_whom_others_overlap_most(tmp_path, capsys):
    knee = street(0.25)
    knee[:, :, 2] += [0, 0, 0.12]  # one of 12 joints
    table = run_threedpw(tmp_path, capsys, {"near": knee}, "--occluded", "4")
    assert table["occluded: fused"]["people"] == 4
    assert table["occluded: fused"]["mpjpe"] == pytest.approx(10, abs=1e-3)
    assert table["test: fused"]["mpjpe"] == pytest.approx(5, abs=1e-3)
    assert table["drop: fused"]["mpjpe"] == pytest.approx(5, abs=1e-3)
    assert table["occluded: fused"]["iou"] > 0.2
    assert 0 < table["occluded: fused"]["pa_mpjpe"] == pytest.approx(2 * table["drop: fused"]["pa_mpjpe"], abs=1e-3)


def test_found_strangers_overlap_as_well_as_labelled_people():
    box = np.array([[0, 0, 10, 20.0]])
    assert threedpw.overlaps(box, [[0, 0, 10, 20], [0, 10, 10, 20]], np.array([0])) == pytest.approx([1 / 3])
    assert threedpw.overlaps(box, np.zeros((0, 4)), np.array([-1])) == [0]
    assert threedpw.overlaps(np.zeros((0, 4)), box, np.zeros(0, int)).tolist() == []


def test_threedpw_scores_the_joints_that_both_skeletons_have(tmp_path, capsys):
    other = {name: frames.copy() for name, frames in (("near", street(0.25)), ("far", street(2)))}
    for frames in other.values():
        frames[:, :, [0, 7, 8, 9, 10]] += 5  # pelvis, spine, thorax, nose, head top
    assert run_threedpw(tmp_path, capsys, other)["test: fused"]["mpjpe"] == 0


def test_threedpw_leaves_frames_without_valid_camera_out(tmp_path, capsys):
    table = run_threedpw(tmp_path, capsys, {}, valid=[[1, 0], [1, 1]])
    assert table["test: fused"]["people"] == 6
    sample = ThreeDpw(tmp_path / "set", "test")[1]
    assert (sample.ids.tolist(), sample.number, sample.size) == ([1], 1, (640, 480))
    np.testing.assert_allclose(sample.body3d[0, 1:7], street(2)[1, 1, 1:7], atol=1e-5)
