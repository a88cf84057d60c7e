"""duopose bench scaling [[N=]CLIP ...] [options]: what a person more and a pixel more cost.

CPU ms of all nodes for a frame, in one process on one core: with more and more people at one size,
then one clip at more and more pixels. `a person` is the slope over the people found, `a megapixel`
that over pixels, each by least squares; `alone` what is left with nobody, or no pixels.
"""

import numpy as np

from duopose.benchmarks import clips
from duopose.benchmarks.parts import options as common
from duopose.benchmarks.parts import people
from duopose.benchmarks.parts.watched import chain_of, one_core
from duopose.stream.arguments import Parser, count, size

PEOPLE = (0, 1, 2, 3, 4, 6, 8, 10)
SIZES = ((640, 360), (854, 480), (1280, 720), (1920, 1080))
WARM = 4  # frames that are not counted


def measure(chain, images, size, frames):
    """-> CPU ms a frame, people a frame"""
    filled = [clips.filled(image, *size) for image in images[: frames + WARM]]
    found = chain.play(clips.there_and_back(filled, frames + WARM), warm=WARM)
    return float(np.mean(chain.stopwatch.ms["frame"])), float(np.mean(found))


def slope(x, y):
    """Least squares -> what one x more adds to y, y at x = 0; NaN where all x are one.

    >>> [round(number, 6) for number in slope([0, 1, 3], [10, 12, 16])]
    [2.0, 10.0]
    """
    if len(set(x)) < 2:
        return float("nan"), float("nan")
    return tuple(map(float, np.polyfit(x, y, 1)))


def main(argv):
    parser = Parser(__doc__)
    people.add_options(parser, PEOPLE)
    parser.add_argument("--sizes", type=size, nargs="+", default=list(SIZES), metavar="WxH", help="360p to 1080p")
    parser.add_argument("--at", type=size, default=(1280, 720), metavar="WxH", help="size while people vary (1280x720)")
    parser.add_argument("--frames", type=count, default=40, help="that count, of each (%(default)s)")
    parser.add_argument("--profile", default="lite", help="whose networks run (%(default)s)")
    common.add_options(parser)
    options = parser.parse_args(argv)
    common.begin(options)
    one_core()
    shown, said = people.sources(options)
    chain = chain_of(options.profile)
    print(*said, "", sep="\n", flush=True)
    crowds, sizes = {}, {}
    for who, images in shown.items():
        ms, found = measure(chain, images, options.at, options.frames)
        crowds[who] = {"ms": ms, "people": found}
    who, images = list(shown.items())[min(1, len(shown) - 1)]  # somebody should be in it
    for width, height in options.sizes:
        ms, found = measure(chain, images, (width, height), options.frames)
        sizes[f"{who}, {width}x{height}"] = {"ms": ms, "people": found, "megapixels": width * height / 1e6}
    person, nobody = slope(*([row[key] for row in crowds.values()] for key in ("people", "ms")))
    megapixel, none = slope(*([row[key] for row in sizes.values()] for key in ("megapixels", "ms")))
    slopes = {"a person": {"ms": person, "alone": nobody}, "a megapixel": {"ms": megapixel, "alone": none}}
    common.end(options, crowds | sizes, ("ms",), "duopose bench scaling, CPU ms a frame", **slopes)
