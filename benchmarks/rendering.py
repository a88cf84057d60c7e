"""duopose bench rendering --pack DIR --motion DIR [options]: frames of rendered people a second and
core.

CPU seconds of one process are counted, so other work on the machine matters little. All that a
frame of a shard takes is in them: now and then a new person, poses, light, picture, labels, JPEG.
"""

import json
import os
import time

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):  # read when NumPy is loaded
    os.environ.setdefault(_name, "1")

import cv2  # noqa: E402
import numpy as np  # noqa: E402

from duopose.stream.arguments import Parser  # noqa: E402
from duopose.training.synthetic.make import pack_frames  # noqa: E402
from duopose.training.synthetic.options import add_sources, check_sources, pixels  # noqa: E402
from duopose.training.synthetic.scene import PEOPLE_KEPT, Generator  # noqa: E402

FLOOR = 8.0  # frames/s that a core must reach


def measure(generator, frames, people, size):
    """-> CPU ms of each frame [frames], people in it [frames]."""
    generator.frame(0, people, size)  # compiles kernels
    for number in range(PEOPLE_KEPT):  # a long run has dressed them; from then on one changes every few frames
        generator.person(number)
    times, counts = [], []
    for number in range(1, frames + 1):
        start = time.process_time()
        frame = generator.frame(number, people, size)
        pack_frames([(number, frame)], generator.seed)
        times.append((time.process_time() - start) * 1e3)
        counts.append(len(frame.people))
    return np.array(times), np.array(counts)


def main(argv):
    parser = Parser(__doc__)
    add_sources(parser, "train")
    parser.add_argument("--frames", type=int, default=100)
    parser.add_argument("--people", type=int, default=3)
    parser.add_argument("--size", type=pixels, default="512x384", help="WxH")
    options = parser.parse_args(argv)
    check_sources(parser, options)
    if options.frames < 1 or not 1 <= options.people <= PEOPLE_KEPT:
        parser.error(f"--frames must be at least 1, --people 1 to {PEOPLE_KEPT}")
    cv2.setNumThreads(1)
    times, counts = measure(
        Generator(options.pack, options.motion, split=options.split), options.frames, options.people, options.size
    )
    width, height = options.size
    fps = 1e3 / times.mean()
    print(
        f"{width}x{height}, {counts.mean():.2f} people: {times.mean():.1f} ms a frame "
        f"({np.median(times):.1f} median, {np.percentile(times, 95):.1f} 95th percentile) "
        f"= {fps:.1f} frames/s a core, at least {FLOOR:.0f} wanted"
    )
    print(json.dumps({"fps": round(fps, 2), "ms": round(times.mean(), 2), "people": round(counts.mean(), 2),
                      "frames": options.frames, "size": options.size, "enough": bool(fps >= FLOOR)}))  # fmt: skip
