"""What most benchmarks are asked in the same words, and how they answer: a table, the same as JSON, a picture of it."""

import os
from importlib.util import find_spec
from pathlib import Path

from duopose.evaluation.runs.tables import report
from duopose.stream.errors import UsageError

VARIABLE = "ONEDNN_MAX_CPU_ISA"
# Instructions that the networks may be held to, oldest first. OpenVINO fails to compile its networks for older ones.
ISAS = ("avx", "avx2", "avx2_vnni", "avx512_core", "avx512_core_vnni", "avx512_core_bf16", "avx512_core_amx")
TOO_OLD = ("sse41",)


def add_options(parser):
    parser.add_argument("--isa", metavar="NAME", help=f"as on an older CPU: {', '.join(ISAS)}")
    parser.add_argument("--plot", type=Path, metavar="FILE.png", help="draw the table")


def begin(options):
    """Call it before any network is loaded. Raises UsageError where the options can't be."""
    if options.isa is not None:
        isa = options.isa.lower()
        if isa in TOO_OLD:
            raise UsageError(f"--isa {options.isa}: OpenVINO can't compile networks for it; the oldest is {ISAS[0]}")
        if isa not in ISAS:
            raise UsageError(f"--isa {options.isa}: there are {', '.join(ISAS)}")
        os.environ[VARIABLE] = isa.upper()  # for this process and those that it starts
    if options.plot:
        if find_spec("matplotlib") is None:
            raise UsageError("--plot needs matplotlib: pip install 'duopose[train]'")
        if options.plot.suffix != ".png" or not options.plot.absolute().parent.is_dir():
            raise UsageError(f"--plot {options.plot}: name a FILE.png in a folder that is there")


def machine():
    """What it was measured on: kind of CPU, cores, what the networks are held to, and how busy others kept it."""
    lines = Path("/proc/cpuinfo").read_text().splitlines() if os.path.exists("/proc/cpuinfo") else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return {
        "cpu": names[0] if names else "unknown",
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "isa": os.environ.get(VARIABLE, "all").lower(),
        "load": round(os.getloadavg()[0], 1),
    }


def end(options, rows, columns, title, **others):
    """Print the rows {name: {column: value}} and the machine as tables and as JSON; draw these columns if asked.

    others   figures that stand by themselves, {name: {column: value}}
    """
    report(rows, others, {"machine": machine()})
    if options.plot:
        from duopose.benchmarks.parts.plots import bars

        bars(options.plot, rows, columns, title)
