"""A run of the live pipeline: arguments -> settings -> supervisor -> exit code.

duopose                                     the clip that comes with the project
duopose 0                                   a webcam
duopose rtsp://camera/live --headless       a network stream, without a window
duopose CLIP.mp4 --record POSES.jsonl       a video; everything that was found, a line per frame
"""

import json
import tempfile
from contextlib import contextmanager
from pathlib import Path

import msgspec

from duopose.kernels.cache import fill_cache, is_filled
from duopose.nodes.capture.sources import silence_libraries
from duopose.nodes.profile import find
from duopose.running import interrupts
from duopose.running.arguments import parser
from duopose.running.checks import check_camera, settings_from
from duopose.running.log import logger, logging_to, tell, tell_measures, tell_summary
from duopose.running.notify import service_manager
from duopose.running.progress import Progress
from duopose.running.report import statistics, summary
from duopose.running.watch import Watch
from duopose.stream.errors import UsageError
from duopose.stream.graph import started
from duopose.stream.processes.run_folder import home
from duopose.stream.processes.supervisor import Supervisor


def run(settings, arguments, listeners):
    """Run the pipeline to its end -> exit code. Raises UsageError if a node did."""
    patience = find(settings.profile, settings.device).patience
    nodes = [node._replace(stall=patience * node.stall) for node in started(settings)]
    with Progress(settings.total, tell, bar=arguments.log == "text") as progress, Watch(listeners, patience) as watch:

        def tick(supervisor):
            progress.tick(supervisor)
            watch.tick(supervisor)

        outcome = Supervisor(settings, nodes, say=watch.also(tell)).run(on_tick=tick)
    interrupts.ignore()
    if outcome.code == 2:
        raise UsageError(outcome.message)
    left = Path(settings.stats).read_bytes()
    measured = json.loads(left) if left else {}  # the recorder writes it at its end, unless it was killed
    if arguments.stats:
        Path(arguments.stats).write_text(json.dumps(statistics(settings, outcome.reports, measured), indent=2) + "\n")
    if outcome.code:
        logger.error(outcome.message)
    elif measured:
        tell_summary(summary(settings, outcome.reports["capture"].counts, measured))
    return outcome.code


@contextmanager
def listening(arguments):
    """Who is told each second how the run is doing: log, metrics, service manager. Raises UsageError."""
    listeners = [tell_measures] if arguments.log == "json" else []
    if (manager := service_manager()) is not None:
        listeners.append(manager.update)
    if not arguments.metrics:
        yield listeners
        return
    from duopose.running.metrics import Metrics, serving  # most runs do without

    metrics = Metrics()
    with serving(metrics, arguments.metrics) as address:
        tell(f"metrics: http://{address}/metrics")
        yield [*listeners, metrics.update]


def main(argv):
    """Run the pipeline as the words after `duopose` say -> exit code. Raises UsageError where nothing is logged yet."""
    silence_libraries()
    arguments = parser().parse_args(argv)
    with logging_to(arguments.log, arguments.log_file):
        try:
            return start(arguments)
        except UsageError as error:
            logger.error(" ".join(str(error).split()))
            return 2


def start(arguments):
    """Check everything, compile what is missing, run -> exit code. Raises UsageError."""
    settings = settings_from(arguments, tell)
    with listening(arguments) as listeners:
        if not is_filled():
            if settings.kind in ("webcam", "stream"):
                check_camera(settings, tell)
            fill_cache(tell)
        with tempfile.NamedTemporaryFile(prefix="duopose-", suffix=".json", dir=home()) as measures:
            return run(msgspec.structs.replace(settings, stats=measures.name), arguments, listeners)
