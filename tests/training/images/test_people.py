"""Labelled pictures: reading them, and views in which labels stay where the picture is."""

import json

import cv2
import numpy as np
import pytest

from duopose.stream.errors import UsageError
from duopose.stream.skeleton import COCO17, COCO_MIRROR
from duopose.training.images.frames import frame
from duopose.training.images.people import People
from duopose.training.images.pictures import Picture, around, beside, view
from duopose.training.images.targets import box_targets, heatmap_targets, joint_cells, to_cells


def picture(width=120, height=90, person=(40, 20, 30, 60)):
    """A dark picture with one person whose joints are bright dots, each as bright as its number says."""
    rng = np.random.default_rng(0)
    x, y, w, h = person
    spots = np.round(rng.uniform((x, y), (x + w, y + h), (17, 2)))
    image = np.zeros((height, width, 3), np.uint8)
    for number, (u, v) in enumerate(spots.astype(int)):
        cv2.circle(image, (int(u), int(v)), 1, (255, 60 + 10 * number, 0), -1)
    joints = np.concatenate([spots, np.ones((17, 1))], 1)[None].astype(np.float32)
    boxes = np.array([person], np.float32)
    none = np.zeros((0, 4), np.float32)
    depths = np.full((1, 17), 3.0, np.float32)
    return Picture(image, joints, boxes, np.ones(1, np.float32), none, True, depths, 100.0)


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("angle", [0.0, 0.4])
def test_joints_stay_on_the_pixels_they_were_on(mirrored, angle):
    seen = view(picture(), around(np.array([55, 50]), 2.5, angle, mirrored, 200, 220), 200, 220)
    order = COCO_MIRROR if mirrored else range(17)
    for number, (x, y, sure) in zip(order, seen.joints[0], strict=True):
        if sure:
            patch = seen.image[int(y) - 1 : int(y) + 3, int(x) - 1 : int(x) + 3, 0]
            assert patch.max() > 150, COCO17[number]


def test_mirroring_swaps_left_and_right():
    before = picture()
    after = view(before, around(np.array([59.5, 44.5]), 1.0, 0.0, True, 120, 90), 120, 90)
    left, right = COCO17.index("left_wrist"), COCO17.index("right_wrist")
    np.testing.assert_allclose(after.joints[0, left, :2], [119, 0] + before.joints[0, right, :2] * [-1, 1], atol=1e-4)


def test_a_person_who_is_cut_off_is_ignored_and_outer_joints_are_unknown():
    seen = view(picture(), around(np.array([0, 45]), 1.0, 0.0, False, 84, 90), 84, 90)  # shows x up to 41
    assert len(seen.boxes) == 0
    assert len(seen.ignore) == 1
    half = view(picture(), around(np.array([15, 45]), 1.0, 0.0, False, 84, 90), 84, 90)  # shows x up to 56
    assert half.boxes[0, 0] + half.boxes[0, 2] == pytest.approx(83.5)
    assert (half.joints[0, :, 2] > 0).sum() == (half.joints[0, :, 0] < 83.5).sum()


def test_depth_over_focal_length_survives_scaling_and_joining():
    small = view(picture(), around(np.array([60, 45]), 0.5, 0.0, False, 60, 60), 60, 60)
    large = view(picture(), around(np.array([60, 45]), 1.0, 0.0, False, 60, 60), 60, 60)
    assert small.focal == pytest.approx(50)
    both = beside(small, large)
    np.testing.assert_allclose(both.depths[:, 0] / both.focal, [3 / 50, 3 / 100])
    assert both.boxes[1, 0] >= 59.5


def test_two_pictures_side_by_side_keep_bodies_as_deep_as_they_are_and_the_depths_that_are_known():
    one = picture()
    one.depths[0, 9] = 2.6  # a wrist 0.4 m before the hips
    far, unknown = one._replace(focal=300.0), one._replace(depths=np.full((1, 17), np.nan, np.float32), focal=np.nan)
    both = beside(one, far)
    np.testing.assert_allclose(both.depths[:, 11] / both.focal, [3 / 100, 3 / 300])
    np.testing.assert_allclose(both.depths[:, 9] - both.depths[:, 11], -0.4, atol=1e-6)
    for pair, known in ((beside(unknown, far), 1), (beside(far, unknown), 0)):
        assert pair.focal == 300
        np.testing.assert_allclose(pair.depths[known], far.depths[0])
        assert np.isnan(pair.depths[1 - known]).all()


