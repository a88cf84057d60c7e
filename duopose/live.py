"""A run of the live pipeline: arguments -> settings -> supervisor -> exit code.

duopose                                     the clip that comes with the project
duopose 0                                   a webcam
duopose rtsp://camera/live --headless       a network stream, without a window
duopose CLIP.mp4 --record POSES.jsonl       a video; everything that was found, a line per frame
"""

import json
import sys
from pathlib import Path

import msgspec

from duopose.kernels.cache import fill_cache, is_filled
from duopose.nodes.capture.sources import silence_libraries
from duopose.nodes.profile import find
from duopose.nodes.recorder.measures import measured
from duopose.running.arguments import parser
from duopose.running.checks import check_camera, settings_from
from duopose.running.progress import Progress
from duopose.running.report import statistics, summary
from duopose.stream.errors import UsageError
from duopose.stream.graph import NODES, PLAYED, started
from duopose.stream.processes.supervisor import Supervisor


def run(settings, stats_file, say):
    """Run the pipeline to its end -> exit code. Raises UsageError if a node did."""
    patience = find(settings.profile, settings.device).patience
    table = PLAYED if settings.kind == "record" else NODES
    nodes = [node._replace(stall=patience * node.stall) for node in started(settings, table)]
    found = {}  # what the recorder has measured
    with Progress(settings.total, say) as progress:
        supervisor = Supervisor(settings, nodes, say=progress.say)
        outcome = supervisor.run(on_tick=progress.tick, on_end=lambda folder: found.update(measured(folder)))
    if outcome.code == 2:
        raise UsageError(outcome.message)
    if stats_file:
        Path(stats_file).write_text(json.dumps(statistics(settings, outcome.reports, found), indent=2) + "\n")
    if outcome.code:
        say(outcome.message)
    elif found:
        print(summary(settings, outcome.reports["capture"].counts, found), flush=True)
    return outcome.code


def to_stderr(line):
    print(f"duopose: {line}", file=sys.stderr, flush=True)


def main(argv, **more):
    """Run the pipeline as the words after `duopose` say -> exit code. Raises UsageError.

    more   settings that these words can't say
    """
    silence_libraries()
    arguments = parser().parse_args(argv)
    settings = settings_from(arguments, to_stderr)
    if not is_filled():
        if settings.kind in ("webcam", "stream"):
            check_camera(settings, to_stderr)
        fill_cache(to_stderr)
    return run(msgspec.structs.replace(settings, **more), arguments.stats, to_stderr)
