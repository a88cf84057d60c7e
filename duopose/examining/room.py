"""Room: for the sockets, logs and pictures of a run, and for what it records; and how many files may be open."""

import os
import resource
import shutil
from pathlib import Path

from duopose.examining.findings import size
from duopose.stream.errors import UsageError
from duopose.stream.processes.run_folder import RunFolder, places, running

WIDTH, HEIGHT = 1920, 1080  # pixels of the largest pictures that there should be room for
LITTLE = 1_000_000_000  # bytes of disk that a record, and above all a video, may fill in an afternoon
FILES = 64  # that a process may have open; twice what the busiest one of a run has (31)


def examine(part, folder="."):
    part.facts = {"pixels": [WIDTH, HEIGHT], "run_folders": [str(place) for place in places()]}
    examine_run(part)
    examine_disk(part, Path(folder))
    examine_files(part)


def examine_run(part):
    """Make the folder of a run, and in it the ring that capture would make: really, and away again."""
    from duopose.nodes.capture.capture import SPARE
    from duopose.running.checks import IN_FLIGHT
    from duopose.stream.ring import Ring

    slots = IN_FLIGHT["live"] + SPARE
    needed = slots * WIDTH * HEIGHT * 3
    part.facts |= {"run_folder": None, "ring_bytes": needed, "ring_fits": False, "runs": len(running())}
    try:
        folder = RunFolder()
        try:
            part.facts["run_folder"] = place = str(folder.path.parent)
            Ring(folder.path / "doctor.ring", create=(slots, WIDTH * HEIGHT * 3))
        finally:
            folder.remove()
    except UsageError as error:
        complaint, _, remedy = str(error).partition(": ")
        what, _, more = remedy.partition(". ")
        part.problem(f"{complaint}: {what}", more or remedy, prevents=True)
        return
    part.facts["ring_fits"] = True
    told = f"{place} has room for a run and for pictures of {WIDTH}x{HEIGHT} ({size(needed)})"
    if place == "/dev/shm":
        part.good(told)
    else:
        part.note(
            f"{told}, but /dev/shm has none: pictures may reach a disk",
            "free 16 MB in /dev/shm; in a container start it with docker run --shm-size=1g",
        )
    if part.facts["runs"]:
        part.note(f"runs of yours that are going on: {part.facts['runs']}; they share the cores with the next one")


def examine_disk(part, folder):
    free = shutil.disk_usage(folder).free
    writable = os.access(folder, os.W_OK)
    part.facts |= {"folder": str(folder.absolute()), "folder_free": free, "folder_writable": writable}
    if not writable:
        part.note(f"this folder can't be written: {folder.absolute()}", "name records and videos with another folder")
    elif free < LITTLE:
        part.note(
            f"little room for records and videos here: {size(free)} in {folder.absolute()}",
            "free some, or use --rotate",
        )
    else:
        part.good(f"{size(free)} free in {folder.absolute()}, where a record would go")


def examine_files(part):
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    part.facts["open_files"] = None if limit == resource.RLIM_INFINITY else limit
    if limit != resource.RLIM_INFINITY and limit < FILES:
        part.problem(
            f"a process may open {limit} files only, a run needs up to {FILES}", "ulimit -n 1024", prevents=True
        )
    else:
        part.good("open files: no limit" if limit == resource.RLIM_INFINITY else f"open files: {limit} a process")
