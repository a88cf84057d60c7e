"""Ray: the one place that imports it. It starts pipelines somewhere on its machines, and again where they died.

Ray pickles what it sends, so whoever holds its token can run programs on all machines; without a token nobody gets in.
"""

import importlib
import importlib.util
import os
import secrets
import socket
import time

from duopose.fleet.pipeline import Pipeline
from duopose.nodes.capture.sources import quiet_stderr
from duopose.stream.errors import UsageError

LOOPBACK = "127.0.0.1"
REACH = 5.0  # s for the cluster to accept a connection
STORE = 80 << 20  # bytes of Ray's shared memory where the head starts it: only poses go through it
TUNED = {  # what machines of Ray's are started with
    "RAY_worker_niceness": "0",  # Ray's own default, 15, leaves a run what other programs leave over
    # A dead machine is noticed within 5 s, by default in half a minute:
    "RAY_health_check_initial_delay_ms": "2000",
    "RAY_health_check_period_ms": "1000",
    "RAY_health_check_timeout_ms": "2000",
    "RAY_health_check_failure_threshold": "3",
}
SMALL = {"RAY_ROTATION_MAX_BYTES": "1000000", "RAY_ROTATION_BACKUP_COUNT": "1"}  # its logs lie in memory


class Lost(Exception):
    """An answer does not come."""


class Gone(Lost):
    """Nor will another: Ray has given the pipeline up."""


def check_installed():
    """Raise UsageError where Ray is not."""
    if importlib.util.find_spec("ray") is None:
        raise UsageError("Ray is not installed: pip install 'duopose[fleet]'")


class Cluster:
    """
    address   HOST:PORT of a cluster that runs, None = one is started on this machine alone, and ends with this object
    folder    where the latter has its files
    Raises UsageError where Ray does not start, or does not let us in.
    """

    def __init__(self, address, folder):
        environment = {"RAY_AUTH_MODE": "token", "RAY_USAGE_STATS_ENABLED": "0", "RAY_BACKEND_LOG_LEVEL": "fatal"}
        if address is None:
            environment |= {"RAY_AUTH_TOKEN": secrets.token_hex(32)} | TUNED | SMALL
            how = {"address": "local", "_node_ip_address": LOOPBACK, "_temp_dir": str(folder / "ray"),
                   "object_store_memory": STORE, "include_dashboard": False}  # fmt: skip
        else:
            how = {"address": address}
        for name, value in environment.items():
            os.environ.setdefault(name, value)  # before Ray is imported: it reads them then
        self.ray = importlib.import_module("ray")
        if address is not None:
            check_reached(address)
        try:
            with quiet_stderr():  # what is wrong is raised
                self.ray.init(log_to_driver=False, logging_level="CRITICAL", **how)
        except Exception as error:  # it has no common class for what can be wrong
            where = "Ray" if address is None else f"--ray {address}"
            hint = (
                " (is our token that of the cluster? ray get-auth-token)" if "Failed to connect" in str(error) else ""
            )
            raise UsageError(f"{where}: {first_line(error)}{hint}") from None

    def machines(self):
        """CPUs of each machine that has any."""
        nodes = [node["Resources"].get("CPU", 0.0) for node in self.ray.nodes() if node["Alive"]]
        return [cpus for cpus in nodes if cpus > 0]

    def start(self, cpus):
        """A new pipeline that is to have so many CPUs; Ray starts it as soon as a machine has them."""
        actor = self.ray.remote(Pipeline).options(
            num_cpus=cpus, max_restarts=-1, max_task_retries=-1, scheduling_strategy="SPREAD"
        )
        return actor.remote(here)

    def ask(self, pipeline, wanted, seen):
        """Pipeline.poll, of which `ready` says when it has answered."""
        return pipeline.poll.remote(wanted, seen)

    def ready(self, questions, timeout):
        """Those that were answered, after `timeout` s at most."""
        if not questions:
            time.sleep(timeout)
            return []
        self.ray.wait(questions, num_returns=1, timeout=timeout)
        return self.ray.wait(questions, num_returns=len(questions), timeout=0)[0]

    def answer(self, question):
        """Raises Lost."""
        try:
            return self.ray.get(question)
        except self.ray.exceptions.RayError as error:
            kind = Gone if isinstance(error, self.ray.exceptions.ActorDiedError) else Lost
            raise kind(first_line(error)) from None

    def end(self, pipeline):
        """Pipeline.stop, of which `ready` says when nothing of its runs is left."""
        return pipeline.stop.remote()

    def wait(self, questions, timeout):
        """Until all are answered, `timeout` s at most."""
        if questions:
            self.ray.wait(questions, num_returns=len(questions), timeout=timeout)

    def kill(self, pipeline):
        """At once; runs that it still has notice that and end."""
        self.ray.kill(pipeline)

    def close(self):
        self.ray.shutdown()


def first_line(error):
    return next(iter(str(error).strip().splitlines()), type(error).__name__)


def here():
    """Name and address of the machine that it is called on."""
    return f"{socket.gethostname()} ({importlib.import_module('ray.util').get_node_ip_address()})"


def check_reached(address):
    """Raise UsageError unless somebody listens there."""
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal():
        raise UsageError(f"--ray {address}: should be HOST:PORT, as ray start --head says, or left out")
    try:
        socket.create_connection((host.strip("[]"), int(port)), REACH).close()
    except (OSError, OverflowError) as error:
        raise UsageError(f"--ray {address}: {getattr(error, 'strerror', None) or error}") from None
