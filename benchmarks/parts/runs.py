"""Runs of the program, as a user starts it, and what they tell."""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from duopose.benchmarks import clips
from duopose.evaluation.runs.records import read
from duopose.nodes.recorder.measures import WARM
from duopose.stream.arguments import count


def enough(text):
    """A number of frames that the program can tell a rate of."""
    if count(text) <= WARM:
        raise argparse.ArgumentTypeError(f"{text}: a rate can be told after {WARM} frames only")
    return count(text)


def written(path, images, size, frames, rate):
    """So many frames out of these pictures, there and back, filled into a size -> a clip at that path."""
    filled = [clips.filled(image, *size) for image in images[:frames]]
    clips.write(path, clips.there_and_back(filled, frames), rate)
    return path


class Run(NamedTuple):
    """A run that has ended."""

    stats: dict  # what --stats wrote
    found: list  # of evaluation.runs.records.Found, one a frame

    @property
    def people(self):
        """Found in a frame, on average."""
        return sum(len(frame.ids) for frame in self.found) / max(len(self.found), 1)

    @property
    def cpu_s(self):
        """CPU s of all nodes, their start included."""
        return sum(node["cpu_s"] or 0.0 for node in self.stats["nodes"].values())


def run(source, *options, environment=None):
    """`duopose SOURCE --headless OPTIONS ...` to its end -> Run. Where it fails it says why, and SystemExit follows.

    environment   of the run; None: as here
    """
    with tempfile.TemporaryDirectory(prefix="duopose-bench-") as folder:
        stats, record = Path(folder, "stats.json"), Path(folder, "record.jsonl")
        command = [sys.executable, "-m", "duopose", source, "--headless", "--stats", stats, "--record", record]
        ended = subprocess.run(list(map(str, [*command, *options])), stdout=subprocess.DEVNULL, env=environment)
        if ended.returncode:
            raise SystemExit(ended.returncode)
        return Run(json.loads(stats.read_text()), read(record))
