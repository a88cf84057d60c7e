"""Speed: how long each network takes for one frame of a live run, and what that leaves of frames a second."""

from duopose.examining.calls import WITHOUT_PEOPLE
from duopose.examining.child import TOO_LATE, ask

TOLD = (0, 1, 4)  # people that frames a second are told for
LONGEST = 9.0  # s for all networks; what is not measured by then is left out
ENDS = 12.0  # s until the process is ended where a single network takes that long
NODES = {  # node: its networks
    "detection": ("detector",),
    "top_down": ("top_down", "gcn", "joint_tcn", "root_tcn"),
    "bottom_up": ("bottom_up", "transform"),
    "fusion": ("integration",),
}
HOW = (
    "an estimate from these times: each node works by itself, so the slowest node or the cores decide; reading, "
    "cropping, grouping and drawing come on top (duopose bench end_to_end measures a whole run)"
)


def examine(part, profile, device, cores):
    answers, trouble = ask("calls", profile, device, str(LONGEST), seconds=ENDS)
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
               call, see calls.milliseconds
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
