"""duopose bench start [CLIP] [options]: from the command to the first pose.

Medians of several runs of `duopose CLIP --headless`:

  warm    the files were just read: how it starts again and again
  cold    the files of Python, of the packages and of Duopose must come from the disk, as after the
          machine's start (Linux; the system is told to forget them, which it may refuse)
  first   as after the installation: the kernels are compiled too
"""

import os
import statistics
import sysconfig
import tempfile
from pathlib import Path

from duopose.benchmarks import clips
from duopose.benchmarks.parts import options as common
from duopose.benchmarks.parts import runs
from duopose.nodes.capture.sources import DEMO
from duopose.stream.arguments import Parser, count, existing

SIZE, FRAMES = (1280, 720), 10
CODE = ("duopose", "stream", "kernels", "networks", "nodes", "viewer")  # what a run imports
KINDS = ("warm", "cold", "first")


def forget_files():
    """Ask the system to drop from its memory what a start reads. -> how many files."""
    folders = {sysconfig.get_path(name) for name in ("purelib", "platlib", "stdlib")}
    folders |= {Path(__file__).parents[1] / name for name in CODE}
    dropped = 0
    for file in (file for folder in folders for file in Path(folder).rglob("*") if file.is_file()):
        with open(file, "rb") as open_file:
            os.posix_fadvise(open_file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        dropped += 1
    return dropped


def started(kind, clip, folder):
    """s from the command to the first pose of one run of that kind."""
    environment = dict(os.environ)
    if kind == "cold":
        forget_files()
    if kind == "first":
        environment |= {"XDG_CACHE_HOME": tempfile.mkdtemp(dir=folder)}
        environment.pop("NUMBA_CACHE_DIR", None)
    return runs.run(clip, environment=environment).stats["startup_s"]


def main(argv):
    parser = Parser(__doc__)
    parser.add_argument("clip", nargs="?", type=existing, default=DEMO, help="a video (default: the packaged one)")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS), help="(default: all)")
    parser.add_argument("--times", type=count, default=5, help="runs of each kind, in turns (%(default)s)")
    common.add_options(parser)
    options = parser.parse_args(argv)
    common.begin(options)
    images = clips.pictures(options.clip)
    times = {kind: [] for kind in options.kinds}
    with tempfile.TemporaryDirectory(prefix="duopose-bench-") as folder:
        clip = runs.written(Path(folder, "clip.mp4"), images[len(images) // 2 :], SIZE, FRAMES, 30)
        for _ in range(options.times):
            for kind in options.kinds:
                times[kind].append(started(kind, clip, folder))
    rows = {
        kind: {"s": statistics.median(found), "least": min(found), "most": max(found), "runs": len(found)}
        for kind, found in times.items()
    }
    common.end(options, rows, ("s",), "duopose bench start, s from the command to the first pose")
