import numpy as np
import pytest

from duopose.kernels.camera import constants, project
from duopose.nodes.bottom_up.bottom_up import NOBODY, BottomUp, is_due, read_around, read_root
from duopose.stream.messages import Frame, Poses, empty
from duopose.stream.skeleton import BODY17, coco_to_body
from tests import painted
from tests.painted import CAMERA, FOCAL, BottomUpNetwork, frame, paint, people, standing


def node(*depths, max_people=20):
    return BottomUp(BottomUpNetwork(depths), max_people)


def test_an_empty_frame_gives_nobody():
    poses = node(3.0).step(paint([]), people([], frame()))
    assert poses.joints.shape == (0, 17, 3)
    assert poses.confidence.shape == (0, 17)
    assert len(empty(Poses, frame()).ids) == 0


def test_each_frame_with_somebody_is_looked_at_and_few_of_those_with_nobody():
    frames, somebody = range(2 * NOBODY), [standing(300, 240)]
    assert all(is_due(people(somebody, frame(number))) for number in frames)
    assert sum(is_due(people([], frame(number))) for number in frames) == 2
    assert all(is_due(people([], frame(number, still=True))) for number in frames)


def test_everyone_stands_where_the_depth_maps_say():
    one, two = standing(150, 240), standing(450, 230)
    poses = node(2.5, 5.0).step(paint([one, two]), people([one, two], frame()))
    order = np.argsort(poses.coco[:, 0, 0])
    np.testing.assert_allclose(poses.joints[order][:, 0, 2], [2.5, 5.0], rtol=1e-3)
    assert (poses.ids == 0).all()
    expect = coco_to_body(np.stack([one, two]))[..., :2]
    for pose, pixels in zip(poses.joints[order], expect, strict=True):
        np.testing.assert_allclose(project(np.ascontiguousarray(pose), *constants(CAMERA)), pixels, atol=2)


def test_people_found_without_any_guide_are_found_too():
    assert len(node(3.0).step(paint([standing(300, 240)]), people([], frame())).ids) == 1


def test_the_guide_shows_the_top_down_joints_at_the_network_s_scale():
    pose = standing(300, 240)
    bottom_up = node(3.0)
    bottom_up.step(paint([pose]), people([pose], frame()))
    guides = bottom_up.network.guides[0]
    scale = 288 / painted.HEIGHT
    for joint in range(17):
        y, x = np.unravel_index(guides[joint].argmax(), guides[joint].shape)
        expect = (pose[joint, :2] - ((painted.WIDTH - 1) / 2, (painted.HEIGHT - 1) / 2)) * scale + (511 / 2, 287 / 2)
        np.testing.assert_allclose((x, y), expect, atol=1)
        assert guides[joint].max() > 240


def test_the_guide_is_as_high_as_the_joint_is_sure():
    pose = standing(300, 240, score=0.5)
    pose[3] = 0
    bottom_up = node(3.0)
    bottom_up.step(paint([pose]), people([pose], frame()))
    heights = bottom_up.network.guides[0].max((1, 2))
    assert heights[3] == 0
    np.testing.assert_allclose(np.delete(heights, 3), 127, atol=8)


def test_a_pose_with_a_missing_limb_is_complete_and_says_what_was_filled_in():
    pose = standing(300, 240)
    pose[[13, 15], 2] = 0  # left knee and ankle
    poses = node(3.0).step(paint([pose]), people([pose], frame()))
    filled = [BODY17.index("left_knee"), BODY17.index("left_ankle")]
    assert (np.flatnonzero(poses.confidence[0] == 0) == np.sort(filled)).all()
    assert np.isfinite(poses.joints).all()
    hip, knee, ankle = poses.joints[0, [BODY17.index("left_hip"), *filled]]
    assert hip[1] < knee[1] < ankle[1]


def test_the_surest_people_are_kept_when_there_are_too_many():
    poses = [standing(60 + 100 * n, 240, 120) for n in range(5)]
    assert len(node(*[3.0] * 5, max_people=2).step(paint(poses), people(poses, frame())).ids) == 2


def test_depth_does_not_depend_on_the_size_of_the_frame():
    near = node(3.0).step(paint([standing(300, 240)]), people([standing(300, 240)], frame()))
    pose = standing(600, 480, 400)
    camera = type(CAMERA)(fx=2 * FOCAL, fy=2 * FOCAL, cx=639.5, cy=479.5, origin="file")
    of = Frame(0, None, 0.0, 0.0, 1280, 960, camera, "ring", 0, 0, False)
    far = node(3.0).step(paint([pose], width=1280, height=960), people([pose], of))
    np.testing.assert_allclose(near.joints[0, :, 2], far.joints[0, :, 2], rtol=1e-3)
    np.testing.assert_allclose(near.joints, far.joints, atol=0.02)


def test_one_odd_cell_moves_no_depth():
    maps = np.full((1, 9, 9), 2.0, np.float32)
    maps[0, 4, 4] = 100
    assert read_around(maps, np.float32([[[4, 4]], [[0, 8]]])).ravel().tolist() == [2, 2]


@pytest.mark.parametrize(("missing", "expect"), [([], 1.0), ([11], 2.0), ([11, 12], 2.0)])
def test_the_root_is_read_between_the_hips_else_over_the_trunk(missing, expect):
    root = np.full((1, 60, 60), 2.0, np.float32)
    points = np.zeros((1, 17, 2), np.float32)
    points[0, [5, 6]], points[0, 11], points[0, 12] = (10, 10), (20, 30), (40, 30)
    root[0, 25:35, 28:33] = 1.0  # between the hips only
    found = np.ones((1, 17), bool)
    found[0, missing] = False
    assert read_root(root, points, found)[0] == expect
