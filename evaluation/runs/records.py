"""What the live program found: run it on a source, or take the record of an earlier run.

`duopose` runs as a user runs it, in a process of its own, with all its nodes.
"""

import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np

from duopose.stream.record.reading import frames

ROWS = ("fused", "top_down", "bottom_up")


class Found(NamedTuple):
    """One frame of a record; N people. A pose of a branch that has none is NaN."""

    frame: int
    file: str | None
    stamp: float  # s
    ids: np.ndarray  # int [N]
    scores: np.ndarray  # [N]
    boxes: np.ndarray  # [N, 4] pixels x, y, w, h
    coco: np.ndarray  # [N, 17, 3] pixels, score
    body: np.ndarray  # [N, 17, 3] pixels, score
    poses: dict  # of ROWS: [N, 17, 3] metres, camera frame
    depth_sd: np.ndarray | None = None  # [N] standard deviation of the log of the root's depth; NaN or None = not said
    joint_sd: np.ndarray | None = None  # [N, 17] mm; NaN or None = not said


def read(path):
    """Record file -> list of `Found`, one a frame."""
    return [found(line) for _, line in frames(path)]


def found(line):
    """One line of a record, as parsed from JSON -> `Found`."""
    people = line["people"]

    def stack(key, *shape):
        return np.array([person[key] for person in people], float).reshape(len(people), *shape)

    def stack_if_there(key, missing):
        rows = [missing if person.get(key) is None else person[key] for person in people]
        return np.array(rows, float).reshape(len(people), *np.shape(missing))

    missing = np.full((17, 3), np.nan)
    poses = {"fused": stack("joints3d", 17, 3)}
    for branch in ROWS[1:]:
        rows = [person.get("branches", {}).get(branch, missing) for person in people]
        poses[branch] = np.array(rows, float).reshape(len(people), 17, 3)
    return Found(
        line["frame"],
        line["file"],
        line["stamp"],
        stack("id").astype(int),
        stack("score"),
        stack("box", 4),
        stack("coco2d", 17, 3),
        stack("joints2d", 17, 3),
        poses,
        stack_if_there("depth_sd", np.nan),
        stack_if_there("joint_sd", np.full(17, np.nan)),
    )


def run_live(source, record, *options):
    """Run the live program without a window; SystemExit if it fails; it says itself what is wrong."""
    output = ("--record", str(record), "--overwrite")
    command = [sys.executable, "-m", "duopose", str(source), "--headless", *output, *map(str, options)]
    run = subprocess.run(command, stdout=sys.stderr)
    if run.returncode == 2:
        raise SystemExit(2)
    if run.returncode:
        raise SystemExit(f"{' '.join(command)} ended with exit code {run.returncode}")


def obtain(record, source, *options):
    """The record at this path; made by a run of the live program if it is not there yet. -> list of `Found`"""
    record = Path(record)
    if not record.exists():
        record.parent.mkdir(parents=True, exist_ok=True)
        unfinished = record.with_suffix(".unfinished.jsonl")
        run_live(source, unfinished, *options)
        unfinished.rename(record)
    return read(record)


def add_options(parser):
    """The options that every program here shares. What it does not know goes to the live run (parse_known_args)."""
    parser.add_argument(
        "--records",
        type=Path,
        metavar="FOLDER",
        help="keep the live program's records here, and use those that are there already (default: a temporary folder)",
    )
