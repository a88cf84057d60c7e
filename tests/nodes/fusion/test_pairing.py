from duopose.nodes.fusion.pairing import BRANCHES, Pairing
from duopose.stream.messages import People, empty
from tests.painted import frame


def message(number):
    return empty(People, frame(number))


def numbers(ready):
    return [tuple(None if part is None else part.frame.number for part in pair) for pair in ready]


def test_a_frame_waits_for_both_branches():
    pairing = Pairing()
    assert pairing.add("pose_top", message(0)) == []
    assert numbers(pairing.add("pose_bottom", message(0))) == [(0, 0)]


def test_either_branch_may_be_the_faster_one():
    pairing = Pairing()
    for number in range(3):
        assert pairing.add("pose_bottom", message(number)) == []
    assert [numbers(pairing.add("pose_top", message(number))) for number in range(3)] == [[(0, 0)], [(1, 1)], [(2, 2)]]


def test_what_a_restarted_branch_has_lost_is_not_waited_for():
    pairing = Pairing()
    for number in range(3):
        pairing.add("pose_top", message(number))
    assert numbers(pairing.add("pose_bottom", message(2))) == [(0, None), (1, None), (2, 2)]


def test_a_frame_that_only_the_bottom_up_branch_knows_goes_out_in_its_turn():
    pairing = Pairing()
    pairing.add("pose_bottom", message(0))
    pairing.add("pose_bottom", message(1))
    assert numbers(pairing.add("pose_top", message(1))) == [(None, 0), (1, 1)]


def test_what_comes_late_is_not_shown_after_later_frames():
    pairing = Pairing()
    pairing.add("pose_top", message(5))
    pairing.add("pose_bottom", message(5))
    assert pairing.add("pose_top", message(4)) == []
    assert pairing.rest() == []


def test_a_number_that_was_wrong_silences_nobody_for_long():
    """As of a broken message: both branches have said so of it."""
    pairing = Pairing()
    for branch in BRANCHES:
        pairing.add(branch, message(10**6))
    went = [
        pair for number in range(3, 20) for branch in BRANCHES for pair in numbers(pairing.add(branch, message(number)))
    ]
    assert went[0][0] < 12
    assert went == [(number, number) for number in range(went[0][0], 20)]


def test_a_number_that_one_branch_has_wrong_costs_the_other_nothing():
    pairing = Pairing()
    pairing.add("pose_top", message(10**6))
    for number in range(3):
        assert numbers(pairing.add("pose_top", message(number))) == []
        assert numbers(pairing.add("pose_bottom", message(number))) == [(number, number)]


def test_at_the_end_nothing_is_held_back():
    pairing = Pairing()
    pairing.add("pose_top", message(0))
    pairing.add("pose_top", message(1))
    assert numbers(pairing.rest()) == [(0, None), (1, None)]
    assert pairing.rest() == []
