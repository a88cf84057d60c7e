"""What lifting learns from and is judged by, as options say; and a training from nothing but a data set."""

import json
import pickle

import numpy as np
import pytest

from duopose.stream.arguments import Parser
from duopose.stream.errors import UsageError
from duopose.training import lifting
from duopose.training.tracks import sets
from tests.evaluation.copies import crowd, standing, write_human36m, write_jta
from tests.training.datasets import folders
from tests.training.small import SMALL_LIFTING


def parsed(*words):
    return sets.add_options(Parser("duopose train ...: a test")).parse_args(list(map(str, words)))


def distances(people):
    return sorted(set(people.joints[:, 0, 2].round().tolist()))


def test_human36m_keeps_the_test_subjects_and_what_it_is_judged_by_apart(tmp_path):
    for subject in (1, 5, 6, 7, 8, 9, 11):  # each stands as many metres away
        write_human36m(tmp_path, subject, {0: standing(0, subject), 1: standing(0, subject)}, take=1 + (subject > 6))
    options = parsed("--human36m", tmp_path)
    (people, _) = sets.held_out(options)["human36m"]
    assert distances(people) == [8]
    assert distances(sets.SETS["human36m"].train(tmp_path)) == [1, 5, 6, 7]
    assert sets.mixture(options).frames == 4  # every second one


def test_jta_and_mpi_inf_3dhp_learn_from_one_split_and_are_judged_by_the_other(tmp_path):
    for split, place in (("train", 3), ("val", 7), ("test", 9)):
        write_jta(tmp_path / "jta", f"seq_{place}", np.array([[standing(0, place)]] * 2), split=split)
    folders.mpi_inf_3dhp_test(folders.mpi_inf_3dhp(tmp_path / "mpi"))
    found = sets.held_out(parsed("--jta", tmp_path / "jta", "--mpi-inf-3dhp", tmp_path / "mpi"))
    assert distances(found["jta"][0]) == [7]
    assert distances(sets.SETS["jta"].train(tmp_path / "jta")) == [3]
    assert distances(found["mpi-inf-3dhp"][0]) == [11, 13, 14]
    assert distances(sets.SETS["mpi-inf-3dhp"].train(tmp_path / "mpi")) == [11]


def test_windows_come_from_each_set_as_often_as_its_weight_says(tmp_path, mocap):
    write_jta(tmp_path / "jta", "seq_0", crowd(3), split="train")
    options = parsed("--data", mocap, "--jta", tmp_path / "jta", "--shares", "jta=3")
    draw = pickle.loads(pickle.dumps(sets.mixture(options)))  # as the processes get it that prepare batches
    drawn = draw(400, np.random.default_rng(0), 9, [0])
    assert len(drawn.points) == 400
    assert (drawn.labelled.min(1) == 0).sum() == pytest.approx(300, abs=30)  # JTA labels no nose
    assert len(sets.described(options)) == 2


def test_stills_alone_can_not_be_judged_by(tmp_path):
    with pytest.raises(UsageError, match="nothing to judge by"):
        sets.held_out(parsed("--muco", folders.muco(tmp_path)))


def test_no_set_at_all_is_one_clear_line():
    with pytest.raises(UsageError, match="at least one of --data, --human36m"):
        sets.mixture(parsed())


def test_the_networks_learn_from_a_data_set_alone(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(lifting, "JUDGED", 20)
    for split in ("train", "val"):
        write_jta(tmp_path / "jta", "seq_0", crowd(12), split=split)
    lifting.main(["--jta", str(tmp_path / "jta"), *SMALL_LIFTING, "--out", str(tmp_path / "run"), "--batch", "8",
                  "--steps", "2", "--every", "2"])  # fmt: skip
    figures = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert figures["quality"] < 0
    assert json.loads((tmp_path / "run/training.json").read_text())["data"] == ["JTA, train"]
