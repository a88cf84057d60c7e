"""The program `human36m` on a made-up copy of its set: poses that are right, shifted or missing."""

import numpy as np
import pytest

from duopose.evaluation import human36m
from duopose.training.datasets.human36m import Human36m
from tests.evaluation.copies import last_line, record, standing, write_human36m


def studio():
    return {frame: standing(0.2, 4 + frame / 640) for frame in (0, 5, 64, 70)}


def run_human36m(tmp_path, capsys, change=lambda pose: pose):
    for subject in (9, 11):
        name = write_human36m(tmp_path / "set", subject, studio())
        found = [[change(pose)] if subject == 9 else [pose] for pose in studio().values()]
        record(tmp_path / "records" / f"{name}.jsonl", found, [f"{frame:08d}.jpg" for frame in studio()])
    human36m.main([str(tmp_path / "set"), "--records", str(tmp_path / "records")])
    return last_line(capsys)


def test_human36m_is_right_for_the_truth_of_every_64th_frame(tmp_path, capsys):
    table = run_human36m(tmp_path, capsys)
    assert (table["protocol 1: fused"]["people"], table["protocol 2: fused"]["people"]) == (2, 4)
    for row in (table["protocol 2: fused"], table["Directions: fused"], table["protocol 1: bottom_up"]):
        assert row["found"] == row["pck"] == row["pck_abs"] == 100
        assert [row[name] for name in ("mpjpe", "pa_mpjpe", "pa_mpjpe_rigid", "mrpe")] == [0] * 4
    assert table["Walking: fused"]["people"] == 0


def test_human36m_tells_place_size_and_pose_apart(tmp_path, capsys):
    table = run_human36m(tmp_path, capsys, lambda pose: 1.1 * (pose - pose[0]) + pose[0] + [0.03, 0, 0.04])
    half, untouched = table["protocol 2: fused"], table["protocol 1: fused"]
    size = 1000 * np.linalg.norm(standing(0, 4) - standing(0, 4)[0], axis=-1).mean()
    assert [half[name] for name in ("mrpe", "mrpe_x", "mrpe_y", "mrpe_z")] == pytest.approx([25, 15, 0, 20], abs=1e-3)
    assert half["mpjpe"] == pytest.approx(0.1 * size / 2, abs=1e-3)
    assert half["pa_mpjpe"] == 0 < half["pa_mpjpe_rigid"] < half["mpjpe"]
    assert untouched["mrpe"] == untouched["pa_mpjpe_rigid"] == 0


def test_human36m_leaves_a_missed_person_out_of_means_and_says_so(tmp_path, capsys):
    table = run_human36m(tmp_path, capsys, lambda pose: pose + [9, 0, 0])
    row = table["protocol 2: fused"]
    assert (row["found"], row["mpjpe"], row["pck"]) == (50, 0, 50)


def test_human36m_loads_the_joints_in_the_cameras_frame(tmp_path):
    write_human36m(tmp_path, 1, studio(), action=14)
    loader = Human36m(tmp_path, (1,), step=64)
    assert [sample.number for sample in map(loader.__getitem__, range(len(loader)))] == [0, 64]
    assert loader.action(0) == "Walking"
    np.testing.assert_allclose(loader[1].body3d[0], studio()[64], atol=1e-5)
    assert (loader[1].size, loader[1].stamp) == ((1000, 1002), 64 / 50)
