import numpy as np
import pytest

from duopose.viewer.controls.controls import KEYS, TOGGLES, Controls
from duopose.viewer.controls.tabs import Tabs
from duopose.viewer.theme import DARK, LIGHT


@pytest.fixture
def controls():
    return Controls(Tabs())


def frame(orbit):
    orbit.centre, orbit.distance = np.array((0.0, 4.0, 1.0)), 8.0


def test_branches_are_turned_on_and_off_and_something_is_always_shown(controls):
    assert controls.look.branches == ("fused",)
    controls.press("3")
    controls.press("2")
    assert controls.look.branches == ("fused", "top_down", "bottom_up")
    for key in "123":
        controls.press(key)
    assert controls.look.branches == ("fused",)


def test_side_by_side_each_part_has_a_branch(controls):
    controls.press("4")
    assert controls.look.panes == (("top_down",), ("bottom_up",), ("fused",))
    controls.press("4")
    assert controls.look.panes == (("fused",),)


def test_the_view_is_through_the_camera_from_above_and_back(controls):
    controls.press("c")
    assert controls.look.eye == "camera"
    controls.drag(0.1, 0.1, False)  # it stands where the camera stands
    controls.press("v")
    assert (controls.look.eye, controls.orbit.elevation) == ("above", 90)
    controls.drag(0.1, 0.1, False)  # moves, and stays above
    assert controls.orbit.elevation == 90
    controls.press("v")
    assert (controls.look.eye, controls.held) == ("orbit", {"above"})


def test_light_and_dark(controls):
    assert controls.look.theme is DARK
    controls.press("l")
    assert controls.look.theme is LIGHT


def test_the_view_follows_everyone_until_the_user_takes_hold_of_it(controls):
    controls.follow(0.0, frame, {})
    assert controls.orbit.distance == 8.0  # at once
    controls.follow(0.1, lambda orbit: setattr(orbit, "distance", 9.0), {})
    assert 8.0 < controls.orbit.distance < 9.0  # then slowly
    controls.wheel(1)
    held = controls.orbit.distance
    controls.follow(9.0, frame, {})
    assert controls.orbit.distance == held
    controls.press("r")
    controls.follow(9.1, frame, {})
    assert controls.orbit.distance == 8.0


def test_f_follows_one_after_the_other_and_then_nobody(controls):
    followed = []
    for _ in range(4):
        controls.press("f", [9, 2, 4])
        followed.append(controls.followed)
    assert followed == [2, 4, 9, None]
    controls.press("f", [])
    assert controls.followed is None


def test_who_was_clicked_is_followed_first_and_stays_in_the_middle_when_turned(controls):
    controls.click((4, 9))
    controls.press("f", [2, 4])
    assert controls.followed == 4
    controls.drag(0.1, 0.0, False)
    controls.follow(0.0, frame, {4: np.array((1.0, 2.0, 1.0))})
    assert controls.orbit.centre.tolist() == [1.0, 2.0, 1.0]
    controls.follow(0.1, frame, {})  # out of sight: the view waits
    assert controls.orbit.centre.tolist() == [1.0, 2.0, 1.0]


def test_a_second_click_on_a_joint_or_escape_puts_its_words_away(controls):
    controls.click((4, 9))
    controls.click((4, 9))
    assert controls.picked is None
    controls.click((4, 9))
    assert controls.press("escape") is None
    assert controls.picked is None
    assert controls.press("escape") == "quit"


def test_the_help_tells_of_every_key(controls):
    told = {word for keys, _ in KEYS for word in keys.split()}
    assert set(TOGGLES) <= told | {"h", "?"}  # those are on the screen
    for key in told - {"space", "drag", "wheel", "click", "r", "1"}:  # r and 1 change nothing at first
        fresh = Controls(Tabs())
        before = repr(vars(fresh.look)), fresh.player.paused, fresh.followed
        answer = fresh.press(key, [1])
        assert answer or (repr(vars(fresh.look)), fresh.player.paused, fresh.followed) != before, key
