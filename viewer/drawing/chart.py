"""A small graph: two curves over the last seconds."""

import cv2
import numpy as np

SUBPIXEL = 4  # bits that OpenCV takes of a position between pixels


def curve(seconds, values, top, span, width, height, colour, thick):
    """A line over a clear picture, newest at the right edge.

    seconds  float [N], before now; values float [N], 0 at the bottom, `top` at the top; colour red, green, blue 0..1
    ->       uint8 RGBA [height, width, 4]
    """
    cover = np.zeros((height, width), np.uint8)
    if len(values) > 1:
        x = (width - 1) * (1 - np.asarray(seconds) / span)
        y = (height - 1 - thick) * (1 - np.clip(np.asarray(values) / top, 0, 1)) + thick / 2
        points = np.round(np.stack([x, y], 1) * (1 << SUBPIXEL)).astype(np.int32)
        cv2.polylines(cover, [points], False, 255, thick, cv2.LINE_AA, SUBPIXEL)
    picture = np.empty((height, width, 4), np.uint8)
    picture[..., :3] = np.round(255 * np.float32(colour))
    picture[..., 3] = cover
    return picture


def rounded_up(value):
    """The next 1, 2 or 5 times a power of ten, for the top of an axis.

    >>> rounded_up(17.2), rounded_up(0.09), rounded_up(0)
    (20.0, 0.1, 1.0)
    """
    if value <= 0:
        return 1.0
    power = 10.0 ** np.floor(np.log10(value))
    return float(next(round(step * power, 10) for step in (1, 2, 5, 10) if value <= step * power * (1 + 1e-9)))
