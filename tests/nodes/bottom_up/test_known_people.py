import numpy as np
import pytest

from duopose.nodes.bottom_up.known_people import gather, height_at
from duopose.nodes.extents import extents
from tests.painted import maps, paint, standing

KNEE = 13


def seen_and_guide(*people):
    """Heatmaps of painted people, and those people as both branches found them."""
    poses = np.stack(people)
    heatmaps, _ = maps(paint(poses), {})
    return heatmaps, poses, extents(poses)


def test_nobody_known_leaves_everybody_as_found():
    heatmaps, poses, _ = seen_and_guide(standing(150, 240), standing(450, 230))
    none = np.zeros((0, 17, 3), np.float32), np.zeros((0, 4), np.float32)
    np.testing.assert_array_equal(gather(poses, *none, heatmaps), poses)


def test_pieces_of_a_known_person_become_one_person_with_the_measured_joints():
    heatmaps, poses, boxes = seen_and_guide(standing(300, 240))
    upper, lower = poses.copy(), poses.copy()
    upper[0, 11:], lower[0, :11] = 0, 0
    upper[0, :11, :2] += 3  # found a little beside
    (found,) = gather(np.concatenate([lower, upper]), poses, boxes, heatmaps)
    np.testing.assert_allclose(found[:, :2], poses[0, :, :2])
    assert (found[:, 2] > 0.5).all()


def test_known_people_come_first_in_their_order_and_others_follow():
    heatmaps, poses, boxes = seen_and_guide(standing(100, 240), standing(300, 230), standing(520, 240))
    found = gather(poses[[2, 0, 1]], poses[[1, 0]], boxes[[1, 0]], heatmaps)
    np.testing.assert_allclose(found[..., :2], poses[[1, 0, 2], :, :2])


def test_a_known_person_of_whom_the_heatmaps_show_nothing_is_left_out():
    heatmaps, poses, boxes = seen_and_guide(standing(150, 240))
    ghost = standing(500, 240)[None]
    found = gather(poses, np.concatenate([ghost, poses]), np.concatenate([extents(ghost), boxes]), heatmaps)
    np.testing.assert_allclose(found[..., :2], poses[..., :2])


@pytest.mark.parametrize("lack", ["not found", "nothing there"])
def test_a_joint_that_the_top_down_branch_lacks_comes_from_the_pieces(lack):
    heatmaps, poses, boxes = seen_and_guide(standing(300, 240))
    guide = poses.copy()
    guide[0, KNEE] = 0 if lack == "not found" else (5, 5, 0.9)
    (found,) = gather(poses, guide, boxes, heatmaps)
    np.testing.assert_allclose(found[KNEE, :2], poses[0, KNEE, :2])


def test_heights_are_the_largest_nearby():
    heatmaps = np.zeros((17, 20, 20), np.float32)
    heatmaps[0, 5, 6], heatmaps[1, 5, 6] = 0.7, 0.4
    joints = np.zeros((1, 17, 3), np.float32)
    joints[0, 0] = 4 * 7 + 1.5, 4 * 4 + 1.5, 1  # the cell beside, down and across
    joints[0, 1] = 4 * 8 + 1.5, 4 * 5 + 1.5, 1  # two cells away
    assert height_at(heatmaps, joints)[0, :3].tolist() == pytest.approx([0.7, 0, 0])
