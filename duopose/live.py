"""A run of the live pipeline: arguments -> settings -> supervisor -> exit code.

duopose                                     the clip that comes with the project
duopose 0                                   a webcam
duopose rtsp://camera/live --headless       a network stream, without a window
duopose CLIP.mp4 --record POSES.jsonl       a video; everything that was found, a line per frame
duopose cameras.toml                        several cameras at once, on one set of networks
"""

import json
import signal
from contextlib import contextmanager
from pathlib import Path

import msgspec

from duopose.kernels.cache import fill_cache, is_filled
from duopose.nodes.capture.checking import check_camera
from duopose.nodes.capture.sources import silence_libraries
from duopose.nodes.profile import find
from duopose.nodes.recorder.measures import measured
from duopose.running import interrupts
from duopose.running.cameras.file import asked
from duopose.running.cameras.rereading import Rereading
from duopose.running.checks import settings_of
from duopose.running.log import logger, logging_to, tell, tell_measures, tell_summary
from duopose.running.notify import service_manager
from duopose.running.page_address import PageAddress
from duopose.running.progress import Progress
from duopose.running.report import counts_of, statistics, summary
from duopose.running.watch import Watch
from duopose.stream.errors import UsageError
from duopose.stream.graph import NODES, PLAYED, started
from duopose.stream.processes.supervisor import ENDING, Supervisor


def run(settings, arguments, listeners, rereading=None):
    """Run the pipeline to its end -> exit code. Raises UsageError if a node did.

    rereading   of the file of cameras, None where there is none
    """
    profile = find(settings.profile, settings.device)
    patience = profile.patience
    found = {}  # camera -> what the recorder has measured of it
    with Progress(settings.total, tell, bar=arguments.log == "text") as progress, Watch(listeners, patience) as watch:
        address = PageAddress(settings.web is not None)

        def nodes_of(settings):
            table = PLAYED if settings.kind == "record" else NODES
            return [node._replace(stall=patience * node.stall) for node in started(settings, table)]

        def change(settings, renamed):
            progress.expect(settings.total)
            watch.change(settings, renamed)

        def tick(supervisor):
            address.tick(supervisor)
            progress.tick(supervisor)
            watch.tick(supervisor)
            if rereading is not None:
                rereading.tick(supervisor, nodes_of, change)

        def measure(folder):
            found.update({own.name: measured(folder, own.name) for own in supervisor.cameras.settings})

        nodes = nodes_of(settings)
        spare = () if settings.every_frame else (*(node.module for node in nodes if not node.watches), *profile.modules)
        ending = [number for number in ENDING if rereading is None or number != signal.SIGHUP]
        supervisor = Supervisor(settings, nodes, say=watch.also(tell), spare=spare, ending=ending)
        outcome = supervisor.run(tick, measure)
    interrupts.ignore()
    if rereading is not None:
        settings = msgspec.structs.replace(settings, cameras=supervisor.cameras.settings)
    if outcome.code == 2:
        raise UsageError(outcome.message)
    if arguments.stats:
        Path(arguments.stats).write_text(json.dumps(statistics(settings, outcome.reports, found), indent=2) + "\n")
    if outcome.code:
        logger.error(outcome.message)
    else:
        for own in settings.each:
            if found[own.name]:
                tell_summary(summary(own, counts_of(own.name, outcome.reports), found[own.name]))
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


def main(argv, **more):
    """Run the pipeline as the words after `duopose` say -> exit code. Raises UsageError where nothing is logged yet.

    more   settings that these words can't say
    """
    silence_libraries()
    return run_cameras(asked(argv), argv, **more)


def run_cameras(cameras, argv=None, **more):
    """The same for what is asked of each camera, [running.cameras.file.Asked].

    argv   the words that named their file, which may be read again; None = there is no such file
    """
    run = cameras[0].arguments  # those of the run are the same for all
    with logging_to(run.log, run.log_file):
        try:
            return start(cameras, argv, more)
        except UsageError as error:
            logger.error(" ".join(str(error).split()))
            return 2


def start(cameras, argv, more):
    """Check everything, compile what is missing, run -> exit code. Raises UsageError."""
    rereading = Rereading(argv, cameras) if argv is not None and cameras[0].name else None
    settings, arguments = msgspec.structs.replace(settings_of(cameras, tell), **more), cameras[0].arguments
    if rereading is not None:
        tell(rereading.told)
    with listening(arguments) as listeners:
        if not is_filled():
            for own in settings.each:
                if own.kind in ("webcam", "stream"):
                    check_camera(own, tell)
            fill_cache(tell)
        return run(settings, arguments, listeners, rereading)
