"""duopose evaluate NAME DATA ... [options]: how right the poses are, measured on data whose truth is known.

Each program prints a table and, as its last line, the same as JSON. NAME --help tells what DATA is.
What a program does not know of the options goes to the live run (duopose --help).
"""

from duopose.running.programs import run

ELSEWHERE = {
    "lifting_2d": "lifting.lifting_2d",
    "mupots_lifting": "lifting.mupots_lifting",
    "thresholds": "ablations.thresholds",
}


def main(argv):
    return run(__doc__, "duopose.evaluation", argv, ELSEWHERE)
