"""`duopose fleet CAMERAS.toml`: arguments -> checks -> head -> exit code."""

import os
import signal
from contextlib import ExitStack, contextmanager, redirect_stdout

from duopose.fleet import status
from duopose.fleet.asked import read
from duopose.fleet.assignment import cameras_per_pipeline
from duopose.fleet.cluster import Cluster, check_installed
from duopose.fleet.head import Head
from duopose.fleet.metrics import Metrics
from duopose.fleet.outlet import Outlet
from duopose.fleet.ports import listening, told
from duopose.running.cameras.changes import changes
from duopose.running.checks import check_listen
from duopose.running.log import logger, logging_to, tell
from duopose.running.metrics import serving
from duopose.stream.errors import UsageError
from duopose.stream.processes.run_folder import RunFolder


class Signals:
    """What was asked of the head by signals: `ended` (Ctrl-C, SIGTERM), `reread` (SIGHUP)."""

    def __init__(self):
        self.ended = self.reread = False
        self.working = False  # before the first question an end is a KeyboardInterrupt: Ray takes its time to start
        self.set()

    def set(self):
        """Also after Ray has put its own in their place."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._take)

    def _take(self, number, _):
        if number == signal.SIGHUP:
            self.reread = True
            return
        if not (self.working or self.ended):
            self.ended = True
            raise KeyboardInterrupt
        self.ended = True


def run(arguments):
    """-> exit code. Raises UsageError where nothing is logged yet."""
    check_installed()
    with (
        logging_to(arguments.log, arguments.log_file),
        open(os.devnull, "w") as nowhere,
        redirect_stdout(nowhere),  # Ray comments there on each death; ours is the log
    ):
        try:
            return start(arguments)
        except UsageError as error:
            logger.error(" ".join(str(error).split()))
            return 2
        except KeyboardInterrupt:
            return 0  # how it is meant to end


def start(arguments):
    asked = read(arguments.file)
    keys = check_listen(arguments, tell)
    signals = Signals()
    with ExitStack() as stack:
        metrics = Metrics()
        if arguments.metrics:
            tell(f"metrics: http://{stack.enter_context(serving(metrics, arguments.metrics))}/metrics")
        folder = RunFolder()
        stack.callback(folder.remove)
        with quiet(signals):
            cluster = Cluster(arguments.ray, folder.path)
        stack.callback(cluster.close)
        tell(f"Ray listens here at {told(listening())}")
        outlet = Outlet(folder.path, arguments.listen, keys)
        stack.callback(outlet.close)

        def say_how(rows):
            status.write(folder.path, status.of(arguments, rows))
            metrics.update(rows)

        machines = cluster.machines()
        size = arguments.cameras_per_pipeline or cameras_per_pipeline(len(asked), machines, arguments.cpus_per_camera)
        head = Head(
            lambda: read(arguments.file),
            cluster,
            size,
            arguments.share,
            arguments.cpus_per_camera,
            outlet.send,
            say_how,
        )
        stack.callback(head.stop)
        tell(f"{len(asked)} cameras, {size} a pipeline, on {len(machines)} machines")
        if arguments.listen:
            tell(f"scenes of all cameras: {arguments.listen}")
        head.change(changes({}, asked), asked)
        signals.working = True
        while not (signals.ended or head.ended):
            if signals.reread:
                signals.reread = False
                head.reread()
            head.tick()
    return 0


@contextmanager
def quiet(signals):
    """Ray puts handlers of its own in the place of ours."""
    try:
        yield
    finally:
        signals.set()
