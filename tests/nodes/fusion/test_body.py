"""Bodies whose bones keep their lengths, who hold still while people stand and keep up while they move."""

import numpy as np
import pytest

from duopose.nodes.fusion.body import FORGET, ONE_AXIS, USUAL, Bodies
from duopose.stream.settings import SMOOTH
from duopose.stream.skeleton import BODY_MIRROR, BODY_PARENTS, L_ELBOW, L_WRIST, PELVIS, R_ELBOW, R_WRIST
from tests.painted import upright

RATE = 30.0  # Hz
FROM = np.maximum(BODY_PARENTS, 0)
ONE = np.array([1], np.int32)


def person(x=0.3, depth=4.0, grown=1.0):
    """Someone who stands there: float32 [1, 17, 3]."""
    return (grown * upright() + [x, 0.1, depth]).astype(np.float32)[None]


def measured(true, rng, noise=0.03):
    """What networks and picture say of people [N, 17, 3]: (joints, joint_sd, rays, confidence)."""
    joints = true + rng.normal(0, noise, true.shape)
    seen = true + rng.normal(0, noise, true.shape)
    rays = seen[..., :2] / seen[..., 2:]
    joint_sd, sure = np.full(true.shape[:2], 0.08, np.float32), np.full(true.shape[:2], 0.8, np.float32)
    return joints.astype(np.float32), joint_sd, rays.astype(np.float32), sure


def exact(true):
    return measured(true, np.random.default_rng(0), noise=0)


def follow(trues, smooth=SMOOTH, noise=0.03, rate=RATE, ids=ONE, seed=0):
    """Frames of people [N, 17, 3], measured with errors -> [T, N, 17, 3]."""
    bodies, rng = Bodies(smooth), np.random.default_rng(seed)
    return np.array([bodies.step(ids, *measured(true, rng, noise), t / rate) for t, true in enumerate(trues)])


def lengths_of(joints):
    return np.linalg.norm(joints - joints[..., FROM, :], axis=-1)[..., 1:]


def shake(joints):
    return np.linalg.norm(np.diff(joints, 2, axis=0), axis=-1).mean()


def test_an_empty_scene_stays_empty():
    nobody = np.zeros((0, 17), np.float32)
    fitted = Bodies().step(np.zeros(0, np.int32), *exact(person()[:0])[:3], nobody, 0.0)
    assert fitted.shape == (0, 17, 3)
    assert fitted.dtype == np.float32


def test_bones_keep_their_lengths_after_the_first_second():
    lengths = lengths_of(follow([person()] * 120))[30:]
    assert (lengths.std(0) / lengths.mean(0)).max() < 0.015
    assert np.abs(lengths.mean(0) / lengths_of(person()) - 1).max() < 0.1


def test_left_and_right_of_a_person_are_alike():
    lopsided = person()
    lopsided[0, L_WRIST] += [0, 0.1, 0]
    fitted = Bodies().step(ONE, *exact(lopsided), 0.0)[0]
    bones = np.linalg.norm(fitted - fitted[FROM], axis=-1)
    np.testing.assert_allclose(bones, bones[BODY_MIRROR], rtol=1e-4)


def test_a_limb_that_the_networks_guess_takes_its_length_from_the_other():
    guessed = person()
    guessed[0, L_WRIST] += 0.3 * (guessed[0, L_WRIST] - guessed[0, L_ELBOW])
    joints, joint_sd, rays, sure = exact(guessed)
    joint_sd[0, L_WRIST], sure[0, L_WRIST] = 0.5, 0
    fitted = Bodies().step(ONE, joints, joint_sd, rays, sure, 0.0)
    np.testing.assert_allclose(lengths_of(fitted), lengths_of(person()), rtol=0.02)


def test_who_does_not_say_how_sure_it_is_is_believed_as_usual():
    joints, joint_sd, rays, sure = measured(person(), np.random.default_rng(2))
    nobody, usual = np.full_like(joint_sd, np.nan), np.full_like(joint_sd, USUAL / ONE_AXIS)
    fitted = Bodies().step(ONE, joints, nobody, rays, sure, 0.0)
    np.testing.assert_allclose(fitted, Bodies().step(ONE, joints, usual, rays, sure, 0.0), atol=1e-6)


@pytest.mark.parametrize(("share", "left"), [(0.03, (0.3, 0.8)), (0.3, (0.0, 0.15))])
def test_a_distance_gives_way_to_a_size_that_contradicts_it_much(share, left):
    joints, joint_sd, rays, sure = exact(person())
    joints += joints[:, :1] * np.float32(share)  # too far away, at its true size
    fitted = Bodies().step(ONE, joints, joint_sd, rays, sure, 0.0)
    assert left[0] < (fitted[0, PELVIS, 2] / person()[0, PELVIS, 2] - 1) / share < left[1]
    assert np.abs(fitted - fitted[:, :1] - person() + person()[:, :1]).max() < 0.05


