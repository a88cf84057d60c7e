"""The losses of semi-supervised training against their formulas, written out."""

import numpy as np
import pytest
import torch

from duopose.networks.pairs import Reference, resolve
from duopose.stream.skeleton import PELVIS
from duopose.training.unlabelled import consistency
from duopose.training.unlabelled.adversarial import discriminator_loss, estimator_loss

RNG = np.random.default_rng(0)


def people(count, depth=4.0):
    return (RNG.normal(0, 0.4, (count, 17, 3)) + (0.5, -0.2, depth)).astype(np.float32)


def tensors(*arrays):
    return [torch.from_numpy(np.asarray(array, np.float32)) for array in arrays]


def test_the_reprojection_error_is_equation_15():
    poses, rays = people(3), RNG.normal(0, 0.2, (3, 17, 2))
    confidence, size = RNG.uniform(0, 1, (3, 17)), RNG.uniform(0.1, 0.5, 3)
    expect = [
        sum(
            confidence[n, k] * sum((poses[n, k, axis] / poses[n, k, 2] - rays[n, k, axis]) ** 2 for axis in (0, 1))
            for k in range(17)
        )
        / 17
        / size[n] ** 2
        for n in range(3)
    ]
    found = consistency.reprojection_error(*tensors(poses, rays, confidence, size))
    np.testing.assert_allclose(found, expect, rtol=1e-4)


def test_a_joint_that_was_not_seen_costs_nothing_and_a_pose_that_is_seen_where_it_should_be_neither():
    poses = people(2)
    rays = poses[..., :2] / poses[..., 2:]
    rays[:, 3] += 5
    sure = np.ones((2, 17))
    sure[:, 3] = 0
    found = consistency.reprojection_error(*tensors(poses, rays, sure, np.ones(2)))
    np.testing.assert_allclose(found, 0, atol=1e-10)


def test_the_multi_perspective_error_is_the_mean_squared_distance():
    a, b = people(2), people(2)
    expect = [np.mean([sum((a[n, k] - b[n, k]) ** 2) for k in range(17)]) for n in range(2)]
    np.testing.assert_allclose(consistency.multi_perspective_error(*tensors(a, b)), expect, rtol=1e-5)


def test_a_turned_pose_stays_where_it_stands_as_high_and_as_large():
    poses = people(5)
    turned = consistency.turned_about_vertical(poses, RNG.uniform(0, 6, 5))
    np.testing.assert_allclose(turned[:, PELVIS], poses[:, PELVIS], atol=1e-6)
    np.testing.assert_allclose(turned[..., 1], poses[..., 1], atol=1e-6)
    lengths = [np.linalg.norm(x - x[:, :1], axis=-1) for x in (poses, turned)]
    np.testing.assert_allclose(*lengths, atol=1e-5)
    assert np.abs(turned - poses).max() > 0.1


def test_weights_sum_to_one_and_move_from_easy_to_hard():
    error = torch.tensor([0.5, 3.0, 1.0, 0.1])
    weights = torch.stack([consistency.easy_first(error, epoch) for epoch in range(1, 30)])
    np.testing.assert_allclose(weights.sum(1), 1, atol=1e-6)
    assert (weights[0].argsort(descending=True) == error.argsort()).all()
    steps = weights.diff(dim=0)
    assert (steps[:, error.argmax()] > 0).all()  # the hardest counts more and more
    assert (steps[:, error.argmin()] < 0).all()  # at the easiest one's expense
    np.testing.assert_allclose(weights[-1], 0.25, atol=0.02)


def test_the_first_weights_are_equation_11():
    error = np.array([0.5, 3.0, 1.0])
    powers = [np.exp(-e / np.mean(error) / 2) for e in error]
    found = consistency.easy_first(torch.from_numpy(error), 2)
    np.testing.assert_allclose(found, np.array(powers) / sum(powers), rtol=1e-6)


def test_the_consistency_loss_is_the_first_term_of_equation_10_and_its_weights_have_no_gradient():
    a, b = torch.rand(4, requires_grad=True), torch.rand(4, requires_grad=True)
    weight = consistency.easy_first(a, 3) + consistency.easy_first(b, 3)
    loss = consistency.consistency_loss([a, b], 3)
    assert loss.item() == pytest.approx(sum(w * (x + y) for w, x, y in zip(weight, a, b, strict=True)).item(), rel=1e-5)
    loss.backward()
    np.testing.assert_allclose(a.grad, weight)


def test_the_adversarial_loss_is_equation_8():
    true, estimated = torch.tensor([0.9, 0.6]), torch.tensor([0.2, 0.7])
    expect = -(np.log(0.9) + np.log(0.6)) / 2 - (np.log(0.8) + np.log(0.3)) / 2
    assert discriminator_loss(true, estimated).item() == pytest.approx(expect, rel=1e-5)
    np.testing.assert_allclose(estimator_loss(estimated), -np.log([0.2, 0.7]), rtol=1e-5)


def test_who_is_sure_and_wrong_pays_much_but_never_infinitely():
    wrong = discriminator_loss(torch.zeros(1), torch.ones(1))
    assert 10 < wrong.item() < 100
    estimated = torch.zeros(1, requires_grad=True)
    estimator_loss(estimated).sum().backward()
    assert torch.isfinite(estimated.grad).all()


def test_points_of_the_virtual_camera_turned_back_are_what_resolve_gives():
    joints, root = people(4) - people(4)[:, :1], RNG.normal(0, 0.1, (4, 3)).astype(np.float32)
    reference = Reference(np.zeros((4, 2), np.float32), np.full(4, 3.0, np.float32))
    points = consistency.stand(*tensors(joints, root, reference.depth))
    np.testing.assert_allclose(points, resolve(joints, root, reference), atol=1e-5)


def test_rays_pass_into_the_virtual_camera_as_points_do():
    poses, direction = people(3), RNG.normal(0, 0.3, (3, 2)).astype(np.float32)
    turned = poses @ np.swapaxes(consistency.facing(direction), -1, -2)
    rays = consistency.in_virtual_camera(poses[..., :2] / poses[..., 2:], direction)
    np.testing.assert_allclose(rays, turned[..., :2] / turned[..., 2:], atol=1e-5)
