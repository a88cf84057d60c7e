import numpy as np
import pytest

from duopose.kernels.reprojection import SEEN, fit_body
from duopose.stream.skeleton import BODY_PARENTS, L_ELBOW, L_WRIST, PELVIS
from tests.kernels import naive
from tests.painted import upright

FROM = np.maximum(BODY_PARENTS, 0)


def people(n, noise=0.05):
    """What `fit_body` takes, of n people who stand about: measured with errors, some joints not found."""
    rng = np.random.default_rng(n)
    true = upright() + rng.uniform([-1, -0.5, 2], [1, 0.5, 8], (n, 1, 3))
    poses = true + rng.normal(0, noise, (n, 17, 3))
    rays = true[..., :2] / true[..., 2:] + rng.normal(0, noise / 10, (n, 17, 2))
    confidence = rng.uniform(0.2, 1, (n, 17)) * (rng.random((n, 17)) < 0.8)
    lengths = lengths_of(true) * rng.uniform(0.9, 1.1, (n, 17))
    predicted, trust = true + rng.normal(0, noise, (n, 17, 3)), rng.uniform(0, 2, (n, 17))
    doubt = doubted(n) * rng.uniform(0.5, 2, (n, 17))
    return *(a.astype(np.float32) for a in (poses, doubt, rays, confidence, lengths)), predicted, trust


def doubted(n=1):
    """As sure as the networks usually are of n people."""
    return np.full((n, 17), 0.045, np.float32)


def lengths_of(poses):
    return np.linalg.norm(poses - poses[:, FROM], axis=-1).astype(np.float32)


@pytest.mark.parametrize("n", [0, 1, 20])
def test_it_is_the_least_squares_of_the_whole_matrix(n):
    given = people(n)
    expect = np.array([naive.fit_body(*person) for person in zip(*given, strict=True)]).reshape(n, 17, 3)
    np.testing.assert_allclose(fit_body(*given), expect, atol=2e-5)


def test_bones_have_their_lengths_whatever_else_is_said():
    given = people(20, noise=0.2)
    fitted = fit_body(*given)
    np.testing.assert_allclose(lengths_of(fitted)[:, 1:], given[4][:, 1:], rtol=1e-4)


def test_a_pose_with_which_all_agrees_stays():
    pose = (upright() + [0.3, 0.1, 4]).astype(np.float32)[None]
    rays, sure = pose[..., :2] / pose[..., 2:], np.ones((1, 17), np.float32)
    fitted = fit_body(pose, doubted(), rays, sure, lengths_of(pose), pose.astype(float), np.ones((1, 17)))
    np.testing.assert_allclose(fitted, pose, atol=1e-5)


def test_a_body_beside_its_joints_in_the_picture_is_put_onto_them():
    pose = (upright() + [0.3, 0.1, 4]).astype(np.float32)[None]
    beside = pose + np.float32([0.04, 0, 0])
    rays, sure = pose[..., :2] / pose[..., 2:], np.ones((1, 17), np.float32)
    fitted = fit_body(beside, doubted(), rays, sure, lengths_of(pose), beside.astype(float), np.zeros((1, 17)))
    assert np.abs(fitted - pose).max() < 0.005


def test_a_joint_far_beside_its_body_does_not_bend_it():
    pose = (upright() + [0.3, 0.1, 4]).astype(np.float32)[None]
    rays, sure = pose[..., :2] / pose[..., 2:], np.ones((1, 17), np.float32)
    moved = []
    for metres in (0.1, 0.5, 2.0):
        wrong = rays.copy()
        wrong[0, L_WRIST, 0] += metres / 4
        fitted = fit_body(pose, doubted(), wrong, sure, lengths_of(pose), pose.astype(float), np.zeros((1, 17)))
        moved.append(np.linalg.norm(fitted - pose, axis=-1)[0])
    assert moved[0][L_WRIST] > moved[1][L_WRIST] > moved[2][L_WRIST]
    assert moved[2].max() < 0.01


def test_a_bone_gives_way_to_the_picture_as_far_as_the_networks_doubt_it():
    pose = (upright() + [0.3, 0.1, 4]).astype(np.float32)[None]
    rays, sure = pose[..., :2] / pose[..., 2:], np.ones((1, 17), np.float32)
    rays[0, L_WRIST, 0] += 0.04 / 4
    off = []
    for sd in (0.01, 0.05, 0.25):
        doubt = doubted()
        doubt[0, L_WRIST] = sd
        fitted = fit_body(pose, doubt, rays, sure, lengths_of(pose), pose.astype(float), np.zeros((1, 17)))
        off.append(abs(fitted[0, L_WRIST, 0] / fitted[0, L_WRIST, 2] - rays[0, L_WRIST, 0]))
    assert off[0] > 1.5 * off[1] > 2 * off[2]


def test_joints_that_were_not_found_may_be_anywhere():
    poses, doubt, rays, confidence, *others = people(5)
    expect = fit_body(poses, doubt, rays, confidence, *others)
    rays[confidence == 0] = np.nan
    rays[:, ~SEEN] = np.nan
    np.testing.assert_array_equal(fit_body(poses, doubt, rays, confidence, *others), expect)


def test_someone_of_whom_nothing_was_found_is_as_the_networks_say():
    pose = (upright() + [0.3, 0.1, 4]).astype(np.float32)[None]
    nowhere, unsure = np.full((1, 17, 2), np.nan, np.float32), np.zeros((1, 17), np.float32)
    fitted = fit_body(pose, doubted(), nowhere, unsure, lengths_of(pose), np.zeros((1, 17, 3)), np.zeros((1, 17)))
    np.testing.assert_allclose(fitted, pose, atol=1e-5)


def test_equal_people_are_fitted_equally_to_the_bit_whoever_stands_beside():
    given = people(4)
    alone = fit_body(*(a[2:3] for a in given))
    np.testing.assert_array_equal(fit_body(*given)[2], alone[0])


def test_the_motion_is_followed_as_far_as_it_is_trusted():
    pose = (upright() + [0.3, 0.1, 4]).astype(np.float32)[None]
    nowhere, unsure = np.zeros((1, 17, 2), np.float32), np.zeros((1, 17), np.float32)
    there = pose.astype(float) + [0.1, 0, 0]
    steps = [
        fit_body(pose, doubted(), nowhere, unsure, lengths_of(pose), there, np.full((1, 17), trust))[0, PELVIS, 0]
        - pose[0, 0, 0]
        for trust in (0.0, 0.01, 1.0, 1e6)
    ]
    assert steps == sorted(steps)
    np.testing.assert_allclose([steps[0], steps[-1]], [0, 0.1], atol=1e-4)


def test_a_bone_without_length_in_the_pose_is_no_trouble():
    pose = (upright() + [0.3, 0.1, 4]).astype(np.float32)[None]
    lengths = lengths_of(pose)
    pose[0, L_WRIST] = pose[0, L_ELBOW]
    rays = np.zeros((1, 17, 2), np.float32)
    unsure = np.zeros((1, 17), np.float32)
    assert np.isfinite(fit_body(pose, doubted(), rays, unsure, lengths, pose.astype(float), np.zeros((1, 17)))).all()
