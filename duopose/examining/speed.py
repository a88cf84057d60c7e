"""Speed: how long each network takes for one frame of a live run, and what that leaves of frames a second.

`python -m duopose.examining.speed PROFILE DEVICE SECONDS` measures and prints a line a network, so that what was
measured is known even if a network crashes or takes too long. It compiles no kernels: only the networks are called.
"""

import os
import statistics
import sys
import time

from duopose.examining.child import TOO_LATE, ask, tell

PEOPLE = (1, 4)  # in the pictures that are measured
TOLD = (0, 1, 4)  # people that frames a second are told for
LONGEST = 9.0  # s for all networks; what is not measured by then is left out
ENDS = 12.0  # s until the process is ended where a single network takes that long
CALLS, ENOUGH = 9, 0.3  # calls after the warm-up at most; s of calls after which no other is begun
PICTURE = (1280, 720)  # pixels
NODES = {  # node: its networks
    "detection": ("detector",),
    "top_down": ("top_down", "gcn", "joint_tcn", "root_tcn"),
    "bottom_up": ("bottom_up", "transform"),
    "fusion": ("integration",),
}
WITHOUT_PEOPLE = ("detector", "bottom_up")  # called once a picture, whoever is there
HOW = (
    "an estimate from these times: each node works by itself, so the slowest node or the cores decide; reading, "
    "cropping, grouping and drawing come on top (duopose bench end_to_end measures a whole run)"
)


def examine(part, profile, device, cores):
    answers, trouble = ask("speed", profile, device, str(LONGEST), seconds=ENDS)
    networks, *measured = answers or [[]]
    rates = {people: rate(networks, measured, people, cores, device) for people in TOLD}
    part.facts = {"measured": measured, "trouble": trouble, "estimate": rates, "how": HOW}
    for network in networks:
        if rows := [row for row in measured if row["network"] == network]:
            part.good(told(network, rows))
    if listed := ", ".join(f"{its:.0f} with {people}" for people, its in rates.items() if its):
        part.good(f"frames a second, by the number of people: {listed}: {HOW}")
    if trouble and TOO_LATE not in trouble:
        part.problem(
            f"networks can't be run: {trouble}",
            "install duopose again in a fresh environment; if that does not help, please report it with this output",
            prevents=True,
        )
    elif None in rates.values():
        part.note(
            f"not all was measured within {ENDS:.0f} s: this machine is slow or busy",
            f"measure a whole run: duopose demo --headless --profile {profile} --device {device}",
        )


def told(network, rows):
    """One line about what was measured of a network."""
    times = ", ".join(f"{row['ms']:.1f} ms" + (f" for {row['people']}" if row["people"] else "") for row in rows)
    return f"{network:<12} {rows[0]['backend']}, {times}"


def rate(networks, measured, people, cores, device):
    """Frames a second with so many people, None where too little was measured.

    networks   names of all
    measured   rows of the child: network, people (None: whoever is there), each (frames a call), ms and cpu_ms of a
               call, see `milliseconds`
    """
    rows = {row["network"]: row for row in measured if row["people"] in (None, people)}
    called = networks if people else [network for network in networks if network in WITHOUT_PEOPLE]
    if not called or not set(called) <= set(rows):
        return None
    own = {network: rows[network]["ms"] / rows[network]["each"] for network in called}  # ms a frame
    slowest = max(sum(own.get(network, 0.0) for network in of_node) for of_node in NODES.values())
    if device == "cuda":
        return 1000 / sum(own.values())  # they share the card
    work = sum(rows[network]["cpu_ms"] / rows[network]["each"] for network in called)
    return 1000 / max(slowest, work / cores)


def arrays(profile, people, lookup):
    """{network: its inputs for a frame with so many people}, as the nodes call it.

    lookup   name -> the network
    """
    import numpy as np

    from duopose.networks import normalisation, pairs
    from duopose.nodes.bottom_up import bottom_up
    from duopose.nodes.detection import detection
    from duopose.nodes.profile import Released
    from duopose.nodes.top_down import crops

    def image(*shape):
        return np.full(shape, 100, np.uint8)

    def numbers(*shape):
        return np.ones(shape, np.float32)

    found = {
        "detector": (image(1, detection.SHORT, detection.LONG, 3),),
        "top_down": (image(people, crops.HEIGHT, crops.WIDTH, 3),),
    }
    if isinstance(profile, Released):
        from duopose.networks.released.skeletons import MUCO14
        from duopose.nodes.released import bottom_up as released
        from duopose.nodes.released import lifting

        width, height = released.input_size(*PICTURE)
        return found | {
            "gcn": (numbers(people, 17, 2), numbers(people, 17)),
            "joint_tcn": (numbers(people, lifting.FRAMES, lifting.POSE.stop),),
            "root_tcn": (numbers(people, lifting.FRAMES, lifting.POINTS.stop - lifting.POINTS.start),),
            "bottom_up": (image(1, height, width, 3), image(1, 17, height, width)),
            "transform": (numbers(people, len(MUCO14), 3),),
            "integration": (numbers(people, 102), numbers(people, 2)),
        }
    poses = 2 * people  # each with its mirror image
    width, height = bottom_up.input_size(*PICTURE)
    window = (numbers(poses, lookup("joint_tcn").arguments["frames"], normalisation.FEATURES),)
    return found | {
        "gcn": (numbers(poses, 17, 2), numbers(poses, 17), numbers(poses, 3)),
        "joint_tcn": window,
        "root_tcn": window,
        "bottom_up": (image(1, height, width, 3), image(1, 17, height, width)),
        "integration": (numbers(people, pairs.FEATURES),),
    }


def milliseconds(network, inputs, device):
    """Medians of some calls after one that compiles and warms up.

    -> {"ms": as long as a call takes where nothing else is at work, "cpu_ms": what it takes of all cores together}

    Processor time is less than the time that passes where other programs, or a container's limit, hold a call up, and
    more where a network uses several threads.
    """
    network(*inputs)
    times, begun = [], time.perf_counter()
    while not times or (len(times) < CALLS and time.perf_counter() - begun < ENOUGH):
        started = time.perf_counter(), time.process_time()
        network(*inputs)
        times.append((time.perf_counter() - started[0], time.process_time() - started[1]))
    passed, worked = (1000 * statistics.median(column) for column in zip(*times, strict=True))
    return {"ms": min(passed, worked) if device == "cpu" else passed, "cpu_ms": worked}


def main(name, device, seconds):
    os.environ["NUMBA_DISABLE_JIT"] = "1"  # the nodes are imported for their constants; their kernels are not called
    from functools import cache

    from duopose.nodes.detection.detection import EVERY
    from duopose.nodes.profile import find

    until = time.monotonic() + float(seconds)
    profile = find(name, device)
    lookup = cache(profile.network)
    every = {"detector": EVERY}
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
