import numpy as np
import pytest

from duopose.nodes.extents import extents
from duopose.nodes.fusion.matching import match, similarity
from duopose.nodes.shared_joints import shared_joints
from duopose.stream.messages import Poses, empty
from tests.painted import frame, pictured, standing


def poses(*people):
    """Poses of people who stand at (x, z) metres."""
    if not people:
        return empty(Poses, frame())
    joints, coco = zip(*(pictured(x, z) for x, z in people), strict=True)
    flat = np.full(len(people), 0.9, np.float32)
    boxes = extents(np.stack(coco))
    confidence = np.full((len(people), 17), 0.9, np.float32)
    return Poses(
        frame(),
        np.arange(1, len(people) + 1, dtype=np.int32),
        flat,
        boxes,
        np.stack(coco),
        np.stack(joints),
        confidence,
    )


@pytest.mark.parametrize(("n", "m"), [(0, 0), (0, 2), (2, 0)])
def test_without_one_branch_there_are_no_pairs(n, m):
    assert match(poses(*[(0, 3)] * n), poses(*[(0, 3)] * m)) == []


def test_the_same_poses_are_fully_similar():
    np.testing.assert_allclose(similarity(poses((0, 3)), poses((0, 3))), 1, atol=1e-5)


def test_everyone_is_paired_with_themselves_whatever_the_order():
    top = poses((-1, 3), (1, 3), (0, 5))
    assert sorted(match(top, poses((0, 5), (-1, 3), (1, 3)))) == [(0, 1), (1, 2), (2, 0)]


@pytest.mark.parametrize("distance", [1.5, 4.0, 9.0])
def test_depths_that_differ_by_a_tenth_are_the_same_person_at_any_distance(distance):
    assert match(poses((0, distance)), poses((0, 1.1 * distance))) == [(0, 0)]


def test_one_behind_the_other_are_two_people():
    assert match(poses((0, 3)), poses((0, 5.5))) == []


def test_people_in_other_places_of_the_picture_are_not_paired():
    assert match(poses((-1, 3)), poses((1, 3))) == []


def test_one_of_two_candidates_is_taken():
    assert match(poses((0, 3)), poses((0, 3.3), (0, 3.05))) == [(0, 1)]


def test_poses_without_a_common_joint_are_not_paired():
    top, bottom = poses((0, 3)), poses((0, 3))
    top.confidence[:, 8:] = 0
    bottom.confidence[:, :8] = 0
    assert similarity(top, bottom)[0, 0] == 0
    assert match(top, bottom) == []


def test_coincidence_is_the_share_of_joints_at_the_same_place():
    one = standing(300, 240)
    half = one.copy()
    half[8:, 0] += 100
    lacking = one.copy()
    lacking[:9, 2] = 0
    box = extents(one[None])
    shares = shared_joints(np.stack([one, half, lacking, standing(500, 240)]), one[None], box)[:, 0]
    np.testing.assert_allclose(shares, [1, 8 / 17, 1, 0], atol=1e-6)
    assert shared_joints(one[None], np.zeros((0, 17, 3)), np.zeros((0, 4))).shape == (1, 0)
