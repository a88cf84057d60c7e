import numpy as np
import pytest

from duopose.kernels.ranking import auc, made_monotone, precision_recall

RNG = np.random.default_rng(0)


def test_the_area_is_the_share_of_pairs_in_the_right_order():
    true, false = RNG.integers(0, 6, 40), RNG.integers(0, 5, 30)
    expect = np.mean([1.0 if t > f else 0.5 if t == f else 0.0 for t in true for f in false])
    assert auc(true, false) == pytest.approx(expect)
    assert auc(np.array([2.0, 3.0]), np.array([1.0])) == 1
    assert auc(np.array([1.0]), np.array([1.0])) == 0.5


def test_precision_and_recall_of_a_ranking_are_those_of_each_of_its_beginnings():
    right = np.random.default_rng(0).random(30) < 0.6
    precision, recall = precision_recall(right, 25)
    for count in range(1, 31):
        assert precision[count - 1] == pytest.approx(right[:count].mean())
        assert recall[count - 1] == pytest.approx(right[:count].sum() / 25)
    np.testing.assert_array_equal(made_monotone(precision), [precision[n:].max() for n in range(30)])


def test_a_ranking_of_nothing_has_no_figures():
    assert [len(part) for part in precision_recall(np.zeros(0, bool), 5)] == [0, 0]
