"""Whole frames to learn from, for the detector and the bottom-up network: pictures at any scale, alone or two
together."""

import numpy as np

from duopose.training.images.pictures import around, beside, cover, recolour, view

LARGER, SMALLER = 2.2, 0.65  # a picture is drawn at this share of the size at which it would just fit
PAIRS = 0.35  # share of frames made of two pictures: photographs are mostly upright and hold few people


def place(picture, rng, width, height):
    """A picture somewhere in a window of width x height, at a random scale, mirrored or not."""
    fit = min(width / picture.size[0], height / picture.size[1])
    scale = fit * np.exp(rng.uniform(np.log(SMALLER), np.log(LARGER)))
    size = scale * np.array(picture.size)
    free = np.array([width, height]) - size  # negative: cut off
    corner = rng.random(2) * free
    middle = (np.array([width, height]) / 2 - corner) / scale - 0.5  # the picture's point in the window's middle
    mirrored = rng.random() < 0.5
    if mirrored:
        middle[0] = picture.size[0] - 1 - middle[0]
    return view(picture, around(middle, scale, rng.normal(0, 0.05), mirrored, width, height), width, height)


def frame(draw, rng, width, height):
    """A frame of width x height for training; draw(rng) gives a picture. People, colours and cover vary."""
    if rng.random() < PAIRS:
        below = height > width
        half = (width, height // 2) if below else (width // 2, height)
        out = beside(place(draw(rng), rng, *half), place(draw(rng), rng, *half), below)
    else:
        out = place(draw(rng), rng, width, height)
    return out._replace(image=recolour(cover(out.image, rng), rng))
