from collections import Counter

import numpy as np
import pytest

from duopose.nodes.capture.turns import FREE, FRESH, ROWS, Turns
from duopose.stream.errors import UsageError

NAMES = ["door", "yard", "hall"]


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def cameras(tmp_path):
    """Turns of three cameras, three frames in flight, and their clock."""
    clock = Clock()
    return [Turns(tmp_path, name, 3, clock) for name in NAMES], clock


def test_the_turn_is_the_one_s_that_has_waited_longest(cameras):
    (door, yard, hall), clock = cameras
    for turn, camera in enumerate((door, yard, hall)):
        clock.now = 100 + turn / 10
        camera.taken(0)
    for camera in (door, yard, hall):
        camera.tell(0, waits=camera is not door)  # who was longest without a turn has no picture
    assert [camera.mine for camera in (yard, hall)] == [True, False]
    yard.taken(1)
    assert hall.mine
    door.tell(0, waits=True)
    assert [camera.mine for camera in (door, hall)] == [True, False]


def test_nobody_has_a_turn_while_no_place_is_free(cameras):
    (door, yard, hall), _ = cameras
    door.tell(2, waits=False)
    yard.tell(1, waits=True)
    hall.tell(0, waits=True)
    assert hall.full
    assert not any(camera.mine for camera in (door, yard, hall))


def test_a_camera_that_was_not_heard_of_holds_up_nobody(cameras):
    (door, yard, _), clock = cameras
    door.tell(3, waits=True)
    clock.now += 1.1 * FRESH
    yard.taken(0)
    yard.tell(0, waits=True)
    assert yard.mine


def test_a_capture_that_is_started_again_has_nothing_in_flight(cameras, tmp_path):
    (door, yard, _), clock = cameras
    door.tell(3, waits=True)
    Turns(tmp_path, "door", 3, clock)
    yard.tell(0, waits=True)
    assert yard.mine


def test_a_camera_that_comes_gets_the_row_of_one_that_left_long_ago_and_only_that(cameras, tmp_path):
    (door, _, _), clock = cameras
    for number in range(ROWS - len(NAMES)):
        Turns(tmp_path, f"cam{number}", 3, clock)
    with pytest.raises(UsageError, match=f"{ROWS} cameras"):
        Turns(tmp_path, "lane", 3, clock)
    clock.now += 0.9 * FREE
    for camera in cameras[0]:
        camera.taken(1)
    clock.now += 0.2 * FREE
    lane = Turns(tmp_path, "lane", 3, clock)
    assert [str(camera.own["name"], "ascii") for camera in (*cameras[0], lane)] == [*NAMES, "lane"]
    door.tell(0, waits=True)
    lane.tell(0, waits=True)
    assert (door.mine, lane.mine) == (False, True)  # it has never had a turn


def test_fast_cameras_share_what_a_slow_one_leaves(cameras):
    """15 s with room for 20 frames a second: cameras of 30, 25 and 4 pictures a second."""
    turns, clock = cameras
    rates, got = (30, 25, 4), Counter()
    ring = []  # (when it is done, camera), oldest first
    done_at, pictures = 0.0, np.zeros(3)  # the number of the newest picture that each has sent
    for step in range(15_000):
        clock.now = 100 + step / 1000
        while ring and ring[0][0] <= clock.now:
            ring.pop(0)
        for number, camera in enumerate(turns):
            newest = step * rates[number] // 1000
            camera.tell(sum(of == number for _, of in ring), waits=newest > pictures[number])
        for number, camera in enumerate(turns):
            if step * rates[number] // 1000 > pictures[number] and camera.mine:
                pictures[number] = step * rates[number] // 1000
                done_at = max(done_at, clock.now) + 1 / 20
                ring.append((done_at, number))
                camera.taken(sum(of == number for _, of in ring))
                got[number] += 1
    assert got[2] >= 4 * 15 - 2  # it gives up none
    assert got[0] == pytest.approx(got[1], rel=0.1)
    assert sum(got.values()) == pytest.approx(20 * 15, rel=0.05)
