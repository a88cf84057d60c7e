"""The two-person discriminator, what it learns from, and how it is judged."""

import json

import numpy as np
import pytest
import torch

from duopose.evaluation import discriminator as evaluation
from duopose.networks.discriminator import Discriminator
from duopose.stream.skeleton import BODY17, BODY_PARENTS, PELVIS
from duopose.training import discriminator
from duopose.training.mocap import cameras, couples, perturbation, rotations
from duopose.training.mocap.clips import Clips
from duopose.training.unlabelled.consistency import turned_about_vertical

RNG = np.random.default_rng(0)


def standing(count, rng=RNG):
    """People [count, 17, 3] of one shape, Y up, feet near the floor, arms anywhere."""
    at = {
        "pelvis": (0, 0.95, 0), "right_hip": (-0.1, 0.93, 0), "right_knee": (-0.1, 0.5, 0.02),
        "right_ankle": (-0.1, 0.08, 0), "left_hip": (0.1, 0.93, 0), "left_knee": (0.1, 0.5, 0.02),
        "left_ankle": (0.1, 0.08, 0), "spine": (0, 1.15, 0), "thorax": (0, 1.42, 0), "nose": (0, 1.6, 0.1),
        "head_top": (0, 1.75, 0), "left_shoulder": (0.18, 1.4, 0), "left_elbow": (0.2, 1.1, 0),
        "left_wrist": (0.2, 0.85, 0.05), "right_shoulder": (-0.18, 1.4, 0), "right_elbow": (-0.2, 1.1, 0),
        "right_wrist": (-0.2, 0.85, 0.05),
    }  # fmt: skip
    joints = np.tile(np.float32([at[name] for name in BODY17]), (count, 1, 1))
    return joints + rng.normal(0, 0.01, joints.shape).astype(np.float32)


@pytest.fixture
def pairs():
    """40 couples, 2 m apart: one clip of 20 frames, one of 20."""
    a, b = standing(40), standing(40)
    b[..., 0] += 2
    return Clips(np.concatenate([a, b], 1), np.array([0, 20]), np.array([20, 20]))


def in_camera(count):
    a, b = standing(count), standing(count)
    b[..., 0] += 1.5
    people = couples.filmed(np.stack([a, b], 1)[:, None], np.random.default_rng(1))[:, 0]
    return [torch.from_numpy(np.ascontiguousarray(people[:, n])) for n in (0, 1)]


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    return Discriminator(channels=16).eval()


def test_c_is_made_as_equation_9_says(network):
    a, b = in_camera(3)
    with torch.no_grad():
        d1 = [torch.sigmoid(network.single(pose)) for pose in (a, b)]
        expect = 0.25 * (d1[0] + d1[1]) + 0.5 * torch.sigmoid(network.pair(a, b))
        np.testing.assert_allclose(network(a, b), expect, rtol=1e-5)
        np.testing.assert_allclose(network.alone(a), d1[0], rtol=1e-5)


def test_nobody_gives_nothing(network):
    none = torch.zeros(0, 17, 3)
    assert network(none, none).shape == network.alone(none).shape == (0,)


def test_it_makes_no_difference_who_is_first_where_they_stand_and_how_they_are_turned(network):
    a, b = in_camera(4)
    with torch.no_grad():
        before = network(a, b)
        np.testing.assert_allclose(network(b, a), before, atol=1e-5)
        shift = torch.tensor([1.0, 0.0, 3.0])
        np.testing.assert_allclose(network(a + shift, b + shift), before, atol=1e-4)
        both = torch.cat([a, b], 1).numpy()
        turned = torch.from_numpy(turned_about_vertical(both, RNG.uniform(0, 6, 4)))
        np.testing.assert_allclose(network(turned[:, :17], turned[:, 17:]), before, atol=1e-4)
        assert (network.pair(a, b + 0.5 * (a[:, :1] - b[:, :1])) - network.pair(a, b)).abs().min() > 1e-4


def test_gradients_reach_every_joint_of_both_people(network):
    a, b = (pose.requires_grad_() for pose in in_camera(2))
    network(a, b).sum().backward()
    for pose in (a, b):
        assert torch.isfinite(pose.grad).all()
        assert (pose.grad.abs().sum(-1) > 0).all()


def test_gradients_stay_finite_where_two_people_stand_in_one_place(network):
    a, _ = in_camera(2)
    a.requires_grad_()
    network(a, a).sum().backward()
    assert torch.isfinite(a.grad).all()


