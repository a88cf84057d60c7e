"""How often each of several data sets is drawn from, as the options of a program say: one option --NAME a set, and
--shares."""

import argparse
from functools import partial

import numpy as np

from duopose.stream.errors import UsageError


def add_option(parser, sets, said):
    """--shares for these sets. said: what its help says"""
    reader = partial(share, sets)
    parser.add_argument("--shares", type=reader, nargs="+", default=[], metavar="SET=WEIGHT", help=said)


def share(sets, word):
    """
    >>> share(["coco", "muco"], "coco=2")
    ('coco', 2.0)
    """
    name, _, weight = word.partition("=")
    try:
        weight = float(weight)
    except ValueError:
        weight = -1
    if name not in sets or not 0 <= weight < np.inf:
        raise argparse.ArgumentTypeError(f"{word!r} is not SET=WEIGHT with a set among {', '.join(sets)}")
    return name, weight


def weights(sets, options):
    """{set: weight} of the sets that the options name, 1 where --shares is silent. Raises UsageError where there is
    nothing to learn from."""
    given = [name for name in sets if getattr(options, name.replace("-", "_"))]
    asked = dict(options.shares)
    if not given:
        raise UsageError(f"nothing to learn from: give at least one of {', '.join(f'--{name}' for name in sets)}")
    if missing := [name for name in asked if name not in given]:
        raise UsageError(f"--shares speaks of {missing[0]}, but there is no --{missing[0]}")
    found = {name: asked.get(name, 1.0) for name in given}
    if not any(found.values()):
        raise UsageError("nothing to learn from: every set has the weight 0")
    return found
