"""Cameras stay where they are."""

import pytest

from duopose.fleet.assignment import assign, cameras_per_pipeline


def test_who_runs_stays_where_it_is():
    before = assign({}, ["a", "b", "c"], 2)
    assert before == {"a": 0, "b": 0, "c": 1}
    after = assign(before, ["b", "c", "d", "e", "f"], 2)
    assert {name: after[name] for name in "bc"} == {"b": 0, "c": 1}
    assert after == {"b": 0, "c": 1, "d": 0, "e": 1, "f": 2}


def test_a_pipeline_that_is_gone_does_not_come_back_under_its_number():
    assert assign({"a": 0, "b": 1}, ["c", "d"], 1) == {"c": 2, "d": 3}


def test_no_pipeline_has_more_cameras_than_it_may():
    placed = assign({}, range(10), 3)
    assert [list(placed.values()).count(number) for number in range(4)] == [3, 3, 3, 1]


@pytest.mark.parametrize(
    ("cameras", "machines", "per_camera", "expected"),
    [
        (0, [], 1.0, 1),
        (1, [8.0, 8.0], 1.0, 1),
        (6, [4.0, 4.0], 1.0, 3),
        (6, [2.0, 16.0], 1.0, 2),  # any machine can take over any pipeline
        (6, [1.0, 16.0], 2.0, 1),
        (40, [8.0, 8.0], 0.5, 16),
    ],
)
def test_cameras_of_a_pipeline_fit_on_one_machine_and_are_spread_over_all(cameras, machines, per_camera, expected):
    assert cameras_per_pipeline(cameras, machines, per_camera) == expected
