import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from duopose.kernels.assignment import assign


@pytest.mark.parametrize("shape", [(0, 0), (0, 3), (3, 0)])
def test_without_one_side_nobody_has_a_partner(shape):
    assert assign(np.zeros(shape)).tolist() == [-1] * shape[0]


@pytest.mark.parametrize("shape", [(1, 1), (2, 5), (5, 2), (7, 7), (12, 15)])
@pytest.mark.parametrize("levels", [3, 10**6])  # few levels: many assignments of the same cost
def test_costs_as_little_as_the_reference(shape, levels):
    rng = np.random.default_rng(sum(shape))
    for _ in range(20):
        cost = rng.integers(-levels, levels, shape) / 7
        columns = assign(cost)
        rows = np.flatnonzero(columns >= 0)
        assert len(rows) == len(set(columns[rows])) == min(shape)
        assert cost[rows, columns[rows]].sum() == pytest.approx(cost[linear_sum_assignment(cost)].sum())


def test_large_padding_does_not_drown_small_differences():
    cost = np.array([[0.2, 0.1, 1e10], [0.1, 0.3, 1e10], [5.0, 5.0, 1e10]])
    assert assign(cost).tolist() == [1, 0, 2]


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_cost_that_is_no_number_is_refused(bad):
    with pytest.raises(ValueError, match="finite"):
        assign(np.array([[1.0, bad]]))
