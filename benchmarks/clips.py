"""Clips for the benchmarks: the same people again and again, in the size, rate and form that a measurement wants."""

from collections import Counter
from fractions import Fraction
from itertools import chain, cycle, islice

import av
import cv2
import numpy as np

from duopose.nodes.capture.files import VideoFile


def pictures(path):
    """Every picture of a video -> list of uint8 [H, W, 3] RGB. Raises UsageError where it is none."""
    return [np.ascontiguousarray(picture.pixels()) for picture in VideoFile(path, Counter()).pictures()]


def there_and_back(images, frames):
    """So many pictures out of few: forward, backward, forward, ..., so that nobody jumps."""
    return islice(cycle(chain(images, images[-2:0:-1])), frames)


def filled(image, width, height):
    """The picture scaled until it fills the size; what stands out at the sides is cut off."""
    scale = max(width / image.shape[1], height / image.shape[0])
    size = max(width, round(image.shape[1] * scale)), max(height, round(image.shape[0] * scale))
    large = cv2.resize(image, size, interpolation=cv2.INTER_CUBIC)
    left, top = (size[0] - width) // 2, (size[1] - height) // 2
    return np.ascontiguousarray(large[top : top + height, left : left + width])


def write(path, images, rate, form=None):
    """Pictures of one size -> an H.264 file with `rate` frames a second.

    form   "h264" = a bare stream, each frame behind a delimiter and each key frame with its headers, as a camera sends
    """
    with av.open(str(path), "w", format=form) as container:
        stream = None
        for number, image in enumerate(images):
            if stream is None:
                stream = container.add_stream("libx264", rate=Fraction(rate).limit_denominator(1001))
                stream.height, stream.width = image.shape[:2]
                stream.pix_fmt = "yuv420p"
                extra = f"keyint={round(rate)}:bframes=0:aud=1:repeat-headers=1" if form == "h264" else ""
                stream.options = {"preset": "veryfast", "crf": "18", "x264-params": extra}
            frame = av.VideoFrame.from_ndarray(image, format="rgb24")
            frame.pts = number
            frame.time_base = 1 / Fraction(rate).limit_denominator(1001)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
