import json
import re
import signal
import socket
import threading

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from duopose.command import main
from duopose.nodes.recorder.record_format import record_line
from duopose.running.arguments import parser
from duopose.sending.targets import Target, parse
from duopose.sending.websocket import Feed
from duopose.stream.processes.supervisor import Supervisor
from duopose.stream.record.reading import frames
from duopose.stream.settings import Settings
from tests.pictures import video
from tests.places import ROOT
from tests.toy.scenes import nodes_with
from tests.viewer.scenes import make_scene, person
from tests.waiting import LONG, until

PAGE = (ROOT / "docs" / "export.md").read_text()


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


@pytest.fixture
def feed():
    target = Target("ws", "127.0.0.1", free_port())
    made = Feed(target)
    yield made, f"ws://127.0.0.1:{target.port}"
    made.close()


def test_each_client_gets_the_lines_of_the_record(feed):
    made, address = feed
    scenes = [make_scene([person(0, 4 + number)], number=number, stamp=number / 30) for number in range(3)]
    with connect(address) as one, connect(address, origin="http://localhost:8000") as two:
        until(lambda: made.listening == 2)
        for scene in scenes:
            made.send(scene)
            for client in (one, two):
                assert client.recv(timeout=LONG).encode() == record_line(scene)


@pytest.mark.parametrize(
    "origin", ["https://example.org", "null", "http://localhost.example.org", "http://127.0.0.1.org"]
)
def test_a_page_from_elsewhere_is_refused(feed, origin):
    with pytest.raises(InvalidStatus, match="403"):
        connect(feed[1], origin=origin)


@pytest.mark.parametrize("words", re.findall(r"^    duopose (0 --send .*)$", PAGE, re.MULTILINE))
def test_a_command_of_the_page_is_one(words):
    arguments = parser().parse_args(words.split())
    assert [parse(address).kind for address in arguments.send]


def test_a_client_hears_of_the_end(feed):
    made, address = feed
    with connect(address) as client:
        made.close()
        with pytest.raises(ConnectionClosed):
            client.recv(timeout=LONG)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--send ws://0.0.0.0:9000", "WebSockets are for this machine"),
        ("--send ws://127.0.0.1:99999", "neither ws://127.0.0.1:PORT nor vmc://HOST:PORT"),
        ("--send udp://127.0.0.1:9000", "neither ws://127.0.0.1:PORT nor vmc://HOST:PORT"),
        ("--send vmc://no.such.host.invalid:39539", "--send vmc://no.such.host.invalid:39539: "),
        ("--send ws://127.0.0.1:{port}", "can't listen at ws://127.0.0.1:{port}"),
        ("--person nearest", "--person goes with --send vmc://HOST:PORT or lsl:"),
        ("--send vmc://127.0.0.1:39539 --person 0", "--person"),
    ],
)
def test_where_poses_can_not_be_sent_is_one_line(words, said, capfd):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code = main(["demo", "--headless", *words.format(port=port).split()])
    shown = capfd.readouterr()
    assert (code, shown.err.count("\n")) == (2, 1)
    assert said.format(port=port) in shown.err


def test_a_run_sends_what_it_records(tmp_path):
    """A toy that sees one person, the real nodes around it, and a program that listens."""
    clip = video(tmp_path / "clip.mp4", frames=3000, rate=50)  # a minute, of which half a second is needed
    address, record = f"ws://127.0.0.1:{free_port()}", tmp_path / "record.jsonl"
    settings = Settings(source=str(clip), record=str(record), headless=True, send=(address,), every_frame=False)
    heard, listening, ended = [], [], []

    def listen():
        with connect(address) as client:
            for line in client:
                heard.append(json.loads(line))

    def tick(supervisor):
        if supervisor.processes["sender"].running and not listening:
            listening.append(threading.Thread(target=listen))
            listening[0].start()
        if len(heard) >= 25 and not ended:
            ended.append(True)
            signal.raise_signal(signal.SIGINT)

    outcome = Supervisor(settings, nodes_with("sender"), tmp_path).run(tick)
    listening[0].join(LONG)
    assert outcome.code == 0
    lines = {line["frame"]: line for _, line in frames(record)}
    assert len(heard) >= 25
    assert all(line == lines[line["frame"]] for line in heard)