def test_it_learns_within_a_few_steps_that_bodies_do_not_pass_through_each_other_and_have_no_wild_joints():
    torch.manual_seed(0)
    network = Discriminator(channels=32, dropout=0)
    a, b = in_camera(64)
    half = torch.arange(64) < 32
    wild = torch.from_numpy(perturbation.scattered(a.numpy(), RNG))
    through = torch.where(half[:, None, None], b, b - b[:, :1] + a[:, :1])
    batch = {"pose": torch.where(half[:, None, None], a, wild), "a": a, "b": through, "true": half.float()}
    optimiser = torch.optim.AdamW(network.parameters(), lr=3e-3)
    for _ in range(60):
        optimiser.zero_grad()
        sum(discriminator.loss(network, batch).values()).backward()
        optimiser.step()
    with torch.no_grad():
        areas = discriminator.judge(network.eval(), [batch])
    assert areas["d1"] > 0.99
    assert areas["d2"] > 0.99


# ---- pairs


def test_the_second_of_a_shuffled_couple_stands_in_place_and_is_turned_alike(pairs):
    rng = np.random.default_rng(2)
    mixed = couples.shuffled(pairs, 50, rng)
    assert mixed.shape == (50, 1, 2, 17, 3)
    first, second = mixed[:, 0, 0], mixed[:, 0, 1]
    everyone = pairs.joints.reshape(80, 17, 3)  # partners after each other
    frames = np.array([np.abs(everyone - pose).sum((1, 2)).argmin() for pose in first])
    assert set(frames % 2) == {0, 1}
    partner = everyone[frames ^ 1]
    np.testing.assert_allclose(second[:, PELVIS, [0, 2]], partner[:, PELVIS, [0, 2]], atol=1e-5)
    np.testing.assert_allclose(rotations.heading(second), rotations.heading(partner), atol=1e-4)
    assert (np.abs(second - partner).max((1, 2)) > 1e-3).all()


def test_a_loosened_couple_is_moved_along_the_ground_only_and_the_first_not_at_all(pairs):
    before = pairs.joints.reshape(40, 1, 2, 17, 3)
    after = couples.loosened(before, np.random.default_rng(0))
    np.testing.assert_array_equal(after[:, :, 0], before[:, :, 0])
    moved = after[:, :, 1] - before[:, :, 1]
    np.testing.assert_allclose(moved[..., 1], 0, atol=1e-6)
    assert np.ptp(moved, axis=2).max() < 1e-5  # as a whole
    assert moved[..., [0, 2]].std() == pytest.approx(couples.LOOSE, rel=0.4)


def test_the_other_moment_is_of_another_clip_or_far_away():
    clips = Clips(np.zeros((200, 34, 3), np.float32), np.array([0, 150]), np.array([150, 50]))
    ends = np.arange(200)
    others = couples.other_moments(clips, ends, np.random.default_rng(0))
    same = (ends < 150) == (others < 150)
    assert (np.abs(ends - others)[same] >= couples.APART).all()


def test_composed_people_never_touch(pairs):
    clips = Clips(standing(30), np.array([0]), np.array([30]))
    people = couples.composed(clips, np.zeros((60, 2)), np.random.default_rng(0))
    assert people.shape == (60, 2, 2, 17, 3)
    assert couples.nearest(people[:, :, 0], people[:, :, 1]).min() >= couples.CLEAR


def test_interpenetrating_people_do_interpenetrate_and_others_do_not(pairs):
    apart = pairs.joints.reshape(40, 1, 2, 17, 3)
    assert (couples.overlap(apart[:, 0, 0], apart[:, 0, 1]) < 0).all()
    pushed = couples.interpenetrating(apart, np.random.default_rng(0))
    assert (couples.overlap(pushed[:, 0, 0], pushed[:, 0, 1]) >= couples.THICK).all()
    np.testing.assert_array_equal(pushed[:, :, 0], apart[:, :, 0])
    np.testing.assert_allclose(pushed[..., 1], apart[..., 1], atol=1e-6)  # nobody is lifted


def test_overlap_is_how_deep_two_round_bodies_are_in_each_other():
    a, b = (np.tile(np.float32([0, 100, 0]) * np.arange(17)[:, None], (1, 1, 1)) for _ in range(2))
    b = b + np.float32([0.2, 0, 0])
    spine = 2 * couples.RADIUS.max()
    assert couples.overlap(a, b)[0] == pytest.approx(spine - 0.2, abs=1e-5)


