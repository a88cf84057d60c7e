"""Those who follow a run from afar see it again when the gateway has died, however often; the run does not notice."""

import os
import signal
import socket

import pytest

from duopose.stream.graph import NODES as GRAPH
from duopose.stream.network.remote import Remote
from duopose.stream.processes.deaths import CRASHES
from duopose.stream.processes.supervisor import Supervisor
from duopose.stream.settings import Settings
from tests.pictures import video
from tests.toy.scenes import NODES

KILLS = CRASHES + 1  # so many deaths of a node of the pipeline would end the run
FRAMES = 3000  # two minutes: the run is ended when all has been seen


@pytest.fixture
def address():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"tcp://127.0.0.1:{free.getsockname()[1]}"


def test_a_gateway_that_dies_again_and_again_is_back_for_who_follows_from_afar(tmp_path, address, monkeypatch):
    monkeypatch.setattr("duopose.stream.network.remote.RECONNECT", (50, 100))  # ms
    clip = str(video(tmp_path / "clip.mp4", frames=FRAMES, rate=25))
    settings = Settings(source=clip, every_frame=False, listen=address, in_flight=3)
    gateway = next(node for node in GRAPH if node.name == "gateway")
    said, killed, seen = [], [], []

    with Remote(address, ["scene"]) as remote:

        def tick(supervisor):
            child = supervisor.processes["gateway"].child
            numbers = [scene.frame.number for _, scene in remote.poll()]
            if not numbers or child is None or child.pid in killed:
                return
            seen.append(numbers[-1])
            if len(killed) == KILLS:
                signal.raise_signal(signal.SIGINT)
            elif supervisor.processes["gateway"].running:
                killed.append(child.pid)
                os.kill(child.pid, signal.SIGKILL)

        outcome = Supervisor(settings, [*NODES, gateway], tmp_path, lambda line, node: said.append(line)).run(tick)
    assert (outcome.code, len(killed), len(set(killed))) == (0, KILLS, KILLS)
    assert seen == sorted(set(seen))
    assert outcome.reports["gateway"].restarts == KILLS
    assert outcome.reports["capture"].counts.get("lost", 0) == 0
    assert sum(report.restarts for name, report in outcome.reports.items() if name != "gateway") == 0
    assert [line.partition(":")[0] for line in said[:2]] == ["gateway failed, starting it again"] * 2
    assert said[0].endswith(": killed by SIGKILL")
