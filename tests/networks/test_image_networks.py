"""The image networks: shapes, padding, and that what is done for speed changes no number."""

import pytest
import torch
import torch.nn.functional as F

from duopose.networks.backbones.hrnet import HRNet
from duopose.networks.backbones.mobilenet import Convolution, MobileNetV2FPN
from duopose.networks.bottom_up import BottomUp
from duopose.networks.detector import Detector
from duopose.networks.top_down import TopDown


def pictures(batch, height, width):
    return torch.randint(
        0, 256, (batch, height, width, 3), dtype=torch.uint8, generator=torch.Generator().manual_seed(0)
    )


@pytest.mark.parametrize(("backbone", "width"), [("mobilenet", 1.0), ("mobilenet", 1.75), ("hrnet", 8)])
def test_each_trunk_gives_maps_at_a_quarter_of_the_input(backbone, width):
    heatmaps, tags = TopDown(backbone, width).eval()(pictures(2, 64, 96))
    assert heatmaps.shape == tags.shape == (2, 17, 16, 24)
    assert (heatmaps > 0).all()
    assert (heatmaps < 1).all()


def test_the_detector_gives_a_centre_and_four_positive_sides_per_cell():
    centres, sides = Detector().eval()(pictures(1, 64, 96))
    assert centres.shape == (1, 1, 16, 24)
    assert sides.shape == (1, 4, 16, 24)
    assert (sides >= 1).all()


def test_the_bottom_up_network_sees_its_guides():
    torch.manual_seed(0)
    network, frame = BottomUp().eval(), pictures(1, 64, 96)
    blank = torch.zeros(1, 17, 64, 96, dtype=torch.uint8)
    seen = [out.shape[1] for out in network(frame, blank)]
    assert seen == [17, 17, 17, 1]
    full = torch.full_like(blank, 255)
    assert all((a != b).any() for a, b in zip(network(frame, blank), network(frame, full), strict=True))


def test_a_strided_convolution_pads_at_the_bottom_and_right_as_tensorflow_does():
    layer = Convolution(1, 1, 3, 2, bias=False)
    torch.nn.init.ones_(layer.weight)
    x = torch.zeros(1, 1, 4, 4)
    x[0, 0, 0, 0] = 1  # seen by the first output only, as its first element
    x[0, 0, 3, 3] = 10  # seen by the last
    assert layer.eval()(x).tolist() == [[[[1, 0], [0, 10]]]]


def test_the_fast_way_to_train_a_strided_depthwise_layer_gives_the_same_numbers():
    torch.manual_seed(0)
    layer, x = Convolution(8, 8, 3, 2, groups=8), torch.randn(2, 8, 10, 12)
    torch.testing.assert_close(layer.train()(x), layer.eval()(x))
    plain = F.conv2d(F.pad(x, (0, 1, 0, 1)), layer.weight, layer.bias, 2, groups=8)
    torch.testing.assert_close(layer(x), plain)


@pytest.mark.parametrize("shape", [(1, 3, 48, 64), (1, 3, 64, 40)])
def test_a_size_that_does_not_fit_is_named(shape):
    with pytest.raises(ValueError, match="multiples of 32"):
        MobileNetV2FPN()(torch.zeros(shape))


def test_hrnet_w32_has_the_size_of_the_paper():
    assert sum(p.numel() for p in HRNet(width=32).parameters()) == pytest.approx(28.5e6, rel=0.01)