def test_partners_get_the_same_body_and_stay_level(pairs):
    people, _ = couples.other_bodies(pairs.joints.reshape(40, 1, 2, 17, 3), np.random.default_rng(0))
    bones = [
        np.linalg.norm(people[:, 0, :, joint] - people[:, 0, :, parent], axis=-1)
        for joint, parent in enumerate(BODY_PARENTS)
        if parent >= 0 and BODY17[joint] in ("left_elbow", "right_wrist", "left_ankle")
    ]
    for length in bones:
        # they differ by the noise of `standing` only; two bodies drawn apart differ by 0.09 in the median
        assert np.median(np.abs(length[:, 0] / length[:, 1] - 1)) < 0.07
        assert length.std() > 0.01


# ---- single poses


@pytest.mark.parametrize("kind", perturbation.KINDS.values(), ids=perturbation.KINDS)
def test_every_perturbation_spoils_every_pose_and_keeps_its_form(kind):
    poses = in_camera(60)[0].numpy()
    before = poses.copy()
    spoilt = kind(poses, np.random.default_rng(0))
    np.testing.assert_array_equal(poses, before)
    assert spoilt.dtype == np.float32
    assert spoilt.shape == poses.shape
    assert np.isfinite(spoilt).all()
    assert (np.abs(spoilt - poses).max((1, 2)) > 0.004).all()


def test_a_pose_spoilt_in_depth_is_seen_as_before():
    poses = in_camera(20)[0].numpy()
    spoilt = perturbation.deepened(poses, RNG)
    np.testing.assert_allclose(cameras.rays_of(spoilt), cameras.rays_of(poses), atol=1e-4)


def test_a_bent_limb_keeps_its_bones():
    poses = in_camera(60)[0].numpy()
    spoilt = perturbation.bent(poses, RNG)
    bones = [
        [np.linalg.norm(x[:, j] - x[:, p], axis=-1) for j, p in enumerate(BODY_PARENTS) if p >= 0]
        for x in (poses, spoilt)
    ]
    np.testing.assert_allclose(*bones, atol=1e-5)


class Oracle:
    """Knows that bodies do not pass through each other, and how long an upper arm is."""

    def pair(self, a, b):
        return -torch.from_numpy(couples.overlap(a.numpy(), b.numpy()))

    def single(self, pose):
        arm = (pose[:, BODY17.index("left_elbow")] - pose[:, BODY17.index("left_shoulder")]).norm(dim=-1)
        return -(arm - arm.median()).abs()

    def __call__(self, a, b):
        return torch.sigmoid(self.pair(a, b))


def test_the_evaluation_measures_what_a_judge_knows(pairs, monkeypatch):
    monkeypatch.setattr(evaluation, "PAIRS", 60)
    monkeypatch.setattr(evaluation, "POSES", 60)
    rows = evaluation.of_pairs(Oracle(), pairs, np.random.default_rng(0))
    assert rows["interpenetrating"] == {"D2": 1.0, "C": 1.0}
    assert 0.2 < rows["shuffled"]["D2"] < 0.8
    clips = Clips(standing(30), np.array([0]), np.array([30]))
    areas = evaluation.of_singles(Oracle(), clips, np.random.default_rng(0))
    assert set(areas) == {"all", *perturbation.KINDS}
    assert areas["scattered"] > 0.6
    assert areas["swapped"] == pytest.approx(0.5, abs=0.1)  # left and right arms are as long


def test_a_short_training_leaves_weights_that_the_evaluation_reads(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(evaluation, "PAIRS", 60)
    monkeypatch.setattr(evaluation, "POSES", 60)
    people = standing(30)
    whole = np.round(people / 0.0005).astype(np.int16)
    clip = {"scale": np.float32(0.0005), "start": np.array([0]), "length": np.array([30])}
    couple = np.stack([people, people + np.float32([0.8, 0, 0])], 1)
    moved = {"pos": np.round(np.concatenate([couple, couple]) / 0.0005).astype(np.int16), "scale": clip["scale"],
             "start": np.array([0, 30]), "length": np.array([30, 30]),
             "name": np.array(["60_01+61_01", "60_14+61_14"])}  # fmt: skip
    for name in ("train", "train_extra", "val"):
        np.savez(tmp_path / f"{name}.npz", pos=whole, name=np.array(["01_01"]), **clip)
    np.savez(tmp_path / "pairs.npz", **moved)
    discriminator.main(["--data", str(tmp_path), "--out", str(tmp_path / "d"), "--steps", "2", "--channels", "8"])
    evaluation.main([str(tmp_path), "--weights", str(tmp_path / "d")])
    areas = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert set(areas) == {"auc_shuffled", "auc_interpenetrating", "auc_single"}
    assert all(0 <= area <= 1 for area in areas.values())
