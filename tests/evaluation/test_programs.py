import numpy as np
import pytest

from duopose.evaluation.runs import records, tables


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


def test_a_failed_run_of_the_live_program_ends_the_evaluation_with_its_one_line_and_leaves_no_record(tmp_path, capfd):
    with pytest.raises(SystemExit) as end:
        records.obtain(tmp_path / "a.jsonl", tmp_path / "nothing.mp4", "--bogus")
    assert end.value.code == 2
    assert capfd.readouterr().err == "duopose: unrecognized arguments: --bogus (--help tells more)\n"
    assert not (tmp_path / "a.jsonl").exists()
