import numpy as np
import pytest
import torch

from duopose.networks import pairs
from duopose.networks.integration import FAR, FILLED_IN, JOINTS, Integration, mean
from duopose.nodes.fusion.integration import Integration as IntegrationNode
from duopose.stream.skeleton import PELVIS

RNG = np.random.default_rng(0)


def poses(count, depth=4.0):
    pose = RNG.normal(0, 0.4, (count, 17, 3)) + (0.5, -0.2, depth)
    return pose.astype(np.float32)


@pytest.fixture
def node():
    """The node with an untrained network, which answers with the confidence-weighted mean."""
    network = Integration(channels=8).eval()

    def call(features):
        with torch.no_grad():
            return tuple(output.numpy() for output in network(torch.from_numpy(features)))

    return IntegrationNode(call)


def test_nobody_gives_nobody(node):
    none, flat = np.zeros((0, 17, 3), np.float32), np.zeros((0, 17), np.float32)
    nobody = node.step(none, flat, none, flat)
    assert (nobody.joints.shape, nobody.depth_sd.shape, nobody.joint_sd.shape) == ((0, 17, 3), (0,), (0, 17))


def test_beyond_where_people_were_learned_from_the_distance_says_nothing():
    network = Integration(channels=8).eval()
    for parameter in network.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    features = torch.rand(3, pairs.FEATURES)
    features[:, -1] = torch.tensor([1.0, FAR, FAR + 1])
    features[1:, :-1] = features[0, :-1]
    outputs = network(features)
    for output in outputs:
        torch.testing.assert_close(output[2], output[1])
    assert not torch.allclose(outputs[0][0], outputs[0][1])


def test_two_equal_poses_stay_what_they_are(node):
    pose, sure = poses(3), np.full((3, 17), 0.8, np.float32)
    np.testing.assert_allclose(node.step(pose, sure, pose, sure).joints, pose, atol=1e-4)


@pytest.mark.parametrize("branch", [0, 1])
def test_a_pose_without_partner_passes_through_where_it_is(node, branch):
    pose, sure = poses(2), np.full((2, 17), 0.8, np.float32)
    pair = [np.full_like(pose, np.nan), np.zeros_like(sure)] * 2
    pair[2 * branch : 2 * branch + 2] = pose, sure
    np.testing.assert_allclose(node.step(*pair).joints, pose, atol=1e-4)


def test_a_joint_that_only_the_bottom_up_branch_found_comes_from_there(node):
    top, bottom = poses(1), poses(1)
    top_sure, bottom_sure = np.full((1, 17), 0.9, np.float32), np.full((1, 17), 0.9, np.float32)
    top_sure[0, 16] = 0
    bottom[0, PELVIS] = top[0, PELVIS]
    fused = node.step(top, top_sure, bottom, bottom_sure).joints
    assert np.linalg.norm(fused[0, 16] - bottom[0, 16]) < np.linalg.norm(fused[0, 16] - top[0, 16])


def test_whatever_was_learned_the_distance_lies_between_those_of_the_branches():
    torch.manual_seed(0)
    network = Integration(channels=32)
    for last in (network.belief, network.change, network.spread):
        torch.nn.init.normal_(last.weight, 0, 5)
    near, far, sure = poses(50, 3.0), poses(50, 5.0), np.full((50, 17), 0.8, np.float32)
    features, reference = pairs.describe(near, sure, far, sure)
    with torch.no_grad():
        _, root, _ = network(torch.from_numpy(features))
    depth = reference.depth * np.exp(root[:, 2].numpy())
    turned = [features[:, pairs.ROOTS].reshape(50, 2, 3)[:, branch, 2] for branch in (0, 1)]
    low, high = (reference.depth * np.exp(end) for end in (np.minimum(*turned), np.maximum(*turned)))
    assert (depth >= low - 1e-4).all()
    assert (depth <= high + 1e-4).all()
    assert depth.std() > 0.3


def test_describe_and_resolve_are_inverse():
    pose, sure = poses(4), np.ones((4, 17), np.float32)
    features, reference = pairs.describe(pose, sure, poses(4, 5.0), sure)
    assert features.shape == (4, pairs.FEATURES)
    joints = features[:, pairs.POSES].reshape(4, 2, 17, 3)[:, 0]
    root = features[:, pairs.ROOTS].reshape(4, 2, 3)[:, 0]
    np.testing.assert_allclose(pairs.resolve(joints, root, reference), pose, atol=1e-4)


def test_the_network_does_not_see_what_is_missing():
    top, sure = poses(2), np.full((2, 17), 0.7, np.float32)
    features, _ = pairs.describe(top, sure, np.full_like(top, np.nan), sure)
    bottom = features[:, pairs.POSES].reshape(2, 2, 51)[:, 1]
    assert (bottom == 0).all()
    assert features[:, pairs.PRESENT].tolist() == [[1, 0], [1, 0]]


def test_the_mean_weighs_by_confidence():
    features = torch.zeros(1, pairs.FEATURES)
    features[0, pairs.PRESENT] = 1
    features[0, 51 * 1 + 3] = 1.0  # x of joint 1 in the bottom-up pose
    features[0, pairs.CONFIDENCE] = torch.tensor([0.0, 0.0] + [0.0] * 15 + [0.0, 1.0] + [0.0] * 15)
    joints, _ = mean(features)
    assert joints[0, 1, 0].item() == pytest.approx(JOINTS[1] / (JOINTS[1] + FILLED_IN), abs=1e-3)
