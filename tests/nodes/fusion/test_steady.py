"""Distances that hold still while people stand and keep up while they walk."""

import numpy as np

from duopose.nodes.fusion.steady import FORGET, NOISE, Steady
from duopose.stream.skeleton import PELVIS

RATE = 30.0  # Hz


def person(depth):
    """One standing person, pelvis at `depth` metres and somewhat aside: float32 [1, 17, 3]."""
    pose = np.random.default_rng(1).normal(0, 0.3, (17, 3))
    pose[PELVIS] = 0
    return (pose + np.array([0.25, 0.1, 1.0]) * depth).astype(np.float32)[None]


def follow(depths, steady=None):
    """Filtered depths of the pelvis [T] for measured ones [T]."""
    steady = steady or Steady()
    one = np.array([1], np.int32)
    return np.array([steady.step(one, person(depth), frame / RATE)[0, PELVIS, 2] for frame, depth in enumerate(depths)])


def test_an_empty_scene_stays_empty():
    assert Steady().step(np.zeros(0, np.int32), np.zeros((0, 17, 3), np.float32), 0.0).shape == (0, 17, 3)


def test_someone_new_is_believed_at_once():
    np.testing.assert_allclose(Steady().step(np.array([4]), person(3.0), 0.0), person(3.0), rtol=1e-5)


def test_noise_around_a_standing_person_is_reduced_to_a_third():
    measured = 4 * np.exp(np.random.default_rng(2).normal(0, NOISE, 150))
    settled = follow(measured)[30:]
    assert settled.std() < measured[30:].std() / 3


def test_a_walking_person_is_not_held_back():
    true = 6 - 1.5 * np.arange(90) / RATE
    np.testing.assert_allclose(follow(true)[45:], true[45:], atol=0.05)


def test_one_wild_frame_hardly_moves_anyone():
    measured = np.full(60, 4.0)
    measured[40] = 12.0
    assert np.abs(follow(measured) - 4).max() < 0.4


def test_the_pose_slides_along_its_ray():
    steady = Steady()
    steady.step(np.array([1]), person(4.0), 0.0)
    measured = person(4.4)
    moved = steady.step(np.array([1]), measured, 1 / RATE)
    assert 4.0 < moved[0, PELVIS, 2] < 4.4
    np.testing.assert_allclose(
        moved[0, PELVIS] / moved[0, PELVIS, 2], measured[0, PELVIS] / measured[0, PELVIS, 2], rtol=1e-5
    )
    np.testing.assert_allclose(moved - moved[:, :1], measured - measured[:, :1], atol=1e-5)


def test_who_was_away_for_long_starts_anew():
    steady = Steady()
    one = np.array([1])
    steady.step(one, person(4.0), 0.0)
    late = FORGET + 0.1
    np.testing.assert_allclose(steady.step(one, person(7.0), late), person(7.0), rtol=1e-5)
    steady.step(np.array([2]), person(3.0), late + FORGET + 0.1)
    assert list(steady.filters) == [2]
