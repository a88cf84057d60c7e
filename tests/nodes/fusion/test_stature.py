"""Whoever is said to be so tall is so tall, and stands where a person of that size is seen so large."""

import numpy as np
import pytest

from duopose.nodes.fusion.fusion import Fusion
from duopose.nodes.fusion.stature import FORGET, SHARE, Stature, stature
from duopose.stream.skeleton import PELVIS
from tests.nodes.fusion.test_fusion import mean, poses


def person(tall, depth=4.0, seat=0.0):
    """One person of that stature, pelvis at `depth` metres and aside: float32 [1, 17, 3]; `seat`: rad, of the hips."""
    leg, trunk = 0.49 * tall, (SHARE - 0.49) * tall
    pose = np.zeros((17, 3))
    for side, (hip, knee, ankle) in ((-1, (1, 2, 3)), (1, (4, 5, 6))):
        pose[hip] = 0.06 * side * tall, 0, 0
        pose[knee] = pose[hip] + leg / 2 * np.array([0, np.cos(seat), -np.sin(seat)])
        pose[ankle] = pose[knee] + [0, leg / 2, 0]
    pose[7], pose[8] = (0, -trunk / 2, 0), (0, -trunk, 0)
    pose[9:] = pose[8]
    return (pose + np.array([0.25, 0.1, 1.0]) * depth).astype(np.float32)[None]


def ids(*of):
    return np.array(of, np.int32)


@pytest.mark.parametrize("seat", [0.0, 1.2])
def test_the_stature_of_a_pose_does_not_depend_on_the_posture(seat):
    assert stature(person(1.7, seat=seat)) == pytest.approx([1.7], rel=1e-5)


def test_nobody_is_changed_where_nobody_knows():
    pose = person(1.7)
    assert Stature(None).step(ids(1), pose, 0.0) is pose


def test_an_empty_scene_stays_empty():
    assert Stature(1.8).step(ids(), np.zeros((0, 17, 3), np.float32), 0.0).shape == (0, 17, 3)


def test_someone_taller_than_was_assumed_stands_farther_off_on_the_same_ray():
    assumed, out = person(1.7), Stature(1.87).step(ids(1), person(1.7), 0.0)
    np.testing.assert_allclose(out[..., 2], 1.1 * assumed[..., 2], rtol=1e-5)
    np.testing.assert_allclose(out[..., :2] / out[..., 2:], assumed[..., :2] / assumed[..., 2:], rtol=1e-5)
    assert stature(out) == pytest.approx([1.87], rel=1e-5)


def test_everybody_is_measured_by_themselves():
    out = Stature(1.75).step(ids(1, 2), np.concatenate([person(1.6, 3.0), person(1.8, 5.0)]), 0.0)
    np.testing.assert_allclose(stature(out), 1.75, rtol=1e-5)
    np.testing.assert_allclose(out[:, PELVIS, 2], [3.0 * 1.75 / 1.6, 5.0 * 1.75 / 1.8], rtol=1e-5)


def test_a_wrong_frame_moves_nobody():
    node = Stature(1.8)
    for frame in range(30):
        node.step(ids(1), person(1.7), frame / 30)
    out = node.step(ids(1), person(2.4), 1.0)
    np.testing.assert_allclose(out, person(2.4) * np.float32(1.8 / 1.7), rtol=1e-5)


def test_fusion_makes_everybody_as_tall_as_is_said():
    node = Fusion(mean, 20, height=1.9)
    scene = node.step(poses((-1, 3), (1, 5)), poses())
    np.testing.assert_allclose(stature(scene.joints), 1.9, rtol=1e-5)
    assert not np.allclose(stature(scene.top_down), 1.9, rtol=0.02)


def test_whoever_was_away_is_measured_anew():
    node = Stature(1.8)
    node.step(ids(1), person(1.5), 0.0)
    node.step(ids(), np.zeros((0, 17, 3), np.float32), FORGET + 0.1)
    assert node.measured == {}
