import pytest
import torch

from duopose.networks.gcn import GCN, PerJoint, adjacency, hops
from duopose.stream.skeleton import BODY17, PELVIS

J = {name: i for i, name in enumerate(BODY17)}


@pytest.fixture
def gcn():
    torch.manual_seed(0)
    return GCN(channels=8, hub=16).eval()


def test_hops_count_bones_both_ways():
    steps = hops()
    assert torch.equal(steps, steps.T)
    assert steps.diagonal().eq(0).all()
    assert steps[J["right_wrist"], J["left_wrist"]] == 6  # wrist, elbow, shoulder, thorax and down again
    assert steps[J["pelvis"], J["head_top"]] == 4


def test_the_adjacency_is_equation_12():
    """Weight of joint k on joint j: confidence of k times exp(-hops), normalised over k."""
    confidence = torch.rand(3, 17)
    weight = adjacency(confidence, torch.exp(-hops().float()))
    j, k = J["left_knee"], J["left_hip"]
    row = [confidence[1, other].item() * torch.exp(-hops()[j, other].float()).item() for other in range(17)]
    assert weight[1, j, k].item() == pytest.approx(row[k] / sum(row), rel=1e-5)


def test_a_missing_joint_tells_nobody_anything():
    confidence = torch.ones(1, 17)
    confidence[0, J["nose"]] = 0
    weight = adjacency(confidence, torch.exp(-hops().float()))
    assert weight[0, :, J["nose"]].eq(0).all()
    assert weight[0, J["nose"]].sum().item() == pytest.approx(1, abs=1e-5)  # but it listens


def test_where_a_missing_joint_is_said_to_be_changes_nothing(gcn):
    confidence = torch.ones(1, 17)
    confidence[0, J["left_ankle"]] = 0
    points = torch.randn(1, 17, 2)
    points[0, J["left_ankle"]] = 0
    view = torch.zeros(1, 3)
    pose = gcn(points, confidence, view)
    assert torch.isfinite(pose).all()
    confidence[0, J["left_ankle"]] = 0.5
    assert not torch.allclose(gcn(points, confidence, view), pose)


def test_nobody_at_all_still_gives_a_finite_pose(gcn):
    assert torch.isfinite(gcn(torch.zeros(1, 17, 2), torch.zeros(1, 17), torch.zeros(1, 3))).all()
    assert gcn(torch.zeros(0, 17, 2), torch.zeros(0, 17), torch.zeros(0, 3)).shape == (0, 17, 3)


def test_poses_are_relative_to_the_pelvis(gcn):
    pose = gcn(torch.randn(4, 17, 2), torch.rand(4, 17), torch.randn(4, 3))
    assert pose[:, PELVIS].eq(0).all()


def test_a_layer_per_joint_is_the_same_in_training_and_after():
    layer, x = PerJoint(3, 5), torch.randn(4, 17, 3)
    by_hand = torch.stack([x[:, j] @ layer.weight[j] + layer.bias[j] for j in range(17)], 1)
    torch.testing.assert_close(layer.train()(x), by_hand)
    torch.testing.assert_close(layer.eval()(x), by_hand)
