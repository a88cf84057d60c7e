"""Fine-tuning the integration network with people nobody measured."""

import json

import numpy as np
import pytest
import torch

from duopose.networks.discriminator import Discriminator
from duopose.networks.gcn import GCN
from duopose.networks.integration import Integration
from duopose.networks.pairs import describe
from duopose.networks.tcn import JointTCN, RootTCN
from duopose.nodes.top_down.lifting import Networks
from duopose.stream.errors import UsageError
from duopose.stream.skeleton import PELVIS
from duopose.training import integration, semi_supervised
from duopose.training.mocap import motion, unlabelled
from duopose.training.mocap.consistency import reprojection_error
from duopose.training.mocap.unlabelled import Unlabelled

FRAMES = 9


class Called:
    """A network as nodes call it."""

    def __init__(self, module):
        self.module, self.arguments = module.eval(), module.arguments

    def __call__(self, *arrays):
        with torch.no_grad():
            return (self.module(*map(torch.from_numpy, arrays)).numpy(),)


@pytest.fixture(scope="module")
def networks():
    torch.manual_seed(0)
    return Networks(*map(Called, (GCN(4, 8), JointTCN(8, FRAMES), RootTCN(8, FRAMES))))


def poses(count, rng, depth=4.0):
    return (rng.normal(0, 0.35, (count, 17, 3)) + (0.3, -0.1, depth)).astype(np.float32)


@pytest.fixture
def people():
    """Twelve people, every two of them together; the branches err, the 2D poses don't."""
    rng = np.random.default_rng(0)
    truth = poses(12, rng)
    top, bottom = (truth + rng.normal(0, 0.08, truth.shape).astype(np.float32) for _ in range(2))
    bottom[5] = np.nan
    sure, unsure = np.full((12, 17), 0.8, np.float32), np.full((12, 17), 0.4, np.float32)
    unsure[5] = 0
    partner = np.arange(12) ^ 1
    partner[[2, 3]] = -1
    return Unlabelled(top, sure, bottom, unsure, motion.rays_of(truth), sure, partner), truth


def labelled(people):
    """The same supervised batch for ever."""
    found, truth = people
    features, reference = describe(*found[:4])
    batch = [torch.from_numpy(np.asarray(x, np.float32)) for x in (features, *integration.target(truth, reference))]
    while True:
        yield batch


def real(rng, count):
    return poses(count, rng), poses(count, rng)


def fine_tuned(people, **terms):
    torch.manual_seed(1)
    network = Integration(channels=16, layers=3)
    return semi_supervised.fine_tune(network, labelled(people), people[0], **terms)


def test_one_batch_is_learned_by_heart(people, monkeypatch):
    monkeypatch.setattr(semi_supervised, "RATE", 3e-3)
    monkeypatch.setattr(semi_supervised, "BATCH", 8)
    batch = next(labelled(people))
    before = integration.errors(*Integration(channels=16)(batch[0]), *batch[1:])[0].item()
    network = fine_tuned(people, reprojection=False, steps=100)
    with torch.no_grad():
        after = integration.errors(*network(batch[0]), *batch[1:])[0].item()
    assert after < 0.5 * before


def test_the_reprojection_error_falls_where_it_counts(people, monkeypatch):
    monkeypatch.setattr(semi_supervised, "RATE", 3e-3)
    monkeypatch.setattr(semi_supervised, "CONSISTENCY", 30.0)
    found, _ = people
    limbs = torch.from_numpy(found.confidence.copy())
    limbs[:, semi_supervised.ELSEWHERE] = 0

    @torch.no_grad()
    def error(network):
        points, reference = semi_supervised.estimate(network, found[:4])
        rays = torch.from_numpy(semi_supervised.in_virtual_camera(found.rays, reference.direction))
        return reprojection_error(points, rays, limbs, torch.ones(12)).mean().item()

    errors = [error(fine_tuned(people, reprojection=term, steps=60)) for term in (False, True)]
    assert errors[1] < 0.8 * errors[0]


def test_every_term_alone_and_all_together_changes_what_is_learned_and_a_seed_repeats_it(people, networks):
    terms = {"reprojection": True, "multi_perspective": networks}
    judge = Discriminator(channels=8)
    terms["discriminator"] = semi_supervised.Adversary(judge, real)
    off = {"reprojection": False, "multi_perspective": None, "discriminator": None}
    before = {key: value.clone() for key, value in judge.state_dict().items()}
    weights = {
        name: fine_tuned(people, **(off | chosen), steps=4).last.weight.detach().clone()
        for name, chosen in {"none": {}, **{key: {key: term} for key, term in terms.items()}, "all": terms}.items()
    }
    for name in terms:
        assert not torch.equal(weights[name], weights["none"]), name
        assert not torch.equal(weights[name], weights["all"]), name
    again = fine_tuned(people, **(off | {"multi_perspective": networks}), steps=4).last.weight
    torch.testing.assert_close(again, weights["multi_perspective"], rtol=0, atol=0)
    for key, value in judge.state_dict().items():
        assert torch.equal(value, before[key])  # what is handed in stays as it is


def test_an_end_must_be_given(people):
    with pytest.raises(ValueError, match="minutes or steps"):
        fine_tuned(people)


