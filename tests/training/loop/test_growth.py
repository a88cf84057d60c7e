import pytest
import torch

from duopose.networks.gcn import GCN
from duopose.networks.normalisation import FEATURES
from duopose.networks.tcn import JointTCN, RootTCN
from duopose.training.loop.growth import grown


def lively(network):
    """The network with norms that do something and a head that is not 0."""
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))
        for name, buffer in network.named_buffers():
            if "running" in name:
                buffer.add_(torch.rand_like(buffer))
    return network.eval()


@pytest.mark.parametrize("kind", [JointTCN, RootTCN])
def test_a_wider_tcn_answers_as_before_and_its_new_channels_learn(kind):
    torch.manual_seed(1)
    small = lively(kind(channels=8, lookaheads=(0, 4)))
    large = grown(small, kind(channels=12, lookaheads=(0, 4)).eval())
    window = torch.randn(3, 27, FEATURES)
    torch.testing.assert_close(large(window), small(window))
    large(window).sum().backward()
    assert large.tcn.head.weight.grad[:, 8:].abs().min() > 0


def test_a_gcn_with_a_wider_hub_answers_as_before():
    torch.manual_seed(2)
    small = lively(GCN(channels=4, hub=8))
    large = grown(small, GCN(channels=4, hub=16).eval())
    seen = torch.randn(3, 17, 2), torch.rand(3, 17), torch.randn(3, 3)
    torch.testing.assert_close(large(*seen), small(*seen))


def test_what_can_not_grow_is_named():
    with pytest.raises(ValueError, match=r"tcn.stem.norm.weight can't shrink|weigh.weight can't shrink"):
        grown(JointTCN(channels=12), JointTCN(channels=8))
    with pytest.raises(ValueError, match=r"embed.own.weight can't grow"):
        grown(GCN(channels=4, hub=8), GCN(channels=8, hub=8))
