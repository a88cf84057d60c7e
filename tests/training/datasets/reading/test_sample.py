"""The layout that all data sets share, and what the image networks learn from it."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from duopose.kernels.camera import constants, project
from duopose.stream.messages import Camera
from duopose.stream.skeleton import BODY17, COCO17
from duopose.training.bottom_up import depth_targets
from duopose.training.datasets.reading.names import Joints
from duopose.training.datasets.reading.occlusion import hidden
from duopose.training.datasets.reading.sample import (
    Sample,
    areas,
    boxes_around,
    picture,
    placed,
    unknown3d,
)
from duopose.training.images.pictures import around, view
from duopose.training.images.targets import heatmap_targets, joint_cells

NOSE, SHOULDER = COCO17.index("nose"), COCO17.index("left_shoulder")
CAMERA = Camera(100.0, 120.0, 47.0, 63.0, "file")


def standing(x, z):
    """COCO17 joints of somebody upright, metres, with the pelvis at (x, 0, z); a face is there."""
    height = dict(nose=-0.7, eye=-0.75, ear=-0.72, shoulder=-0.5, elbow=-0.2, wrist=0.0, hip=0.0, knee=0.4, ankle=0.8)
    width = dict(nose=0.0, eye=0.03, ear=0.08, shoulder=0.2, elbow=0.3, wrist=0.35, hip=0.12, knee=0.12, ankle=0.12)
    side = {"left": 1, "right": -1}
    parts = [(side.get(name.split("_")[0], 0), name.split("_")[-1]) for name in COCO17]
    return np.array([(x + s * width[part], height[part], z) for s, part in parts], np.float32)


def sample(folder, people=((0.0, 3.0),), face=True, camera=CAMERA):
    """A Sample of 96x128 with people standing at (x, z)."""
    file = Path(folder) / "picture.png"
    cv2.imwrite(str(file), np.full((128, 96, 3), (10, 20, 200), np.uint8))
    coco3d = np.stack([standing(x, z) for x, z in people])
    pixels = np.stack([project(person, *constants(CAMERA)) for person in coco3d])
    if not face:
        coco3d[:, :5] = pixels[:, :5] = np.nan
    coco2d = placed(pixels, np.ones(pixels.shape[:2]), (96, 128))
    count = len(people)
    hull = np.concatenate([np.nanmin(pixels, 1), np.nanmax(pixels, 1) - np.nanmin(pixels, 1)], 1).astype(np.float32)
    return Sample(
        file, None, (96, 128), camera, coco2d, np.full((count, 17, 3), np.nan, np.float32), coco3d, unknown3d(count),
        hull, np.arange(count, dtype=np.int32), areas(), True, "alone", 0, np.nan,
    )  # fmt: skip


def test_names_that_both_skeletons_share_go_where_they_belong():
    own = ["pelvis", "neck", "left_wrist", "head"]
    joints = Joints(own, also={"thorax": "neck"}, body={"nose": "head"})
    positions = np.arange(8.0).reshape(4, 2)
    body, coco = joints.body(positions), joints.coco(positions)
    for name, place in {"pelvis": 0, "thorax": 1, "left_wrist": 2, "nose": 3}.items():
        np.testing.assert_array_equal(body[BODY17.index(name)], positions[place])
    assert np.isnan(body).all(1).sum() == 13
    np.testing.assert_array_equal(coco[COCO17.index("left_wrist")], positions[2])
    assert np.isnan(coco).all(1).sum() == 16  # no nose among them


def test_a_joint_between_two_is_as_sure_as_the_less_sure_of_them():
    joints = Joints(["left_hip", "right_hip"], {"pelvis": {"left_hip": 0.5, "right_hip": 0.5}})
    positions = np.array([[[0.0, 2.0], [4.0, np.nan]], [[0.0, 2.0], [4.0, 4.0]]], np.float32)
    np.testing.assert_array_equal(joints.body(positions)[:, 0], [[2, np.nan], [2, 3]])
    assert joints.body(positions).dtype == np.float32
    np.testing.assert_allclose(joints.body_scores([[1.0, 0.6], [1.0, 1.0]])[:, 0], [0.6, 1])


def test_a_joint_that_means_something_else_can_be_left_out():
    assert np.isnan(Joints(["nose"], {"nose": None}).coco(np.ones((1, 2)))).all()


def test_joints_outside_the_picture_have_no_confidence():
    pixels = np.array([[-0.4, 0.0], [9.4, 9.4], [-0.6, 5], [5, 9.6], [np.nan, np.nan]])
    out = placed(pixels, np.full(5, 0.6), (10, 10))
    np.testing.assert_allclose(out[:, 2], np.float32([0.6, 0.6, 0, 0, np.nan]))
    np.testing.assert_allclose(out[:4, :2], pixels[:4].astype(np.float32))


def test_boxes_reach_beyond_the_joints_that_are_seen_and_stay_in_the_picture():
    body = np.zeros((3, 17, 3), np.float32)
    body[0, :, :2], body[0, :, 2] = np.linspace((40, 50), (60, 150), 17), 1
    body[0, 3] = 0, 0, np.nan
    body[0, 4] = 190, 190, 0.6
    body[1] = body[0] + (-41, 0, 0)
    boxes = boxes_around(body, (200, 200))
    np.testing.assert_allclose(boxes[0], [40 - 4.9, 50 - 1.8, 20 + 9.5, 100 + 10.5], atol=1e-4)
    np.testing.assert_allclose(boxes[1, [0, 2]], [-0.5, 0.5 + 19 + 4.6], atol=1e-4)
    np.testing.assert_array_equal(boxes[2], 0)


def test_the_box_of_somebody_cut_off_ends_at_the_border_of_the_picture():
    body = np.zeros((2, 17, 3), np.float32)
    body[0, :, :2], body[0, :, 2] = np.linspace((40, 50), (60, 90), 17), 1
    body[0, 3] = 55, 140, 0  # an ankle below the picture
    body[1, :] = 55, 140, 0  # nothing of this one is seen
    boxes = boxes_around(body, (100, 100))
    assert boxes[0, 1] + boxes[0, 3] == pytest.approx(99.5)
    np.testing.assert_array_equal(boxes[1], 0)


def test_the_root_is_the_pelvis_or_the_middle_of_the_hips(tmp_path):
    one = sample(tmp_path, [(0.3, 3.0), (0.0, 5.0)])
    np.testing.assert_allclose(one.root, [[0.3, 0, 3], [0, 0, 5]], atol=1e-6)
    one.body3d[1, 0] = 7, 8, 9
    np.testing.assert_allclose(one.root, [[0.3, 0, 3], [7, 8, 9]], atol=1e-6)


def test_a_sample_becomes_a_picture_with_depths(tmp_path):
    learned = picture(sample(tmp_path))
    assert learned.image[0, 0].tolist() == [200, 20, 10]  # RGB
    assert learned.focal == 110
    np.testing.assert_allclose(learned.depths, 3.0)
    np.testing.assert_allclose(learned.joints[0, SHOULDER, :2], [100 * 0.2 / 3 + 47, 120 * -0.5 / 3 + 63], rtol=1e-6)


def test_depths_without_a_focal_length_teach_nothing(tmp_path):
    learned = picture(sample(tmp_path, camera=None))
    assert np.isnan(learned.depths).all()
    _, known, _, _, placed_at = depth_targets(learned)
    assert not known.any()
    assert not placed_at.any()


@pytest.mark.parametrize("face", [True, False])
def test_joints_that_a_set_does_not_label_are_neither_joint_nor_background(tmp_path, face):
    whole = picture(sample(tmp_path, face=face))
    seen = view(whole, around(np.array([47.5, 63.5]), 1.0, 0.1, True, 96, 128), 96, 128)
    target, weight = heatmap_targets(seen)
    _, known = joint_cells(seen)
    x, y, w, h = seen.boxes[0] / 4
    inside = (slice(int(y) + 1, int(y + h) - 1), slice(int(x) + 1, int(x + w) - 1))
    assert (weight[NOSE][inside] > 0).all() == face
    assert (weight[NOSE][inside] == 0).all() != face
    assert weight[NOSE, 0, 0] == 1  # away from the person it is background all the same
    assert (target[NOSE].max() > 0.5) == face
    assert known[0, NOSE] == face
    assert target[SHOULDER].max() > 0.5
    assert weight[SHOULDER][inside].min() > 0
    relative, measured, root, _, places = depth_targets(seen)
    assert measured[0, NOSE] == face
    assert places[0].all()
    assert np.isfinite(relative).all()
    assert root[0] == pytest.approx(np.log(3 / 110), abs=1e-3)


def test_somebody_else_s_joint_counts_in_the_box_of_who_has_none(tmp_path):
    two = sample(tmp_path, [(0.0, 3.0), (0.15, 3.0)])
    two.coco2d[0, NOSE] = np.nan
    learned = picture(two)
    target, weight = heatmap_targets(learned)
    u, v = np.rint((learned.joints[1, NOSE, :2] - 1.5) / 4).astype(int)
    assert target[NOSE, v, u] > 0.5
    assert weight[NOSE, v, u] > 1


def test_who_stands_in_front_hides_and_who_stands_behind_does_not():
    body = np.full((2, 17, 3), np.nan, np.float32)
    for person, (x, z) in enumerate(((0.0, 3.0), (0.1, 5.0))):
        for joint, y in (("pelvis", 0.0), ("spine", -0.25), ("thorax", -0.5)):
            body[person, BODY17.index(joint)] = x, y, z
    points = np.array([[[0.0, -0.3, 3.1], [0.6, 0, 3]], [[0.1, -0.4, 5.0], [0.8, 0, 5]]], np.float32)
    np.testing.assert_array_equal(hidden(body, points, CAMERA), [[False, False], [True, False]])
    points[1, 0] = np.nan
    assert not hidden(body, points, CAMERA).any()
