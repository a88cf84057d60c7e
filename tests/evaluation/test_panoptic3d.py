"""The program `panoptic3d` on a made-up copy of its set: poses that are right, shifted or missing."""

import numpy as np
import pytest

from duopose.evaluation import panoptic3d
from duopose.training.datasets.panoptic import Panoptic
from tests.evaluation.copies import last_line, record, standing, write_panoptic


def dome(*numbers):
    """Two people and one outside every picture."""
    return {number: np.array([standing(-0.7, 3), standing(0.7, 4), standing(9, 3)]) for number in numbers}


def run_panoptic(tmp_path, capsys, found, *more):
    """Two activities; `found` [N, 17, 3] in every picture."""
    write_panoptic(tmp_path / "set", "160906_pizza1", dome(100, 101, 103), cameras=(16, 30))
    write_panoptic(tmp_path / "set", "160226_mafia2", dome(7), count=15)
    numbers = {
        "160906_pizza1_00_16": (100, 101, 103),
        "160906_pizza1_00_30": (100, 101, 103),
        "160226_mafia2_00_16": (7,),
    }
    for name, frames in numbers.items():
        names = [f"{frame:08d}.jpg" for frame in frames]
        record(tmp_path / "records" / f"{name}.jsonl", [found] * len(frames), names, scores=[0.9, 0.5])
    panoptic3d.main([str(tmp_path / "set"), "--records", str(tmp_path / "records"), *more])
    return last_line(capsys)


def test_panoptic_is_right_for_the_truth(tmp_path, capsys):
    table = run_panoptic(tmp_path, capsys, dome(0)[0][:2], "--step", "2")
    assert set(table) == {
        f"{name}: {row}" for name in ("pizza", "mafia", "mean") for row in ("fused", "top_down", "bottom_up")
    }
    assert [table[f"{name}: fused"]["people"] for name in ("pizza", "mafia", "mean")] == [8, 2, 10]
    for row in table.values():
        assert all(row[f"{name}_{t}"] == pytest.approx(100, abs=0.01) for name in ("ap", "ar") for t in (25, 75, 150))
        assert (row["found"], row["recall_500"], row["pck"], row["pck_abs"]) == (100, 100, 100, 100)
        assert row["mpjpe"] == row["pa_mpjpe"] == row["mpjpe_500"] == pytest.approx(0, abs=1e-3)


def test_panoptic_counts_people_within_each_distance(tmp_path, capsys):
    row = run_panoptic(tmp_path, capsys, dome(0)[0][:2] + [0.06, 0, 0])["mean: fused"]
    assert [round(row[f"ap_{t}"]) for t in (25, 50, 75, 100, 125, 150)] == [0, 0, 100, 100, 100, 100]
    assert row["mpjpe_500"] == pytest.approx(60, abs=1e-3)
    assert row["mpjpe"] == pytest.approx(0, abs=1e-3)


def test_panoptic_counts_missed_and_invented_people(tmp_path, capsys):
    people = dome(0)[0]
    row = run_panoptic(tmp_path, capsys, [people[0], people[1] + [-3, 0, 0]])["mean: fused"]
    assert (row["found"], row["recall_500"], row["pck"], row["pck_abs"]) == (50, 50, 50, 50)
    assert [row["ap_150"], row["ar_150"]] == pytest.approx([50, 50], abs=0.01)


def test_panoptic_a_person_too_far_along_the_ray_is_found_but_not_there(tmp_path, capsys):
    people = dome(0)[0]
    row = run_panoptic(tmp_path, capsys, [people[0], 1.3 * people[1]])["mean: fused"]
    assert (row["found"], row["recall_500"], row["pck_abs"], row["pa_mpjpe"]) == (100, 50, 50, 0)


def test_panoptic_finding_nobody_is_no_error(tmp_path, capsys):
    row = run_panoptic(tmp_path, capsys, np.zeros((0, 17, 3)))["mean: fused"]
    assert (row["ap_150"], row["recall_500"], row["mpjpe"], row["pck_abs"]) == (0, 0, None, 0)


def test_panoptic_loads_people_in_each_cameras_frame(tmp_path):
    write_panoptic(tmp_path, "160906_pizza1", dome(100, 103))
    write_panoptic(tmp_path, "160226_mafia2", dome(7), count=15)
    loader = Panoptic(tmp_path)
    assert list(loader.sequences) == ["160226_mafia2/00_16", "160906_pizza1/00_16"]
    old, new = loader[0], loader[2]
    assert (new.number, new.file.name, new.ids.tolist()) == (103, "00_16_00000103.jpg", [0, 1])
    np.testing.assert_allclose(new.body3d[:, [0, 1, 8, 9]], dome(0)[0][:2][:, [0, 1, 8, 9]], atol=1e-5)
    assert np.isnan(old.body3d[0, 9]).all()  # no nose there, but a head top
    assert np.isfinite(old.body3d[0, 10]).all()
    assert np.isnan(new.body3d[0, 10]).all()
