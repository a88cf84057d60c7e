"""duopose bench nodes [[N=]CLIP ...] [options]: CPU ms that each node and each network takes for a frame.

All in one process on one core, one after the other. Rows are nodes and, within them, networks;
columns: ms a frame, of all frames; calls a frame; rows a call (crops, people and their mirror
images, windows); ms a row. `rest` of a node is its own work: cutting crops, grouping, tracking.
"""

import numpy as np

from duopose.benchmarks import clips
from duopose.benchmarks.parts import options as common
from duopose.benchmarks.parts import people
from duopose.benchmarks.parts.watched import NODES, chain_of, one_core
from duopose.stream.arguments import Parser, count, size

PEOPLE = (0, 1, 3, 4, 10)
INSIDE = {  # node -> its networks
    "detection": ("detector",),
    "joints": ("top_down",),
    "lifting": ("gcn", "joint_tcn", "root_tcn"),
    "bottom_up": ("bottom_up",),
    "fusion": ("integration",),
}
WARM = 4  # frames that are not counted


def costs(stopwatch, frames, found):
    """What a chain's stopwatch has after so many frames -> {row: {column: number}}."""
    rows = {"frame": {"ms": np.sum(stopwatch.ms["frame"]) / frames, "people": float(np.mean(found))}}
    for node in NODES:
        whole = sum(stopwatch.ms[f"node {node}"])
        rows[node] = {"ms": whole / frames}
        for network in INSIDE[node]:
            ms, items = stopwatch.ms[f"network {network}"], stopwatch.items[f"network {network}"]
            rows[f"  {network}"] = {
                "ms": sum(ms) / frames,
                "calls": len(ms) / frames,
                "rows": sum(items) / max(len(items), 1),
                "ms_a_row": sum(ms) / max(sum(items), 1),
            }
        inside = sum(sum(stopwatch.ms[f"network {network}"]) for network in INSIDE[node])
        rows[f"  rest of {node}"] = {"ms": (whole - inside) / frames}
    return rows


def main(argv):
    parser = Parser(__doc__)
    people.add_options(parser, PEOPLE)
    parser.add_argument("--size", type=size, default=(1280, 720), metavar="WxH", help="of the pictures (1280x720)")
    parser.add_argument("--frames", type=count, default=80, help="that count, of each clip (%(default)s)")
    parser.add_argument("--profile", default="lite", help="whose networks run (%(default)s)")
    common.add_options(parser)
    options = parser.parse_args(argv)
    common.begin(options)
    one_core()
    shown, said = people.sources(options)
    chain = chain_of(options.profile)
    print(*said, "", sep="\n", flush=True)
    rows = {}
    for who, images in shown.items():
        filled = [clips.filled(image, *options.size) for image in images[: options.frames + WARM]]
        found = chain.play(clips.there_and_back(filled, options.frames + WARM), warm=WARM)
        for name, row in costs(chain.stopwatch, options.frames, found).items():
            rows[f"{who}: {name}"] = row
    common.end(options, rows, ("ms",), f"duopose bench nodes, CPU ms a frame, {', '.join(chain.profile.backends)}")
