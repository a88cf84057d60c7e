import importlib
import sys

import numpy as np
import pytest

from duopose.evaluation import __main__
from duopose.evaluation.runs import records, tables

OURS = ("people2d", "gt3d", "video", "bottom_up", "ablation", "mupots3d", "jta", "human36m", "threedpw", "panoptic3d")


def test_the_programs_are_found_and_libraries_are_not():
    known = __main__.programs()
    assert set(OURS) <= set(known)
    assert not {"metrics", "honest", "identity", "records"} & set(known)


@pytest.mark.parametrize("name", OURS)
def test_every_program_explains_itself(name, capsys):
    with pytest.raises(SystemExit) as end:
        importlib.import_module(f"duopose.evaluation.{name}").main(["--help"])
    assert end.value.code == 0
    assert f"duopose evaluate {name}" in capsys.readouterr().out


def test_an_unknown_name_lists_the_known_ones(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["evaluation", "peopel2d"])
    with pytest.raises(SystemExit) as end:
        __main__.main()
    assert end.value.code == 2
    assert "people2d" in capsys.readouterr().err


def test_figures_become_valid_json_and_a_table():
    rows = tables.plain({"a": {"x": np.float64(0.123456), "n": np.int64(3)}, "b": {"x": float("nan"), "y": np.inf}})
    assert rows == {"a": {"x": 0.1235, "n": 3}, "b": {"x": None, "y": None}}
    header, first, second = tables.table(rows).splitlines()
    assert header.split() == ["x", "n", "y"]
    assert first.split() == ["a", "0.123", "3", "-"]
    assert second.split() == ["b", "-", "-", "-"]
    assert len(header) == len(first) == len(second)


def test_an_empty_scene_is_read_with_all_its_axes():
    found = records.found({"frame": 0, "file": None, "stamp": 0.0, "people": []})
    assert found.boxes.shape == (0, 4)
    assert found.coco.shape == found.poses["fused"].shape == found.poses["bottom_up"].shape == (0, 17, 3)


def test_a_failed_run_of_the_live_program_ends_the_evaluation_and_leaves_no_record(tmp_path):
    with pytest.raises(SystemExit, match="exit code 2"):
        records.obtain(tmp_path / "a.jsonl", tmp_path / "nothing.mp4")
    assert not (tmp_path / "a.jsonl").exists()
