import numpy as np
import pytest

from duopose.nodes.detection.detection import SIZES_STILL, Detection
from duopose.nodes.extents import extents
from tests import painted
from tests.painted import frame, paint, standing


def look(image, of):
    return Detection(painted.DetectorNetwork()).step(image, of)


def test_an_empty_picture_gives_no_box():
    found = look(paint([]), frame())
    assert found.boxes.shape == (0, 4)
    assert found.scores.shape == (0,)
    assert found.fresh


@pytest.mark.parametrize(("width", "height"), [(640, 480), (480, 640), (1280, 720), (300, 300)])
def test_boxes_are_in_pixels_of_the_picture_whatever_its_shape(width, height):
    pose = standing(width * 0.4, height * 0.55, height * 0.6)
    found = look(paint([pose], width=width, height=height), frame(width=width, height=height))
    np.testing.assert_allclose(found.boxes, extents(pose[None]), atol=0.004 * max(width, height))


def test_a_box_ends_where_the_picture_ends():
    found = look(paint([standing(60, 240, 420)]), frame())
    x, y, w, h = found.boxes[0]
    assert min(x, y) >= -0.5
    assert x + w <= painted.WIDTH - 0.5
    assert y + h <= painted.HEIGHT - 0.5


def test_between_two_looks_the_last_boxes_go_on_and_say_that_they_are_old():
    node = Detection(painted.DetectorNetwork())
    image = paint([standing(300, 240)])
    first, second = node.step(image, frame(0)), node.step(image, frame(1))
    assert first.fresh
    assert not second.fresh
    np.testing.assert_array_equal(first.boxes, second.boxes)


def test_every_still_is_looked_at():
    network = painted.DetectorNetwork()
    node = Detection(network)
    for number in range(3):
        assert node.step(paint([]), frame(number, still=True)).fresh
    assert network.calls == 3 * len(SIZES_STILL)


def test_who_is_seen_twice_in_a_still_is_one_person():
    found = look(paint([standing(300, 240)]), frame(still=True))
    assert found.boxes.shape == (1, 4)


def test_a_frame_whose_pixels_are_gone_keeps_the_last_boxes():
    node = Detection(painted.DetectorNetwork())
    assert len(node.step(None, frame(0)).boxes) == 0
    before = node.step(paint([standing(300, 240)]), frame(2))
    after = node.step(None, frame(4))
    assert not after.fresh
    np.testing.assert_array_equal(before.boxes, after.boxes)


def test_whom_a_slow_camera_shows_all_of_a_sudden_is_found_in_that_frame():
    node = Detection(painted.DetectorNetwork())
    empty, entered = paint([]), paint([standing(300, 240)])
    said = [node.step(image, frame(n, stamp=n / 3)) for n, image in enumerate([empty] * 5 + [entered])]
    assert [len(boxes.boxes) for boxes in said] == [0] * 5 + [1]


def test_a_slow_camera_s_frames_are_all_looked_at():
    node = Detection(painted.DetectorNetwork())
    image = paint([standing(300, 240)])
    assert all(node.step(image, frame(number, stamp=number / 3)).fresh for number in range(4))


def test_boxes_of_a_picture_of_another_size_are_not_repeated():
    node = Detection(painted.DetectorNetwork())
    node.step(paint([standing(300, 240)]), frame(0))
    small = frame(1, width=painted.WIDTH // 2, height=painted.HEIGHT // 2)
    assert node.wants(small)
    assert len(node.step(None, small).boxes) == 0
