"""TRC, OpenSim's markers: a table of positions. Millimetres; the cells of a gap are NaN.

Empty cells say the same, but OpenSim 4.6 refuses a file in which the last cell of a row is empty.
"""

from duopose.stream.skeleton import BODY17

MM = 1000.0  # in a metre


def write(path, people):
    """One Person into one file. Time counts from the first frame of the run."""
    (person,) = people
    motion = person.motion
    count, rate, first = len(motion.times), f"{motion.rate:.10g}", motion.first + 1
    names = "\t\t\t".join(BODY17)
    axes = "\t".join(f"{axis}{place}" for place in range(1, len(BODY17) + 1) for axis in "XYZ")
    with open(path, "w", encoding="ascii") as file:
        file.write(f"PathFileType\t4\t(X/Y/Z)\t{path.name.encode('ascii', 'replace').decode()}\n")
        file.write(
            "DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits\tOrigDataRate\tOrigDataStartFrame\tOrigNumFrames\n"
        )
        file.write(f"{rate}\t{rate}\t{count}\t{len(BODY17)}\tmm\t{rate}\t{first}\t{count}\n")
        file.write(f"Frame#\tTime\t{names}\t\t\n\t\t{axes}\n\n")
        for place, (time, joints) in enumerate(zip(motion.times, MM * motion.joints, strict=True)):
            cells = ("NaN" if number != number else f"{number:.3f}" for number in joints.flat)
            file.write(f"{first + place}\t{time:.6f}\t" + "\t".join(cells) + "\n")
