"""What `--metrics` serves: /metrics for Prometheus, and /health: 200 while scenes come, else 503 and why.

A thread of the supervisor's process answers from the last look at the run; no request makes it look again. So many
clients, slow ones and those that send nonsense cost the run nothing but a few threads, which are cut off in time.
"""

import socket
import threading
import time
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import accumulate

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

from duopose.running.watch import LATENCIES
from duopose.stream.errors import UsageError

CLIENTS = 8  # answered at a time; others are sent away
PAUSE = 0.01  # s after each client: whoever asks without end takes a tenth of a core, not all of it from the networks
PATIENCE = 3.0  # s that a client may take in all
STALE = 5.0  # s without a look at the run: its supervisor hangs, or is ending
REASONS = {
    "slow": "dropped",
    "lost": "lost",
    "ill_fitting": "ill_fitting",
    "unreadable": "unreadable",
}  # -> in `counts`


class Metrics(Collector):
    """The newest look at the run, as Prometheus wants it."""

    def __init__(self):
        self.now = None
        self.page = b""
        self.registry = CollectorRegistry()
        self.registry.register(self)

    def update(self, now):
        """Take in a watch.Now."""
        self.now = now
        self.page = generate_latest(self.registry)

    def trouble(self):
        """Why no scenes come, None while they do."""
        if self.now is None:
            return "starting"
        age = time.monotonic() - self.now.at
        return f"the run has not been looked after for {age:.0f} s" if age > STALE else self.now.trouble

    def describe(self):
        """Nothing: the registry need not know the names before the first look."""
        return ()

    def collect(self):
        yield from self._cameras(self.now.cameras)
        yield from self._nodes(self.now)

    def _cameras(self, cameras):
        label = ("camera",) if cameras[0].name else ()  # the only one has no name, and needs no label
        healthy = GaugeMetricFamily("duopose_healthy", "1 while scenes come", labels=label)
        people = GaugeMetricFamily("duopose_people", "People in the newest scene", labels=label)
        rate = GaugeMetricFamily("duopose_frame_rate", "Scenes in the last second", labels=label)
        frames = CounterMetricFamily("duopose_frames", "Frames whose poses were published", labels=label)
        dropped = CounterMetricFamily(
            "duopose_frames_dropped", "Frames read and not processed", labels=(*label, "reason")
        )
        lost = CounterMetricFamily("duopose_source_reconnects", "Times that the source was lost", labels=label)
        latency = HistogramMetricFamily("duopose_latency_seconds", "From reading a frame to its poses", labels=label)
        for camera in cameras:
            own = (camera.name,) if label else ()
            healthy.add_metric(own, float(camera.trouble is None))
            people.add_metric(own, camera.people)
            rate.add_metric(own, camera.rate)
            frames.add_metric(own, camera.scenes)
            for reason, name in REASONS.items():
                dropped.add_metric((*own, reason), camera.counts.get(name, 0))
            lost.add_metric(own, camera.counts.get("interrupted", 0))
            edges = (*map(str, LATENCIES), "+Inf")
            buckets = list(zip(edges, accumulate(camera.latency_counts), strict=True))
            latency.add_metric(own, buckets, camera.latency_sum)
        return healthy, people, rate, frames, dropped, lost, latency

    def _nodes(self, now):
        restarts = CounterMetricFamily("duopose_node_restarts", "Times that a node was started again", labels=("node",))
        cpu = CounterMetricFamily("duopose_node_cpu_seconds", "User and system time of a process", labels=("node",))
        memory = GaugeMetricFamily("duopose_node_memory_bytes", "Resident memory of a process", labels=("node",))
        for name, report in now.reports.items():
            restarts.add_metric((name,), report.restarts)
            cpu.add_metric((name,), report.cpu_s)
        cpu.add_metric(("supervisor",), now.cpu_s)
        for name, size in now.memory.items():
            if size is not None:
                memory.add_metric((name,), size)
        return restarts, cpu, memory


@contextmanager
def serving(metrics, address):
    """Answer at (host, port) until the end of the block; yields "host:port". Raises UsageError."""
    host = f"[{address[0]}]" if ":" in address[0] else address[0]
    try:
        server = Server(address, metrics)
    except OSError as error:
        raise UsageError(f"--metrics {host}:{address[1]}: {error.strerror or error}") from None
    thread = threading.Thread(target=server.serve_forever, args=(0.2,), name="metrics", daemon=True)
    thread.start()
    try:
        yield f"{host}:{server.server_port}"
    finally:
        server.shutdown()
        server.cut_off(0.0)
        server.server_close()


class Server(ThreadingHTTPServer):
    """Holds few clients, and none for long."""

    daemon_threads = True
    request_queue_size = 16

    def __init__(self, address, metrics):
        self.metrics = metrics
        self.clients = {}  # socket -> s, when it came
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        super().__init__(address, Answer)

    def server_bind(self):
        """Without the base class's question to the name server, which may take seconds."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = self.server_address[:2]

    def verify_request(self, request, client_address):
        time.sleep(PAUSE)
        if len(self.clients) >= CLIENTS:
            return False
        self.clients[request] = time.monotonic()
        return True

    def shutdown_request(self, request):
        self.clients.pop(request, None)
        super().shutdown_request(request)

    def service_actions(self):
        self.cut_off(PATIENCE)

    def cut_off(self, patience):
        """End the connections that are older than `patience` s."""
        now = time.monotonic()
        for client, since in list(self.clients.items()):
            if now - since >= patience:
                with suppress(OSError):
                    client.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request, client_address):
        """A client that leaves early, or sends nonsense, is not worth a word."""


class Answer(BaseHTTPRequestHandler):
    server_version, sys_version = "duopose", ""
    timeout = PATIENCE

    def do_GET(self):
        metrics = self.server.metrics
        if self.path == "/metrics":
            self._answer(200, metrics.page, CONTENT_TYPE_PLAIN_0_0_4)
        elif self.path == "/health":
            trouble = metrics.trouble()
            self._answer(503 if trouble else 200, f"{trouble or 'ok'}\n".encode(), "text/plain; charset=utf-8")
        else:
            self._answer(404, b"/metrics and /health are here\n", "text/plain; charset=utf-8")

    def _answer(self, code, body, kind):
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass
