"""The compiled kernels: whether they are there, and whether they can be kept."""

import os
from pathlib import Path

from duopose.kernels.cache import candidates, is_filled


def examine(part):
    places = candidates()
    filled = is_filled()
    chosen = Path(os.environ["NUMBA_CACHE_DIR"])
    kept = chosen in places
    part.facts = {
        "candidates": [str(place) for place in places],
        "kept": kept,
        "folder": str(chosen) if kept else None,
        "filled": filled,
    }
    if not kept:
        tried = " and ".join(map(str, places)) or "the home folder"
        part.note(
            f"compiled kernels can't be kept in {tried}: each start compiles them again, up to a minute",
            "let this user write there (32 MB), or name a folder in NUMBA_CACHE_DIR",
        )
    elif filled:
        part.good(f"compiled, in {chosen}")
    else:
        part.good(f"not compiled yet: the first run does it, which takes up to a minute; they will be kept in {chosen}")
