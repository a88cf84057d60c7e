import pytest
import torch

from duopose.networks.normalisation import FEATURES, POSE, VALID
from duopose.networks.tcn import TCN, JointTCN


def shaken(network):
    """A network whose every weight and statistic is random, ready to answer."""
    generator = torch.Generator().manual_seed(1)
    for name, value in network.state_dict().items():
        if value.is_floating_point():
            noise = torch.randn(value.shape, generator=generator)
            value.copy_(noise.abs() + 0.5 if name.endswith("running_var") else noise * 0.3)
    return network.eval()


def test_every_frame_of_the_window_counts():
    tcn = shaken(TCN(4, 3, channels=6, frames=27))
    window = torch.randn(1, 27, 4, requires_grad=True)
    tcn(window).sum().backward()
    assert window.grad.abs().sum(-1).gt(0).all()


def test_an_untrained_joint_tcn_answers_with_the_poses_of_the_gcn():
    network = JointTCN(channels=6, frames=9, lookaheads=(0, 4)).eval()
    window = torch.randn(2, 9, FEATURES)
    window[..., VALID] = 1
    window[..., POSE.start : POSE.start + 3] = 0  # the pelvis
    joints = network(window)
    torch.testing.assert_close(joints[:, 0].flatten(1), window[:, 8, POSE])
    torch.testing.assert_close(joints[:, 1].flatten(1), window[:, 4, POSE])


@pytest.mark.parametrize("frames", [0, 2, 10, 28])
def test_a_window_is_a_power_of_three(frames):
    with pytest.raises(ValueError, match=f"not {frames}"):
        TCN(4, 3, channels=6, frames=frames)


def test_a_window_of_another_length_is_refused_with_both_numbers():
    with pytest.raises(ValueError, match=r"27 frames, got \(1, 26, 4\)"):
        TCN(4, 3, channels=6)(torch.zeros(1, 26, 4))
