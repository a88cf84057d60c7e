import json
import re
import socket
import threading
import time
import urllib.error
import urllib.request

import pytest
from prometheus_client.parser import text_string_to_metric_families as parse

from duopose.running import metrics as module
from duopose.running.metrics import CLIENTS, Metrics, serving
from duopose.stream.errors import UsageError
from tests.duopose.running.looks import look, seen
from tests.places import ROOT
from tests.waiting import LONG, until

LOOPBACK = ("127.0.0.1", 0)


@pytest.fixture
def served():
    metrics = Metrics()
    with serving(metrics, LOOPBACK) as address:
        yield metrics, address


def get(address, path):
    """-> status, text"""
    try:
        with urllib.request.urlopen(f"http://{address}{path}", timeout=LONG) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def samples(text):
    return {(sample.name, *sample.labels.values()): sample.value for family in parse(text) for sample in family.samples}


def test_prometheus_reads_what_was_seen_last(served):
    metrics, address = served
    metrics.update(look())
    status, text = get(address, "/metrics")
    told = samples(text)
    assert status == 200
    assert told["duopose_people",] == 2
    assert told["duopose_frame_rate",] == 20
    assert told["duopose_frames_total",] == 2
    assert told["duopose_frames_dropped_total", "slow"] == 2
    assert told["duopose_frames_dropped_total", "lost"] == 1
    assert told["duopose_frames_dropped_total", "unreadable"] == 0
    assert told["duopose_source_reconnects_total",] == 4
    assert told["duopose_latency_seconds_bucket", "0.075"] == 0
    assert told["duopose_latency_seconds_bucket", "0.1"] == 1
    assert told["duopose_latency_seconds_bucket", "+Inf"] == told["duopose_latency_seconds_count",] == 2
    assert told["duopose_latency_seconds_sum",] == 6.09
    assert told["duopose_node_restarts_total", "capture"] == 2
    assert told["duopose_node_cpu_seconds_total", "capture"] == 1.5
    assert told["duopose_node_memory_bytes", "supervisor"] == 80_000_000
    assert ("duopose_node_memory_bytes", "capture") not in told  # it is not there just now
    metrics.update(look(people=5))
    assert samples(get(address, "/metrics")[1])["duopose_people",] == 5


def test_each_camera_of_several_has_a_label(served):
    metrics, address = served
    metrics.update(look(seen("door"), seen("yard", people=5, trouble="no scene for 9 s")))
    told = samples(get(address, "/metrics")[1])
    assert (told["duopose_people", "door"], told["duopose_people", "yard"]) == (2, 5)
    assert (told["duopose_healthy", "door"], told["duopose_healthy", "yard"]) == (1, 0)
    assert told["duopose_frames_dropped_total", "yard", "slow"] == 2
    assert told["duopose_latency_seconds_count", "door"] == 2
    assert get(address, "/health") == (200, "ok\n")  # scenes come


def test_health_is_200_while_scenes_come_and_else_says_why_not(served, monkeypatch):
    metrics, address = served
    assert get(address, "/health") == (503, "starting\n")
    metrics.update(look())
    assert get(address, "/health") == (200, "ok\n")
    metrics.update(look(trouble="no scene for 9 s (rtsp://door is lost, trying again)"))
    assert get(address, "/health") == (503, "no scene for 9 s (rtsp://door is lost, trying again)\n")
    metrics.update(look(at=time.monotonic() - 60))
    assert get(address, "/health") == (503, "the run has not been looked after for 60 s\n")
    assert get(address, "/")[0] == 404


def test_slow_and_hostile_clients_are_cut_off_and_hold_nobody_up(served, monkeypatch):
    monkeypatch.setattr(module, "PATIENCE", 0.5)
    metrics, address = served
    metrics.update(look())
    host, port = address.split(":")
    before = threading.active_count()
    clients = [socket.create_connection((host, int(port))) for _ in range(3 * CLIENTS)]
    for number, client in enumerate(clients):
        client.settimeout(LONG)
        nonsense = (b"GET /metrics HTTP/1.1\r\nX: ", b"\x16\x03\x01\0", b"", b"GET /" + b"a" * 70_000)[number % 4]
        try:
            client.sendall(nonsense)
        except OSError:
            continue  # sent away already

    def drip():
        """A byte now and then, so that no single read takes long."""
        try:
            while True:
                clients[0].sendall(b"x")
                time.sleep(0.1)
        except OSError:
            return

    threading.Thread(target=drip, daemon=True).start()
    assert threading.active_count() - before <= CLIENTS + 1
    until(lambda: threading.active_count() <= before)
    assert get(address, "/health") == (200, "ok\n")
    for client in clients:
        client.close()


def test_whoever_asks_without_end_is_answered_a_hundred_times_a_second_at_most(served):
    metrics, address = served
    metrics.update(look())
    start = time.monotonic()
    for _ in range(50):
        assert get(address, "/metrics")[0] == 200
    assert time.monotonic() - start >= 50 * module.PAUSE


def test_a_port_that_is_taken_is_one_line(served):
    host, port = served[1].split(":")
    with (
        pytest.raises(UsageError, match=f"--metrics {host}:{port}: Address already in use"),
        serving(Metrics(), (host, int(port))),
    ):
        pass


def test_no_thread_and_no_port_is_left(served):
    before = threading.active_count()
    with serving(Metrics(), LOOPBACK) as address:
        host, port = address.split(":")
        idle = socket.create_connection((host, int(port)))
    until(lambda: threading.active_count() <= before)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((host, int(port)))
    idle.close()


def test_the_page_for_operators_lists_every_metric(served):
    metrics, address = served
    metrics.update(look())
    known = {name for name, *_ in samples(get(address, "/metrics")[1])}
    told = re.findall(r"^\| `(duopose_\w+)` \|", (ROOT / "docs/operate.md").read_text(), re.MULTILINE)
    assert set(told) == {re.sub("(?<=seconds)_(bucket|count|sum)$", "", name) for name in known}


def test_the_dashboard_asks_for_metrics_that_there_are(served):
    metrics, address = served
    metrics.update(look())
    known = {name for name, *_ in samples(get(address, "/metrics")[1])}
    board = json.loads((ROOT / "docs/examples/grafana.json").read_text())
    asked = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    assert len(asked) >= 8
    used = {name for expression in asked for name in re.findall(r"duopose_\w+", expression)}
    assert used <= known
    assert {name.removesuffix("_count").removesuffix("_sum") for name in known - used} <= {
        "duopose_latency_seconds", "duopose_frame_rate",
    }  # fmt: skip
