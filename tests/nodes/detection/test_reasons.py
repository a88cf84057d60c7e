"""When the detector looks, at 30 frames a second."""

import numpy as np

from duopose.nodes.detection.detection import Detection
from duopose.nodes.detection.reasons import (
    CALM,
    CHANGED,
    EMPTY,
    FEW,
    SETTLED,
    UNCLEAR,
    Reasons,
    agree,
    brightness,
    covered,
    crowded,
)
from duopose.stream import wire
from duopose.stream.messages import Boxes
from tests import painted
from tests.painted import frame, paint, standing

RATE = 30


def looks(images):
    """Numbers of the pictures that the detector looks at."""
    node = Detection(painted.DetectorNetwork())
    said = [
        wire.decode(Boxes, wire.encode(node.step(image, frame(n, stamp=n / RATE)))) for n, image in enumerate(images)
    ]
    return [boxes.frame.number for boxes in said if boxes.fresh]


def test_while_nothing_changes_it_looks_a_few_times_a_second():
    seen = looks([paint([standing(300, 240)])] * 2 * RATE)
    assert seen[0] == 0
    assert max(np.diff(seen[1:])) / RATE <= CALM + 1 / RATE < 0.3
    assert len(seen) <= 2 / CALM + 3


def test_an_empty_picture_in_which_nothing_changes_is_looked_at_once_a_second():
    seen = np.array(looks([paint([])] * 4 * RATE))
    later = np.diff(seen[seen > SETTLED * RATE]) / RATE
    np.testing.assert_allclose(later, EMPTY, atol=1 / RATE)


def test_an_empty_picture_that_changes_a_little_is_looked_at_as_often_as_any():
    images = [paint([]) for _ in range(2 * RATE)]
    for number, image in enumerate(images):
        image[200:240, 300:320] = 60 + number
    seen = looks(images)
    assert max(np.diff(seen[1:])) / RATE <= CALM + 1 / RATE < 0.3


def test_who_enters_is_seen_at_once():
    empty, come = [paint([])] * RATE, [paint([standing(300, 240)])] * RATE
    seen = np.array(looks(empty + come))
    assert (seen[seen >= RATE][0] - RATE) / RATE <= CHANGED + 1 / RATE


def test_who_enters_beside_somebody_is_seen_at_once():
    one = standing(150, 240)
    seen = np.array(looks([paint([one])] * RATE + [paint([one, standing(480, 240)])] * RATE))
    assert (seen[seen >= RATE][0] - RATE) / RATE <= CHANGED + 1 / RATE


def test_people_who_move_fast_are_looked_at_more_often():
    moving = [paint([standing(60 + 17 * n, 240)]) for n in range(RATE)]
    assert len(looks(moving)) > 1.5 * len(looks([moving[0]] * RATE))


def test_two_looks_that_disagree_are_followed_by_another():
    reasons, boxes = Reasons(), np.float32([[100, 100, 60, 150]])
    image = paint([])
    reasons.looked(image, frame(0, stamp=0.0), boxes)
    reasons.looked(image, frame(8, stamp=0.25), boxes)
    assert not reasons.look(image, frame(10, stamp=0.25 + 2 / RATE))
    reasons.looked(image, frame(16, stamp=0.5), boxes[:0])
    assert reasons.look(image, frame(18, stamp=0.5 + 2 / RATE))
    assert not reasons.may_look(frame(17, stamp=0.5 + UNCLEAR))  # two frames in a row show the same


def test_looks_agree_about_the_same_people_nearby():
    boxes = np.float32([[100, 100, 60, 150], [300, 100, 60, 150]])
    assert agree(boxes, boxes[::-1] + np.float32([5, 0, 0, 0]))
    assert not agree(boxes, boxes[:1])
    assert not agree(boxes, boxes + np.float32([50, 0, 0, 0]))
    assert agree(boxes[:0], boxes[:0])


def test_people_who_overlap_are_a_crowd():
    boxes = np.float32([[100, 100, 60, 150], [130, 100, 60, 150]])
    assert crowded(boxes)
    assert not crowded(boxes[:1])
    assert not crowded(boxes[:0])


def test_a_change_counts_where_nobody_is_and_not_where_the_light_changes():
    reasons, image = Reasons(), paint([])
    reasons.looked(image, frame(0), np.float32([[100, 100, 60, 150]]))
    near, far = image.copy(), image.copy()
    near[100:250, 100:160] += 60
    far[100:250, 400:460] += 60
    assert not reasons.changed(image)
    assert not reasons.changed(image + 20)
    assert not reasons.changed(near)
    assert reasons.changed(far)


def test_a_small_person_hardly_darker_than_the_wall_is_a_change_and_faint_noise_is_none():
    reasons, image = Reasons(), paint([])
    reasons.looked(image, frame(0), np.zeros((0, 4), np.float32))
    noise = np.random.default_rng(0).normal(0, 5, image.shape)
    noisy = (image + noise).clip(0, 255).astype(np.uint8)
    assert reasons.same(noisy)
    assert reasons.same(noisy + 20)
    for left, top in ((300, 200), (305, 207)):  # 28 pixels tall in an input of the detector, wherever in a cell
        entered = image.copy()
        entered[top : top + 40, left : left + 13] -= 16
        assert not reasons.same(entered)


def test_noise_is_no_change():
    reasons, image = Reasons(), paint([])
    reasons.looked(image, frame(0), np.zeros((0, 4), np.float32))
    noise = np.random.default_rng(0).normal(0, 15, image.shape)
    assert not reasons.changed((image + noise).clip(0, 255).astype(np.uint8))


def test_a_box_covers_its_cells_and_those_around_it():
    assert not covered(np.zeros((0, 4), np.float32), (480, 640)).any()
    all_of_it = covered(np.float32([[-1, -1, 642, 482]]), (480, 640))
    assert all_of_it.all()
    assert covered(np.float32([[300, 200, 40, 80]]), (480, 640)).sum() >= FEW
    assert brightness(paint([])).shape == all_of_it.shape
