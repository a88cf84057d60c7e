import numpy as np
import pytest

from duopose.stream.skeleton import BODY17
from duopose.viewer.floor import Floor, to_world
from tests.viewer.scenes import make_scene, person

ANKLES = [BODY17.index("right_ankle"), BODY17.index("left_ankle")]


def tilted(joints, degrees):
    """The same person before a camera that looks down by so much."""
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return joints @ np.float32([[1, 0, 0], [0, cos, -sin], [0, sin, cos]]).T


def test_the_floor_is_found_under_the_feet_before_a_tilted_camera():
    people = [tilted(person(x, z, camera_height=2.2), 20) for x, z in ((-1, 4), (1, 5), (0.5, 8))]
    floor = Floor()
    floor.update(make_scene(people))
    matrix = floor.camera_to_world()
    assert np.degrees(np.arccos(matrix[2, :3] @ tilted(np.float32([0, -1, 0]), 20))) < 3
    assert np.abs(to_world(matrix, np.float32(people))[:, ANKLES, 2]).max() < 0.2
    assert matrix[2, 3] == pytest.approx(2.2, abs=0.15)


def test_the_world_is_turned_but_not_stretched():
    floor = Floor()
    floor.plane = np.array([1.5, 0.05, -0.3])
    matrix = floor.camera_to_world()
    np.testing.assert_allclose(matrix[:3, :3] @ matrix[:3, :3].T, np.eye(3), atol=1e-12)
    assert np.linalg.det(matrix[:3, :3]) == pytest.approx(1)
    on_floor = np.float64([(x, 1.5 + 0.05 * x - 0.3 * z, z) for x in (-2, 0, 3) for z in (1, 4, 9)])
    np.testing.assert_allclose(to_world(matrix, on_floor)[:, 2], 0, atol=1e-5)


def test_someone_who_jumps_does_not_lift_the_floor():
    floor = Floor()
    for number in range(20):
        floor.update(make_scene([person(-1, 4), person(1, 5)], number=number, stamp=number / 10))
    before = floor.camera_to_world()[2, 3]
    for number in range(20, 26):
        jumping = person(1, 5) - np.float32((0, 0.8, 0))
        floor.update(make_scene([person(-1, 4), jumping], number=number, stamp=number / 10))
    assert floor.camera_to_world()[2, 3] == pytest.approx(before, abs=0.06)


def test_the_floor_is_where_the_lowest_stand_even_if_they_come_last():
    floor = Floor()
    for number in range(60):
        on_a_box = person(-1, 6) - np.float32((0, 1.5, 0))
        newcomer = [person(1, 5)] if number >= 30 else []
        floor.update(make_scene([on_a_box, *newcomer], number=number, stamp=number / 30))
    assert floor.camera_to_world()[2, 3] == pytest.approx(1.4, abs=0.15)


def test_the_floor_moves_smoothly_and_stays_when_everyone_has_left():
    floor, heights = Floor(), []
    for number in range(30):
        height = 1.4 if number < 15 else 1.6
        floor.update(make_scene([person(0, 4, height)], number=number, stamp=number / 30))
        heights.append(floor.camera_to_world()[2, 3])
    assert np.abs(np.diff(heights)).max() < 0.05
    floor.update(make_scene([], number=30, stamp=1.0))
    assert floor.camera_to_world()[2, 3] == heights[-1]