def test_a_single_wild_frame_hardly_changes_a_length():
    bodies = Bodies()
    for frame in range(60):
        true = person(grown=2.0 if frame == 40 else 1.0)
        fitted = bodies.step(ONE, *exact(true), frame / RATE)
        if frame > 40:
            np.testing.assert_allclose(lengths_of(fitted), lengths_of(person()), rtol=0.01)


def test_someone_who_stands_trembles_less_the_more_smoothing_is_asked_for():
    trembling = [shake(follow([person()] * 90, smooth)) for smooth in (0.0, 0.1, SMOOTH, 1.0)]
    assert trembling == sorted(trembling, reverse=True)
    assert trembling[2] < trembling[0] / 3


@pytest.mark.parametrize("rate", [10.0, 15.0, 30.0, 60.0])
def test_someone_who_walks_at_constant_speed_is_not_held_back(rate):
    times = np.arange(int(3 * rate)) / rate
    fitted = follow([person(x=-2 + 1.4 * t) for t in times], noise=0, rate=rate)
    late = (-2 + 1.4 * times - fitted[:, 0, PELVIS, 0])[int(rate) :] / 1.4  # s
    assert np.abs(late).max() < 0.05


def test_an_arm_that_swings_slowly_is_not_held_back():
    times, trues = np.arange(150) / RATE, []
    for angle in 0.6 * np.sin(2 * np.pi * 0.5 * times):
        true = person()
        true[0, L_WRIST] = true[0, L_ELBOW] + 0.24 * np.array([np.sin(angle), np.cos(angle), 0])
        trues.append(true)
    found = follow(trues, noise=0)[30:, 0, L_WRIST, 0]
    wanted = np.array(trues)[:, 0, L_WRIST, 0]
    shifts = range(6)  # frames
    best = min(shifts, key=lambda shift: ((found - wanted[30 - shift : 150 - shift]) ** 2).sum())
    assert best / RATE <= 0.05


def test_a_joint_found_on_somebody_else_does_not_bend_the_body():
    bodies = Bodies()
    for frame in range(30):
        joints, joint_sd, rays, sure = exact(person())
        if frame == 29:
            rays[0, L_WRIST, 0] += 0.3  # 1.2 m beside
        fitted = bodies.step(ONE, joints, joint_sd, rays, sure, frame / RATE)
    assert np.linalg.norm(fitted - person(), axis=-1).max() < 0.02


def test_a_joint_that_was_not_found_is_where_the_networks_say():
    joints, joint_sd, rays, sure = exact(person())
    rays[0, [L_WRIST, R_WRIST, R_ELBOW]], sure[0, [L_WRIST, R_WRIST, R_ELBOW]] = np.nan, 0
    np.testing.assert_allclose(Bodies().step(ONE, joints, joint_sd, rays, sure, 0.0), person(), atol=1e-4)


def test_equal_people_in_their_first_pictures_are_equal_to_the_bit():
    given = measured(person(), np.random.default_rng(3))
    first = Bodies(0.0).step(ONE, *given, 0.0)
    np.testing.assert_array_equal(Bodies(1.0).step(np.array([7]), *given, 12.5), first)
    two = [np.concatenate([a, b]) for a, b in zip(exact(person(x=-1)), given, strict=True)]
    np.testing.assert_array_equal(Bodies().step(np.array([1, 2]), *two, 0.0)[1:], first)


def test_people_come_and_go_without_touching_each_other():
    bodies, alone = Bodies(), Bodies()
    rng = np.random.default_rng(5)
    for frame in range(40):
        mine = measured(person(), rng)
        other = measured(person(x=-1, grown=1.2), rng)
        both = [np.concatenate([a, b]) for a, b in zip(other, mine, strict=True)]
        expect = alone.step(ONE, *mine, frame / RATE)
        if 10 <= frame < 25:
            fitted = bodies.step(np.array([2, 1]), *both, frame / RATE)[1:]
        else:
            fitted = bodies.step(ONE, *mine, frame / RATE)
        np.testing.assert_array_equal(fitted, expect)


def test_two_who_exchange_identities_are_at_once_where_they_are():
    both = np.concatenate([person(x=-1), person(x=1)])
    bodies = Bodies()
    for frame in range(40):
        ids = np.array([1, 2] if frame < 30 else [2, 1])
        fitted = bodies.step(ids, *exact(both), frame / RATE)
        assert np.abs(fitted - both).max() < 0.02


def test_who_was_away_for_long_is_somebody_new():
    bodies = Bodies()
    bodies.step(ONE, *exact(person()), 0.0)
    taller = exact(person(grown=1.2))
    late = FORGET + 0.1
    np.testing.assert_array_equal(bodies.step(ONE, *taller, late), Bodies().step(ONE, *taller, late))
    bodies.step(np.array([2]), *exact(person()), late + FORGET + 0.1)
    assert list(bodies.people) == [2]