def test_nobody_loses_the_only_pose_to_the_noise(people):
    found, _ = people
    for seed in range(20):
        pair = semi_supervised.noisy(found, np.array([5] * 50), np.random.default_rng(seed))
        assert np.isfinite(pair[0]).all()


def test_turned_pseudo_labels_are_the_teachers_and_lifted_from_what_is_seen_of_them(people, networks):
    found, _ = people
    teacher = Integration(channels=8).eval()
    turned = semi_supervised.Turned(networks, teacher, found, np.random.default_rng(0))
    np.testing.assert_allclose(turned.poses[:, PELVIS], turned.labels[:, PELVIS], atol=1e-5)
    np.testing.assert_allclose(turned.poses[..., 1], turned.labels[..., 1], atol=1e-5)
    np.testing.assert_allclose(
        turned.top, semi_supervised.lift_still(networks, motion.rays_of(turned.poses), found.confidence), atol=1e-6
    )
    error = turned.error(teacher, np.arange(12), np.random.default_rng(0))
    assert error.shape == (12,)
    assert (error >= 0).all()


# ---- where unlabelled people come from


def person(rng, branches=("top_down", "bottom_up"), missing=0):
    seen = rng.uniform(100, 300, (17, 2))
    score = np.full(17, 0.9)
    score[:missing] = 0
    return {
        "joints2d": np.column_stack([seen, score]).tolist(),
        "branches": {name: poses(1, rng)[0].tolist() for name in branches},
    }


def record(tmp_path, *frames):
    camera = {"fx": 500.0, "fy": 500.0, "cx": 200.0, "cy": 200.0, "distortion": [0.0] * 5, "from": "fov"}
    path = tmp_path / "a.jsonl"
    path.write_text("".join(json.dumps({"camera": camera, "people": people}) + "\n" for people in frames))
    return path


def test_a_record_becomes_unlabelled_people(tmp_path):
    rng = np.random.default_rng(0)
    first, second = person(rng), person(rng, ["top_down"])
    path = record(tmp_path, [first, person(rng, missing=14), second], [], [person(rng, ["bottom_up"])])
    found = unlabelled.from_record(path)
    assert [array.shape for array in found] == [(3, 17, 3), (3, 17)] * 2 + [(3, 17, 2), (3, 17), (3,)]
    np.testing.assert_allclose(found.top[0], first["branches"]["top_down"], rtol=1e-5)
    np.testing.assert_allclose(500 * found.rays[1, 4] + 200, second["joints2d"][4][:2], rtol=1e-4)
    assert np.isnan(found.bottom[1]).all()
    assert np.isnan(found.top[2]).all()
    np.testing.assert_allclose(found.bottom_confidence[[0, 1, 2], 0], [0.9, 0, 0.9], rtol=1e-5)
    assert found.partner.tolist() == [1, 0, -1]


def test_a_file_that_is_no_record_is_named_with_its_line(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"frames": 3}\n')
    with pytest.raises(UsageError, match=r"a\.jsonl: line 1 is no line of a record"):
        unlabelled.from_record(tmp_path / "a.jsonl")


def test_a_record_of_nobody_is_refused(tmp_path):
    with pytest.raises(UsageError, match="nobody"):
        unlabelled.from_record(record(tmp_path, []))


def test_pairs_of_the_branches_become_unlabelled_people(tmp_path, people):
    found, truth = people
    confidence = found.confidence.copy()
    confidence[0] = 0  # hardly seen: left out, and so is 1's partner
    np.savez(tmp_path / "a.npz", **(found._asdict() | {"confidence": confidence}), truth=truth)
    again, told = unlabelled.from_pairs(tmp_path / "a.npz")
    np.testing.assert_array_equal(told, truth[1:])
    assert again.partner.tolist() == [-1, -1, -1, 4, 3, 6, 5, 8, 7, 10, 9]
    np.testing.assert_allclose(again.bottom_confidence[0], found.bottom_confidence[1])
    np.savez(tmp_path / "b.npz", top=found.top)
    with pytest.raises(UsageError, match="lacks top_confidence"):
        unlabelled.from_pairs(tmp_path / "b.npz")


def test_joined_people_keep_their_partners(people):
    found, _ = people
    both = unlabelled.join([found, found])
    assert both.partner.tolist() == [*found.partner, *np.where(found.partner < 0, -1, found.partner + 12)]


def test_simulated_people_come_in_pairs_whose_truth_is_seen_along_their_rays(networks):
    rng = np.random.default_rng(0)
    joints = poses(60, rng, 0) + np.float32([0, 1.2, 0])
    clips = motion.Clips(joints, np.array([0]), np.array([60]))
    found, truth = unlabelled.simulated(networks, clips, None, 30, rng)
    assert len(found.top) == len(truth) > 10
    assert len(found.top) % 2 == 0
    np.testing.assert_array_equal(found.partner[found.partner], np.arange(len(truth)))
    apart = np.abs(motion.rays_of(truth) - found.rays).max(-1)[found.confidence > 0.5]
    assert np.median(apart) < 0.05
    assert np.isfinite(found.top).all()
    lone = np.isnan(found.bottom).all((1, 2))
    assert (found.bottom_confidence[lone] == 0).all()
