import pytest

from duopose.running.cameras.changes import Change, changes


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({}, {}, Change((), (), {})),
        ({}, {"a": 1}, Change((), ("a",), {})),
        ({"a": 1}, {}, Change(("a",), (), {})),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, Change((), (), {})),
        ({"a": 1}, {"b": 1}, Change((), (), {"a": "b"})),
        ({"a": 1}, {"b": 2}, Change(("a",), ("b",), {})),
        ({"a": 1}, {"a": 2}, Change(("a",), ("a",), {})),
        ({"a": 1, "b": 1}, {"c": 1}, Change(("b",), (), {"a": "c"})),
        ({"a": 1}, {"b": 1, "c": 1}, Change((), ("c",), {"a": "b"})),
        ({"a": 1, "b": 2}, {"a": 2, "c": 1}, Change(("b", "a"), ("c", "a"), {})),
    ],
)
def test_two_files_are_told_apart(before, after, expected):
    assert changes(before, after) == expected
