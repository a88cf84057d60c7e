"""The losses: values that can be worked out by hand, and that unlabelled things cost nothing."""

import pytest
import torch

from duopose.training.images import losses


def test_a_perfect_heatmap_costs_nothing_and_an_ignored_one_neither():
    target = torch.rand(2, 3, 4, 4)
    assert losses.heatmap_loss(target, target, torch.ones_like(target)) == 0
    assert losses.heatmap_loss(target, 1 - target, torch.zeros_like(target)) == 0


def tags_of(values):
    """Maps [1, J, 1, N] that hold values [N][J], one cell a person; their index and who is known."""
    value = torch.tensor(values)
    count, joints = value.shape
    index = torch.arange(count)[None, :, None].expand(1, count, joints)
    return value.T[None, :, None], index, torch.ones(1, count, joints, dtype=torch.bool)


def test_pull_is_the_spread_within_people_and_push_the_nearness_of_their_means():
    pull, push = losses.tag_loss(*tags_of([[0.0, 2.0], [5.0, 5.0]]))
    assert pull.item() == pytest.approx((1 + 0) / 2)
    assert push.item() == pytest.approx(torch.exp(torch.tensor(-4.0)).item())


def test_a_single_person_is_not_pushed_and_unknown_joints_do_not_pull():
    tags, index, known = tags_of([[0.0, 2.0], [5.0, 5.0]])
    known[0, 0, 1] = False
    known[0, 1] = False
    pull, push = losses.tag_loss(tags, index, known)
    assert pull == 0
    assert push == 0


def test_two_people_with_nearly_the_same_tag_are_driven_apart():
    tags, index, known = tags_of([[0.0], [1e-3]])
    tags.requires_grad_()
    sum(losses.tag_loss(tags, index, known)).backward()
    assert tags.grad.abs().min() > 0.5


def test_depth_costs_where_it_is_known_only():
    depths = torch.tensor([1.0, 7.0]).reshape(1, 1, 1, 2)
    index, truth = torch.tensor([[[0], [1]]]), torch.tensor([[[3.0], [0.0]]])
    known = torch.tensor([[[True], [False]]])
    assert losses.depth_loss(depths, index, truth, known).item() == pytest.approx(2 - 0.05)


def test_the_right_box_costs_nothing_and_half_of_it_log_two():
    target = torch.full((1, 4, 1, 1), 8.0)
    trust = torch.ones(1, 1, 1)
    assert losses.side_loss(target, target, trust).item() == pytest.approx(0)
    half = target * torch.tensor([0.5, 1, 0.5, 1]).reshape(1, 4, 1, 1)
    assert losses.side_loss(half, target, trust).item() == pytest.approx(0.6931, abs=1e-4)


def test_centres_cost_less_the_surer_they_are():
    target = torch.zeros(1, 3, 3)
    target[0, 1, 1] = 1
    weight = torch.ones_like(target)
    costs = [losses.centre_loss(0.01 + sure * target, target, weight).item() for sure in (0.1, 0.5, 0.9)]
    assert costs == sorted(costs, reverse=True)
    assert losses.centre_loss(torch.full_like(target, 0.5), target, 0 * weight) == 0
