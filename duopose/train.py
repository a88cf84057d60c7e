"""duopose train NAME [options]: the networks, and what they learn from, are made.

NAME --help tells what a program needs and what it makes.
"""

from duopose.running.programs import run

ELSEWHERE = {
    "body_pack": "synthetic.build_pack",
    "datasets": "datasets.check",
    "render": "synthetic.make",
    "render_clips": "synthetic.clips",
}


def main(argv):
    return run(__doc__, "duopose.training", argv, ELSEWHERE)