def test_targets_peak_where_the_joints_are():
    seen = view(picture(), around(np.array([55, 50]), 2.0, 0.0, False, 128, 160), 128, 160)
    target, weight = heatmap_targets(seen)
    index, known = joint_cells(seen)
    assert target.shape == (17, 40, 32)
    for joint in range(17):
        if seen.joints[0, joint, 2] > 0:
            v, u = divmod(int(index[0, joint]), 32)
            assert np.abs([u, v] - to_cells(seen.joints[0, joint, :2])).max() <= 0.5
            assert target[joint, v, u] == target[joint].max()
            assert known[0, joint]
            assert weight[joint, v, u] > 1
    assert not known[1:].any()


def test_ignored_areas_have_no_weight_but_around_known_joints():
    seen = picture(128, 96)._replace(ignore=np.array([[0, 0, 128, 96]], np.float32))
    target, weight = heatmap_targets(seen)
    assert (weight[target == 0] == 0).all()
    assert (weight[target > 0.5] > 0).all()


def test_unsure_joints_are_neither_joint_nor_background():
    seen = picture(128, 96)
    seen.joints[0, 3, 2] = -1
    target, weight = heatmap_targets(seen)
    u, v = np.rint(to_cells(seen.joints[0, 3, :2])).astype(int)
    assert target[3].max() == 0
    assert weight[3, v, u] == 0


def test_the_box_can_be_read_back_at_its_centre():
    seen = picture(128, 96)
    centre, _, sides, trust = box_targets(seen)
    v, u = np.unravel_index(centre.argmax(), centre.shape)
    assert trust[v, u] == 1
    left, top, right, bottom = sides[:, v, u]
    x, y = 4 * u + 1.5, 4 * v + 1.5
    np.testing.assert_allclose([x - left, y - top, left + right, top + bottom], seen.boxes[0], atol=1e-4)


def test_a_random_frame_is_the_same_for_the_same_seed():
    a, b = (frame(lambda rng: picture(), np.random.default_rng(3), 96, 64) for _ in range(2))
    np.testing.assert_array_equal(a.image, b.image)
    np.testing.assert_array_equal(a.joints, b.joints)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "images").mkdir()
    cv2.imwrite(str(tmp_path / "images/a.jpg"), picture().image[..., ::-1])
    keypoints = [[50, 40, 1.0]] * 5 + [[55, 45, 0.6]] * 6 + [[60, 50, 0.1]] * 3 + [[0, 0, 0]] * 3
    person = {
        "box": [40, 20, 30, 60],
        "keypoints": [number for point in keypoints for number in point],
        "agreement": 0.5,
    }
    persons = [person | {"gt": True}, person | {"gt": False}]
    entry = {"file": "images/a.jpg", "persons": persons, "ignore": [[0, 0, 10, 10]], "ignore_known": False}
    (tmp_path / "labels_val.json").write_text(json.dumps({"format": "people-v1", "images": [entry]}))
    return tmp_path


def test_people_are_read_with_the_trust_they_deserve(folder):
    people = People(folder, "val")
    seen = people[0]
    assert len(people) == 1
    assert seen.size == (120, 90)
    assert not seen.complete
    np.testing.assert_allclose(seen.trust, [1, 0.6])
    np.testing.assert_allclose(seen.joints[0, [0, 5, 11, 16], 2], [1, 1, -1, 0])
    np.testing.assert_allclose(seen.joints[1, [0, 5, 11, 16], 2], [1, 0.6, -1, 0])


def test_another_format_is_refused(folder):
    (folder / "labels_val.json").write_text(json.dumps({"format": "coco", "images": []}))
    with pytest.raises(UsageError, match="people-v1"):
        People(folder, "val")
