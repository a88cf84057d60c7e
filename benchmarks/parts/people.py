"""Clips with so many people: those the user has, and for other numbers people of the packaged clip side by side.

Where only clips are named whose number of people isn't said, they are all that is measured.
"""

import argparse
from pathlib import Path

import cv2
import numpy as np

from duopose.benchmarks import clips
from duopose.nodes.capture.sources import DEMO
from duopose.stream.arguments import existing

# Parts of the packaged clip, which is 480x270: x, y, width, height.
NOBODY = (208, 0, 85, 48)  # the ceiling above everybody
ONE = (0, 52, 146, 218)  # the woman on the left, all the time
SHOWS = 3  # people
IN_A_ROW = 5
APART = 4  # pictures between neighbours, who would move alike


def numbered(text):
    """4=CLIP -> (4, path): the clip shows 4 people. CLIP alone -> (None, path).

    >>> numbered("4=/")[0], numbered("/")[0]
    (4, None)
    """
    number, separator, path = text.partition("=")
    if separator and number.isdecimal() and not Path(text).exists():
        return int(number), existing(path)
    return None, existing(text)


def add_options(parser, people):
    parser.add_argument("clips", nargs="*", type=numbered, metavar="[N=]CLIP", help="a video, which shows N people")
    add = parser.add_argument
    add("--people", type=whole, nargs="+", default=list(people), metavar="N", help="how many people (%(default)s)")


def whole(text):
    """A whole number from 0 up."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no number of people")
    return int(text)


def sources(options):
    """{what to call it: [pictures, uint8 [H, W, 3] RGB]} of the options, and a line about each that was composed."""
    found = {}
    given = dict(clip for clip in options.clips if clip[0] is not None)
    for number, path in options.clips:
        if number is None:
            found[path.name] = clips.pictures(path)
    if options.clips and not given:  # these clips were meant
        return found, []
    said = []
    for number in options.people:
        if number in given:
            found[name(number)] = clips.pictures(given[number])
        else:
            found[name(number)], how = composed(number)
            said += [f"{name(number)}: {how}"]
    return found, said


def name(number):
    return f"{number} {'person' if number == 1 else 'people'}"


def composed(number):
    """So many people out of the packaged clip -> pictures, and how they came about."""
    images = clips.pictures(DEMO)
    if number == SHOWS:
        return images, "the packaged clip"
    if number == 0:
        return [cut(image, NOBODY) for image in images], "the ceiling of the packaged clip"
    pictures = [side_by_side(images, start, number) for start in range(len(images))]
    return pictures, "one person of the packaged clip, so many times side by side"


def cut(image, part):
    x, y, width, height = part
    return np.ascontiguousarray(image[y : y + height, x : x + width])


def side_by_side(images, start, number):
    """A picture of 16:9 with the person of ONE so many times, each at another moment."""
    rows = -(-number // IN_A_ROW)
    across = -(-number // rows)
    shape = max(rows * ONE[3], -(-across * ONE[2] * 9 // 16))
    canvas = cv2.GaussianBlur(clips.filled(cut(images[start], NOBODY), round(shape * 16 / 9), shape), (0, 0), 9)
    left, top = (canvas.shape[1] - across * ONE[2]) // 2, shape - rows * ONE[3]
    for place in range(number):
        person = cut(images[there_and_back(start + APART * place, len(images))], ONE)
        row, column = divmod(place, across)
        x, y = left + column * ONE[2], top + row * ONE[3]
        canvas[y : y + ONE[3], x : x + ONE[2]] = person if place % 2 == 0 else person[:, ::-1]
    return canvas


def there_and_back(number, count):
    """Index of the picture number `number` of a clip of `count` that is played forward and backward.

    >>> [there_and_back(number, 3) for number in range(6)]
    [0, 1, 2, 1, 0, 1]
    """
    number %= max(2 * count - 2, 1)
    return min(number, 2 * count - 2 - number)
