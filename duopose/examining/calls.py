"""How long one call of each network takes, with the inputs of a live run.

`python -m duopose.examining.calls PROFILE DEVICE SECONDS` prints the names of the networks and then a line for each, so
that what was measured is known even if a network crashes or takes too long. Only networks are called, no kernels.
"""

import os
import sys
import time

from duopose.benchmarks.parts.calls import arrays, milliseconds
from duopose.examining.child import tell

PEOPLE = (1, 4)  # in the pictures that are measured
RATE = 30  # frames/s
WITHOUT_PEOPLE = ("detector", "bottom_up")  # called once a picture, whoever is there


def main(name, device, seconds):
    os.environ["NUMBA_DISABLE_JIT"] = "1"  # the nodes are imported for their constants; their kernels are not called
    from functools import cache

    from duopose.nodes.detection.reasons import CALM
    from duopose.nodes.profile import find

    until = time.monotonic() + float(seconds)
    profile = find(name, device)
    lookup = cache(profile.network)
    every = {"detector": round(CALM * RATE)}
    inputs = {people: arrays(profile, people, lookup) for people in PEOPLE}
    names = sorted(inputs[1], key=lambda network: network not in WITHOUT_PEOPLE)
    tell(names)
    for people, network in ((people, network) for people in PEOPLE for network in names):
        once = network in WITHOUT_PEOPLE
        if time.monotonic() < until and not (once and people != PEOPLE[0]):
            row = {"network": network, "people": None if once else people, "each": every.get(network, 1)}
            times = milliseconds(lookup(network), inputs[people][network], device)
            tell(row | {"backend": lookup(network).backend, **times})


if __name__ == "__main__":
    main(*sys.argv[1:])
