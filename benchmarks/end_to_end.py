"""duopose bench end_to_end [[N=]CLIP ...] [options]: the whole program at work, by people, size and pace.

Each row is a run of `duopose --headless` of its own: every frame as fast as it goes, and the same
pictures at --rate frames a second, dropping like a camera. Columns: frames a second; people found,
on average; latency from reading to fused pose (median, 95 %); share of frames dropped; CPU ms that
all nodes together spend on a frame, their start taken off, which other work on the machine changes
least; MB of all nodes.

Without clips people of the packaged one are played back and forth, side by side where it shows
fewer than are wanted.
"""

import tempfile
from pathlib import Path

from duopose.benchmarks.parts import options as common
from duopose.benchmarks.parts import people, runs
from duopose.stream.arguments import Parser, positive, size

PEOPLE = (0, 1, 3, 4, 10)
SIZES = ((854, 480), (1280, 720), (1920, 1080))
PACES = {"every frame": "--every-frame", "paced": "--realtime"}
FLOOR = {"fps": 20.0, "p95_ms": 200.0}  # what 2 cores with AVX512 must reach with 3 people at 1280x720


def row(run, start):
    """parts.runs.Run -> its figures; `start`: CPU s that the nodes take before the first frame."""
    stats = run.stats
    return {
        "fps": stats["fps"],
        "people": run.people,
        "p50_ms": stats["latency_ms"]["p50"],
        "p95_ms": stats["latency_ms"]["p95"],
        "dropped": stats["frames_dropped"] / max(stats["frames_read"], 1),
        "cpu_ms": 1000 * (run.cpu_s - start) / max(stats["frames_processed"], 1),
        "mb": sum(node["rss_peak_mb"] or 0 for node in stats["nodes"].values()),
        "backend": stats["backend"],
    }


def main(argv):
    parser = Parser(__doc__)
    people.add_options(parser, PEOPLE)
    parser.add_argument(
        "--sizes", type=size, nargs="+", default=list(SIZES), metavar="WxH", help="480p, 720p and 1080p"
    )
    parser.add_argument("--paces", nargs="+", choices=PACES, default=list(PACES), help="(default: both)")
    parser.add_argument("--frames", type=runs.enough, default=300, help="of a run (%(default)s)")
    parser.add_argument("--rate", type=positive, default=15.0, help="frames a second of the paced runs (%(default)s)")
    common.add_options(parser)
    parser.add_argument("--profile", default="lite", help="whose networks run (%(default)s)")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu", help="what runs them (%(default)s)")
    options = parser.parse_args(argv)
    common.begin(options)
    shown, said = people.sources(options)
    print(*said, "", sep="\n", flush=True)
    live, rows = ("--profile", options.profile, "--device", options.device), {}
    with tempfile.TemporaryDirectory(prefix="duopose-bench-") as folder:
        images = next(iter(shown.values()))
        one = runs.written(Path(folder, "one.mp4"), images, options.sizes[0], 1, options.rate)
        runs.run(one, *live)  # fills the caches of kernels and networks, which is not what the start costs
        start = runs.run(one, *live).cpu_s
        for who, images in shown.items():
            for width, height in options.sizes:
                clip = runs.written(Path(folder, "clip.mp4"), images, (width, height), options.frames, options.rate)
                for pace in options.paces:
                    rows[f"{who}, {width}x{height}, {pace}"] = row(runs.run(clip, PACES[pace], *live), start)
    common.end(options, rows, ("fps", "p95_ms", "cpu_ms"), "duopose bench end_to_end", floor=FLOOR)
