"""What the three image networks share: the trunks to choose from, and how a picture enters them."""

import torch
from torch import nn

from duopose.networks.backbones.hrnet import HRNet
from duopose.networks.backbones.mobilenet import Head, MobileNetV2FPN

IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))  # mean and deviation of R, G and B, 0..1
APART = 24  # pixels: as far apart are two columns whose tags start at a distance of 1

TRUNKS = {"mobilenet": MobileNetV2FPN, "hrnet": HRNet}


def trunk(backbone, width, inputs=3):
    """The trunk of that name: [B, inputs, H, W] -> [B, trunk.channels, H/4, W/4]"""
    return TRUNKS[backbone](width=width, inputs=inputs)


def scale_picture(picture):
    """uint8 or float [B, H, W, 3], 0..255 -> float [B, 3, H, W], -1..1"""
    return picture.permute(0, 3, 1, 2).float() * (1 / 127.5) - 1


def imagenet(picture):
    """uint8 or float [B, H, W, 3] RGB, 0..255 -> float [B, 3, H, W], less ImageNet's mean, divided by its deviation"""
    mean, deviation = picture.new_tensor(IMAGENET, dtype=torch.float32)
    return ((picture.float() * (1 / 255) - mean) / deviation).permute(0, 3, 1, 2)


class Tags(nn.Module):
    """Identity tags of the joints: [B, inputs, H/4, W/4] -> [B, joints, H/4, W/4]

    A tag is the column it lies in, in units of 24 pixels, plus what the head adds. So people beside each other have
    different tags before anything is learned, and what is left to learn is local: how far it is to the person's
    middle, and how to tell apart two people in one column. (A head alone sees no position: it starts with one tag for
    all and needs thousands of steps to tell people apart.)
    """

    def __init__(self, inputs, joints):
        super().__init__()
        self.head = Head(inputs, joints)

    def forward(self, features):
        columns = torch.arange(features.shape[-1], dtype=torch.float32, device=features.device) * (4 / APART)
        return self.head(features).float() + columns
