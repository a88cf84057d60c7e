"""What the three image networks share: the trunks to choose from, and how a picture enters them."""

from networks.hrnet import HRNet
from networks.mobilenet import MobileNetV2FPN

TRUNKS = {"mobilenet": MobileNetV2FPN, "hrnet": HRNet}


def trunk(backbone, width, inputs=3):
    """The trunk of that name: [B, inputs, H, W] -> [B, trunk.channels, H/4, W/4]"""
    return TRUNKS[backbone](width=width, inputs=inputs)


def scale_picture(picture):
    """uint8 or float [B, H, W, 3], 0..255 -> float [B, 3, H, W], -1..1"""
    return picture.permute(0, 3, 1, 2).float() * (1 / 127.5) - 1
