"""3D pseudo-labels on photographs: whose depths are believed."""

import numpy as np
import pytest

from duopose.nodes.profile import find
from duopose.stream.camera_file import Cameras
from duopose.stream.skeleton import COCO17, COCO_HIPS
from duopose.training.images.depths import SHARED, depths, doubtful, meets
from duopose.training.images.pictures import Picture
from tests.painted import standing

SIZE = 480, 640  # height, width


@pytest.fixture(scope="module")
def networks():
    return find("lite").lifting_networks()


def photograph(*people):
    joints = np.stack(people)
    count = len(joints)
    none = np.zeros((0, 4), np.float32)
    unknown = np.full((count, 17), np.nan, np.float32)
    ones = np.ones(count, np.float32)
    return Picture(np.zeros((*SIZE, 3), np.uint8), joints, np.zeros((count, 4)), ones, none, True, unknown, np.nan)


def nobody(count):
    return np.full((count, 17, 3), np.nan, np.float32)


def test_a_person_half_as_tall_stands_twice_as_far(networks):
    picture = photograph(standing(300, 240, 200), standing(300, 240, 100))
    found, focal = depths(networks, picture, np.array([True, True]), nobody(2))
    assert focal == pytest.approx(Cameras().of(640, 480).fx)
    near, far = found[:, COCO_HIPS].mean(1)
    assert far / near == pytest.approx(2, rel=0.05)
    assert 2 < near < 6  # a grown-up of 200 pixels from nose to ankles
    assert np.isnan(found[:, [COCO17.index("left_ear"), COCO17.index("right_eye")]]).all()  # no joints of ours


def test_only_joints_that_a_human_marked_count(networks):
    lacking, hidden = standing(300, 240), standing(300, 240)
    lacking[9, 2] = 0
    hidden[COCO_HIPS, 2] = 0
    picture = photograph(lacking, hidden, standing(300, 240))
    found, _ = depths(networks, picture, np.array([True, True, False]), nobody(3))
    assert np.isnan(found[0, 9])
    assert np.isfinite(found[0, 10])
    assert np.isnan(found[1:]).all()


def test_a_joint_whose_depth_another_teacher_denies_is_unknown(networks):
    picture = photograph(standing(300, 240))
    alone, _ = depths(networks, picture, np.array([True]), nobody(1))
    other = np.zeros((1, 17, 3), np.float32)
    other[0, :, 2] = alone[0] - alone[0, COCO_HIPS].mean()
    other = np.nan_to_num(other)
    other[0, 9, 2] += 0.5
    both, _ = depths(networks, picture, np.array([True]), other)
    assert np.isnan(both[0, 9])
    kept = [coco for coco, _ in SHARED if coco != 9]
    np.testing.assert_array_equal(both[0, kept], alone[0, kept])


def test_hips_are_never_denied():
    other = np.zeros((17, 3))
    other[11, 2], other[12, 2] = 0.4, -0.4
    assert not doubtful(np.zeros(17), other).any()
    other[0, 2] = 0.2
    assert np.flatnonzero(doubtful(np.zeros(17), other)).tolist() == [0]


def test_a_pose_that_misses_the_marked_joints_is_no_label():
    rays = np.random.default_rng(0).uniform(-0.3, 0.3, (1, 17, 2)).astype(np.float32)
    poses = np.concatenate([3 * rays, np.full((1, 17, 1), 3)], -1)
    sure = np.ones((1, 17), np.float32)
    assert meets(poses, rays, sure).tolist() == [True]
    sure[0, 5] = 0
    poses[0, 5] += 3  # not marked: it may lie anywhere
    assert meets(poses, rays, sure).tolist() == [True]
    poses[0, :8] += 0.3
    assert meets(poses, rays, sure).tolist() == [False]
