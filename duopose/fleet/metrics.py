"""What `--metrics` serves of a fleet: /metrics for Prometheus, with a label per camera, and /health."""

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from duopose.fleet.status import RUNNING

GAUGES = (  # name, what it is, the value of a row; None = there is none now
    ("duopose_fleet_healthy", "1 while scenes of the camera come", lambda row: float(row.state == RUNNING)),
    ("duopose_fleet_frame_rate", "Scenes a second", lambda row: row.rate),
    ("duopose_fleet_people", "People in the newest scene", lambda row: row.people),
    ("duopose_fleet_latency_seconds", "From reading a frame to its poses, median of the last 2 s",
     lambda row: row.latency_ms and row.latency_ms / 1000),
)  # fmt: skip
COUNTERS = (
    ("duopose_fleet_frames", "Scenes that were given out", lambda row: row.frames),
    ("duopose_fleet_restarts", "Times that the camera was started again", lambda row: row.restarts),
)


class Metrics(Collector):
    """As duopose.running.metrics.serving wants it."""

    def __init__(self):
        self.rows = ()
        self.page = b""
        self.registry = CollectorRegistry()
        self.registry.register(self)

    def update(self, rows):
        """Take in the status.Row of each camera."""
        self.rows = rows
        self.page = generate_latest(self.registry)

    def trouble(self):
        """Which cameras give no scenes and why, None where all do."""
        bad = [f"{row.camera}: {row.state}" for row in self.rows if row.state != RUNNING]
        return "; ".join(bad) or (None if self.rows else "starting")

    def describe(self):
        return ()

    def collect(self):
        for kind, table in ((GaugeMetricFamily, GAUGES), (CounterMetricFamily, COUNTERS)):
            for name, about, value in table:
                family = kind(name, about, labels=("camera",))
                for row in self.rows:
                    if value(row) is not None:
                        family.add_metric((row.camera,), value(row))
                yield family
