"""duopose evaluate mocap FILE.npz [--profile NAME]: the lifting networks on motion capture, standard
cameras and noise.

2,000 windows of 27 frames, seed 5; training/mocap/standard.py says what the figures mean.
"""

import json

from duopose.nodes.profile import find
from duopose.stream.arguments import Parser, existing
from duopose.training.mocap import standard
from duopose.training.mocap.clips import load_clips


def main(argv):
    parser = Parser(__doc__)
    parser.add_argument("file", type=existing, help="npz file of motion capture")
    parser.add_argument("--profile", default="lite")
    options = parser.parse_args(argv)
    figures = standard.measure(find(options.profile).lifting_networks(), load_clips([options.file], replace=False))
    for name, value in figures.items():
        print(f"{name:20} {value:8.2f}")
    print(json.dumps(figures))
