"""The two skeletons and the one way between them."""

import numpy as np

from duopose.stream.skeleton import BODY17, BODY_BONES, BODY_MIRROR, COCO17, COCO_MIRROR, COCO_TO_BODY, coco_to_body


def coco_person(score=0.9):
    joints = np.random.default_rng(3).uniform(0, 100, (17, 3)).astype(np.float32)
    joints[:, 2] = score
    return joints


def test_no_people_map_to_no_people():
    assert coco_to_body(np.zeros((0, 17, 3), np.float32)).shape == (0, 17, 3)


def test_the_mapping_moves_with_the_person():
    np.testing.assert_allclose(COCO_TO_BODY.sum(1), 1, atol=1e-6)
    joints = coco_person()
    moved = joints + np.array([12, -7, 0], np.float32)
    np.testing.assert_allclose(coco_to_body(moved)[:, :2], coco_to_body(joints)[:, :2] + [12, -7], atol=1e-3)


def test_named_joints_keep_their_place():
    joints = coco_person()
    body = coco_to_body(joints)
    for name in set(BODY17) & set(COCO17):
        np.testing.assert_allclose(body[BODY17.index(name)], joints[COCO17.index(name)], rtol=1e-6)
    hips = [COCO17.index("left_hip"), COCO17.index("right_hip")]
    np.testing.assert_allclose(body[BODY17.index("pelvis"), :2], joints[hips, :2].mean(0), rtol=1e-6)


def test_a_missing_joint_takes_along_those_made_of_it():
    joints = coco_person()
    joints[COCO17.index("left_hip")] = 0
    body = coco_to_body(joints)
    assert {BODY17[j] for j in np.flatnonzero(body[:, 2] == 0)} == {"pelvis", "left_hip", "spine"}
    assert np.all(body[body[:, 2] == 0] == 0)


def test_a_mirrored_person_maps_to_the_mirrored_body():
    joints = coco_person()
    flipped = (joints * [-1, 1, 1])[COCO_MIRROR]
    np.testing.assert_allclose(coco_to_body(flipped), (coco_to_body(joints) * [-1, 1, 1])[BODY_MIRROR], atol=1e-3)


def test_bones_join_all_joints_into_one_body():
    assert len(BODY_BONES) == 16
    assert {joint for bone in BODY_BONES for joint in bone} == set(range(17))
