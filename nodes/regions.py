"""Regions: how many people are in each third of the picture, from left to right. Started with `--also regions`.

in   scene    everyone in frame k
out  regions  how many of them are in each third, for other programs
"""

import numpy as np

from duopose.stream.messages import Regions


def count(scene):
    """Scene -> Regions; a person is where the middle of the box is, at the picture's edge if that is outside."""
    middle = scene.boxes[:, 0] + scene.boxes[:, 2] / 2  # pixels; the picture begins at -0.5
    third = np.floor(3 * (middle + 0.5) / scene.frame.width).clip(0, 2).astype(int)
    return Regions(scene.frame, tuple(np.bincount(third, minlength=3).tolist()))


def main(bus, settings):
    for _, scene in bus.each():
        bus.publish("regions", count(scene))
