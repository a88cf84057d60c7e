import numpy as np

from duopose.nodes.top_down.agreement import VIEWS, agree, agree_over_views, mirror_boxes, mirror_people
from duopose.stream.skeleton import COCO17


def people(*corners):
    rng = np.random.default_rng(0)
    pose = np.concatenate([rng.uniform(0, 100, (17, 2)), np.full((17, 1), 0.6)], -1)
    return np.array([pose + [*corner, 0] for corner in corners], np.float32)


EXTENTS = np.float32([[0, 0, 100, 100], [300, 0, 100, 100]])


def test_joints_lie_between_looks_and_a_stray_one_is_outvoted():
    first, second, third = people((0, 0)), people((2, 0)), people((1, 0))
    third[0, 4, :2] += 60
    joints = agree(np.stack([first, second, third]), np.float32([100]))
    np.testing.assert_allclose(joints[0, 0, :2], first[0, 0, :2] + [1, 0], atol=1e-4)
    np.testing.assert_allclose(joints[0, 4, :2], first[0, 4, :2] + [1, 0], atol=1e-4)
    np.testing.assert_allclose(joints[0, [0, 4], 2], [0.6, 0.4], atol=1e-6)


def test_further_looks_are_matched_by_person_and_bring_nobody_new():
    found = people((0, 0), (300, 0))
    shown = people((302, 0), (600, 0), (2, 0))  # in another order, with somebody new
    joints = agree_over_views(lambda boxes, enlarge, mirrored: shown, found, EXTENTS)
    assert joints.shape == (2, 17, 3)
    np.testing.assert_allclose(joints[..., 0], found[..., 0] + 2 * len(VIEWS) / (1 + len(VIEWS)), atol=1e-3)


def test_who_is_seen_at_the_first_look_only_stays_and_counts_less():
    found = people((0, 0))
    joints = agree_over_views(lambda boxes, enlarge, mirrored: np.zeros((0, 17, 3), np.float32), found, EXTENTS[:1])
    np.testing.assert_allclose(joints[0, :, :2], found[0, :, :2], atol=1e-4)
    np.testing.assert_allclose(joints[0, :, 2], 0.6 / (1 + len(VIEWS)), atol=1e-6)
    assert agree_over_views(None, found[:0], EXTENTS[:0]).shape == (0, 17, 3)


def test_a_mirror_image_shows_the_same_with_left_and_right_exchanged():
    left, right = COCO17.index("left_wrist"), COCO17.index("right_wrist")
    found = np.zeros((1, 17, 3), np.float32)
    found[0, left] = 10, 20, 0.5
    mirrored = mirror_people(found, 100)
    assert mirrored[0, right].tolist() == [89, 20, 0.5]
    assert not mirrored[0, left].any()
    np.testing.assert_array_equal(mirror_people(mirrored, 100), found)
    boxes = np.float32([[3, 4, 10, 20]])
    np.testing.assert_array_equal(mirror_boxes(mirror_boxes(boxes, 100), 100), boxes)
