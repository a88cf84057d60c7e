"""How long each network takes, and the frames a second that follow."""

import os

import pytest

from duopose.examining import speed
from duopose.examining.child import TOO_LATE, ask
from duopose.nodes.profile import find
from tests.waiting import LONG

NETWORKS = ["detector", "bottom_up", "top_down", "gcn", "integration"]
ROWS = [  # of a machine of round numbers
    {"network": "detector", "people": None, "ms": 20.0, "each": 2},
    {"network": "bottom_up", "people": None, "ms": 30.0, "each": 1},
    {"network": "top_down", "people": 1, "ms": 10.0, "each": 1},
    {"network": "gcn", "people": 1, "ms": 2.0, "each": 1},
    {"network": "integration", "people": 1, "ms": 8.0, "each": 1},
    {"network": "top_down", "people": 4, "ms": 40.0, "each": 1},
    {"network": "gcn", "people": 4, "ms": 5.0, "each": 1},
    {"network": "integration", "people": 4, "ms": 15.0, "each": 1},
]
ROWS = [row | {"cpu_ms": row["ms"]} for row in ROWS]


@pytest.mark.parametrize(
    ("people", "cores", "device", "milliseconds"),
    [
        (0, 2, "cpu", 30),  # bottom_up alone decides
        (0, 1, "cpu", 10 + 30),
        (1, 1, "cpu", 10 + 12 + 30 + 8),
        (1, 2, "cpu", (10 + 12 + 30 + 8) / 2),
        (1, 16, "cpu", 30),  # more cores than nodes
        (4, 16, "cpu", 40 + 5),
        (4, 0.5, "cpu", 2 * (10 + 45 + 30 + 15)),
        (4, 16, "cuda", 10 + 45 + 30 + 15),
    ],
)
def test_the_slowest_node_or_the_cores_decide(people, cores, device, milliseconds):
    assert speed.rate(NETWORKS, ROWS, people, cores, device) == pytest.approx(1000 / milliseconds)


def test_a_network_on_several_threads_takes_from_all_cores_and_keeps_its_node_busy_for_less():
    rows = [row | {"cpu_ms": 4 * row["ms"]} for row in ROWS]
    assert speed.rate(NETWORKS, rows, 0, 16, "cpu") == pytest.approx(1000 / 30)
    assert speed.rate(NETWORKS, rows, 0, 1, "cpu") == pytest.approx(1000 / (4 * 40))


def test_what_was_not_measured_is_not_estimated():
    assert speed.rate(NETWORKS, ROWS[:-1], 4, 2, "cpu") is None
    assert speed.rate(NETWORKS, ROWS[:-1], 1, 2, "cpu") is not None
    assert speed.rate(NETWORKS, ROWS[:2], 0, 2, "cpu") is not None
    assert speed.rate([], [], 0, 2, "cpu") is None


def test_every_network_of_the_profile_is_measured_as_it_would_run():
    held = {"ONEDNN_MAX_CPU_ISA": "AVX2"}
    (networks, *rows), trouble = ask("calls", "lite", "cpu", str(LONG), seconds=LONG, environment=held)
    assert trouble is None
    assert set(networks) == set(find("lite").networks) == {row["network"] for row in rows}
    assert {row["backend"] for row in rows} == {"OpenVINO f32", "OpenVINO int8"}
    assert all(0 < row["ms"] <= row["cpu_ms"] for row in rows)
    for people in speed.TOLD:
        assert speed.rate(networks, rows, people, os.cpu_count(), "cpu") > 0


def test_every_network_belongs_to_a_node():
    known = {network for networks in speed.NODES.values() for network in networks}
    assert known == {*find("lite").networks, *find("released").networks}


def test_a_process_that_takes_too_long_is_ended_and_what_it_said_is_kept():
    answers, trouble = ask("calls", "lite", "cpu", "0", seconds=0.01)
    assert answers == []
    assert trouble.startswith(TOO_LATE)


def test_a_process_that_fails_says_why():
    answers, trouble = ask("calls", "/nowhere/", "cpu", "1", seconds=LONG)
    assert answers == []
    assert "/nowhere" in trouble
