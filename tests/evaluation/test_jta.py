"""The program `jta` on a made-up copy of its set: poses that are right, shifted or missing."""

import numpy as np
import pytest

from duopose.evaluation import jta
from duopose.evaluation.runs import sequences
from duopose.training.datasets.jta import Jta
from tests.evaluation.copies import crowd, last_line, numbered, record, write_jta


def run_jta(tmp_path, capsys, found, **how):
    write_jta(tmp_path / "set", "seq_256", crowd(len(found)), **how)
    record(tmp_path / "records" / "seq_256.jsonl", found, numbered(len(found)))
    jta.main([str(tmp_path / "set"), "--records", str(tmp_path / "records")])
    return last_line(capsys)["fused"]


def test_jta_is_right_for_the_truth_of_every_tenth_frame(tmp_path, capsys):
    found = crowd()
    found[[0, 5, 18]] += 100  # these are not judged
    row = run_jta(tmp_path, capsys, found)
    assert row["pictures"] == 2
    assert all(row[f"{name}_{t}"] == 100 for name in ("precision", "recall", "f1") for t in (0.4, 0.8, 1.2))


def test_jta_counts_joints_within_each_threshold(tmp_path, capsys):
    row = run_jta(tmp_path, capsys, crowd() + [0.6, 0, 0])
    assert [row[f"f1_{t}"] for t in (0.4, 0.8, 1.2)] == [0, 100, 100]


def test_jta_counts_missed_people_by_their_joints_in_the_picture(tmp_path, capsys):
    found = [people[:2] for people in crowd()]
    write_jta(tmp_path / "set", "seq_256", crowd())
    loader = Jta(tmp_path / "set", "test")
    pixels = loader.people(9).pixels[2, jta.THEIRS]
    inside = sequences.within(pixels, (1920, 1080)).sum()
    assert 0 < inside < 14
    row = run_jta(tmp_path, capsys, found)
    assert row["precision_0.4"] == 100
    assert row["recall_0.4"] == pytest.approx(100 * 28 / (28 + inside), abs=1e-3)
    assert row["f1_0.4"] == pytest.approx(200 * 28 / (56 + inside), abs=1e-3)


def test_jta_loads_who_is_seen_and_ignores_who_is_hidden(tmp_path):
    write_jta(tmp_path, "seq_256", crowd(2), hidden=[1])
    loader = Jta(tmp_path, "test")
    sample = loader[1]
    assert (sample.sequence, sample.number, sample.file.name, len(loader)) == ("test/seq_256", 1, "2.jpg", 2)
    assert sample.ids.tolist() == [0, 2]
    assert len(sample.ignore) == 1
    np.testing.assert_allclose(sample.body3d[0, 1:7], crowd(2)[1, 0, 1:7], atol=1e-5)
    np.testing.assert_allclose(sample.body3d[0, 0], crowd(2)[1, 0, 0], atol=1e-5)
    assert loader.people(1).ids.tolist() == [0, 1, 2]
