import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from duopose.exporting.fitting import _best, fit, turned
from duopose.exporting.grid import Motion
from duopose.exporting.skeleton import BONES, JOINTS, NAMES, PARENTS, pose, rest_offsets
from duopose.stream.skeleton import BODY_MIRROR, L_ELBOW, L_SHOULDER, L_WRIST
from tests.duopose.exporting.recorded import RATE, walker

UP = np.array((1, -1, -1))  # from the camera frame to y up
TIMES = np.arange(90) / RATE


def motion(joints):
    return Motion(1, np.arange(len(joints)) / RATE, np.asarray(joints, np.float64), RATE)


def test_bones_that_keep_their_lengths_are_fitted_exactly():
    fitted = fit(motion(walker(TIMES) * UP))
    assert fitted.error.max() < 1e-4


def test_noise_makes_an_error_of_its_own_size():
    joints = walker(TIMES) * UP
    noisy = joints + np.random.default_rng(0).normal(0, 0.004, joints.shape)
    error = np.sqrt((fit(motion(noisy)).error ** 2).mean())
    assert error < 0.008


def test_what_was_said_of_the_error_is_what_forward_kinematics_gives():
    joints = walker(TIMES) * UP + np.random.default_rng(0).normal(0, 0.02, (len(TIMES), 17, 3))
    fitted = fit(motion(joints))
    shape = fitted.rotations.shape[:2]
    local = Rotation.from_quat(fitted.rotations.reshape(-1, 4)).as_matrix().reshape(*shape, 3, 3)
    places = pose(fitted.offsets, fitted.root, local)
    expected = np.linalg.norm(places - joints[:, JOINTS], axis=-1)
    for bone, joint in enumerate(JOINTS):
        np.testing.assert_allclose(fitted.error[:, joint], expected[:, bone], atol=1e-9)


def test_a_bone_that_carries_several_is_turned_as_scipy_turns_it():
    random = np.random.default_rng(1)
    rest, seen = random.normal(size=(3, 3)), random.normal(size=(20, 3, 3))
    found = _best(rest, seen, np.broadcast_to(np.eye(3), (20, 3, 3)))
    for row, points in zip(found, seen, strict=True):
        expected, _ = Rotation.align_vectors(points, rest)
        np.testing.assert_allclose(row, expected.as_matrix(), atol=1e-5)


def test_the_rest_pose_is_turned_by_nothing():
    joints = np.zeros((2, 17, 3))
    offsets = rest_offsets(walker(TIMES) * UP)
    joints[:, JOINTS] = pose(offsets, np.zeros((2, 3)), np.tile(np.eye(3), (2, len(BONES), 1, 1)))
    np.testing.assert_allclose(turned(joints, offsets), np.tile(np.eye(3), (2, len(BONES), 1, 1)), atol=1e-6)


def test_knees_and_elbows_are_hinges():
    """What turns about them in the recorded movement turns about one axis in the fitted one."""
    fitted = fit(motion(walker(TIMES) * UP))
    for name, axis in (("RightLowerLeg", 0), ("LeftLowerLeg", 0), ("LeftLowerArm", 1), ("RightLowerArm", 1)):
        turns = Rotation.from_quat(fitted.rotations[:, NAMES.index(name)]).as_rotvec()
        others = np.delete(turns, axis, axis=1)
        assert np.abs(others).max() < 0.01, name
        assert np.abs(turns[:, axis]).max() > 0.5


def test_a_stretched_arm_takes_its_twist_from_before_and_after():
    joints = walker(TIMES) * UP
    upper = joints[:, L_ELBOW] - joints[:, L_SHOULDER]
    stretched = slice(30, 40)
    length = np.linalg.norm(joints[0, L_WRIST] - joints[0, L_ELBOW])
    random = np.random.default_rng(2).normal(0, 0.005, (10, 3))
    joints[stretched, L_WRIST] = joints[stretched, L_ELBOW] + length * upper[stretched] / np.linalg.norm(
        upper[stretched], axis=-1, keepdims=True
    ) + random  # fmt: skip
    arm = fit(motion(joints)).rotations[28:42, NAMES.index("LeftUpperArm")]
    steps = (Rotation.from_quat(arm[1:]) * Rotation.from_quat(arm[:-1]).inv()).magnitude()
    assert steps.max() < 0.2  # the noise alone would turn it by radians


def test_a_mirrored_person_is_a_mirrored_skeleton():
    joints = walker(TIMES) * UP
    fitted, mirrored = fit(motion(joints)), fit(motion((joints * (-1, 1, 1))[:, BODY_MIRROR]))
    for name in NAMES:
        other = name.replace("Left", "X").replace("Right", "Left").replace("X", "Right")
        one, two = fitted.rotations[:, NAMES.index(name)], mirrored.rotations[:, NAMES.index(other)]
        expected = one * (1, -1, -1, 1)  # a mirror in x
        np.testing.assert_allclose(np.abs((two * expected).sum(-1)), 1, atol=1e-6)


def test_a_gap_is_bridged_and_has_no_error():
    joints = walker(TIMES) * UP
    joints[20:30] = np.nan
    fitted = fit(motion(joints))
    assert np.isfinite(fitted.rotations).all()
    assert np.isnan(fitted.error[:, 0]).nonzero()[0].tolist() == list(range(20, 30))
    np.testing.assert_allclose(fitted.root[19:31], np.linspace(joints[19, 0], joints[30, 0], 12))


@pytest.mark.parametrize("joints", [np.zeros((3, 17, 3)), np.ones((1, 17, 3)), np.arange(51.0).reshape(1, 17, 3)])
def test_a_pose_that_can_not_be_still_gives_rotations(joints):
    fitted = fit(motion(joints))
    np.testing.assert_allclose(np.linalg.norm(fitted.rotations, axis=-1), 1, atol=1e-6)


def test_every_bone_comes_after_its_parent_and_every_joint_has_a_bone():
    assert all(parent < bone for bone, parent in enumerate(PARENTS))
    assert set(JOINTS) == set(range(17))
