"""Minimum-cost assignment (Hungarian method) for kernels and nodes. No scipy: its import alone takes a second."""

import numpy as np
from numba import types

from duopose.kernels.types import In, Out, kernel

i4, f8 = types.int32, types.float64


@kernel(Out(1, i4)(In(2, f8)))
def _assign_rows(cost):
    """A column for every row, N <= M. Rows join one by one, by the cheapest chain of exchanges (Jonker-Volgenant)."""
    rows, columns = cost.shape
    for n in range(rows):
        for m in range(columns):
            if not np.isfinite(cost[n, m]):
                raise ValueError("assign: a cost is not finite")
    row_price = np.zeros(rows)
    column_price = np.zeros(columns + 1)
    holder = np.full(columns + 1, -1, np.int32)  # row that holds a column; the last one is where a new row comes in
    came_from = np.zeros(columns + 1, np.int32)
    for row in range(rows):
        column = columns
        holder[column] = row
        slack = np.full(columns, np.inf)
        reached = np.zeros(columns + 1, np.bool_)
        while holder[column] >= 0:
            reached[column] = True
            n = holder[column]
            step, nearest = np.inf, -1
            for m in range(columns):
                if not reached[m]:
                    reduced = cost[n, m] - row_price[n] - column_price[m]
                    if reduced < slack[m]:
                        slack[m] = reduced
                        came_from[m] = column
                    if slack[m] < step:
                        step, nearest = slack[m], m
            for m in range(columns + 1):
                if reached[m]:
                    row_price[holder[m]] += step
                    column_price[m] -= step
                elif m < columns:
                    slack[m] -= step
            column = nearest
        while column != columns:
            holder[column] = holder[came_from[column]]
            column = came_from[column]
    out = np.zeros(rows, np.int32)
    for m in range(columns):
        if holder[m] >= 0:
            out[holder[m]] = m
    return out


@kernel(Out(1, i4)(In(2, f8)))
def assign(cost):
    """The partners that cost least together, as many as the shorter side has.

    cost  float64 [N, M]   finite, else ValueError. To forbid a pair, make its cost the highest and drop it afterwards
    ->    int32 [N]        column of each row, -1 = the row has none

    Same as: rows, columns = scipy.optimize.linear_sum_assignment(cost).
    """
    if cost.shape[0] <= cost.shape[1]:
        return _assign_rows(cost)
    out = np.full(cost.shape[0], -1, np.int32)
    row_of = _assign_rows(np.ascontiguousarray(cost.T))
    for column in range(row_of.shape[0]):
        out[row_of[column]] = column
    return out
