"""Whatever comes over a socket is a message of its type or is counted as rubbish; nobody falls over it."""

import pytest

from duopose.benchmarks import clips
from duopose.nodes.capture.sources import DEMO
from duopose.stream import wire
from duopose.stream.bus import Bus
from duopose.stream.graph import NODES
from duopose.stream.messages import Health, Regions, arrays_of
from duopose.stream.processes.supervisor import Supervisor
from duopose.stream.record.reading import frames
from duopose.stream.settings import Settings
from duopose.stream.topics import TOPICS
from tests.chaos.mutations import mutated
from tests.stream.test_wire import message
from tests.toy import frame
from tests.waiting import until

SOCKETS = [(node, topic) for node in NODES for topic in node.inputs if not node.watches]
AT_ONCE = 400  # messages: fewer than the queues hold


def samples(topic):
    """Some whole messages of a topic, as bytes."""
    kind = TOPICS[topic].type
    if arrays_of(kind):
        return [wire.encode(message(kind, people)) for people in (0, 1, 4)]
    health = Health("fusion", 1, "running", 2, None, 1.5, 0.1, 30.0, {"rubbish": 1}, ("OpenVINO f32",), "hello")
    others = {Health: health, Regions: Regions(frame(3), (1, 0, 2))}
    return [wire.encode(others.get(kind) or (frame(3) if topic == "frame" else kind(3)))]


@pytest.fixture
def connect(tmp_path):
    """connect(name): the Bus of that node, always the same; all are closed at the end."""
    buses = {}
    yield lambda name: buses.get(name) or buses.setdefault(name, Bus(str(tmp_path), name, NODES))
    for bus in buses.values():
        bus.close()


@pytest.mark.parametrize("count", [2000, pytest.param(100_000, marks=pytest.mark.slow)])
@pytest.mark.parametrize(("node", "topic"), SOCKETS, ids=lambda one: getattr(one, "name", one))
def test_a_socket_gives_messages_or_counts_rubbish(node, topic, count, connect, chance):
    producer = next(one.name for one in NODES if topic in one.outputs or topic == "health")
    sender, reader = connect(producer), connect(node.name)
    whole, got = samples(topic), 0
    reader.poll()
    until(lambda: node.name in sender._subscribed())
    for _ in range(count // AT_ONCE):
        for _ in range(AT_ONCE):
            sender._send(topic, mutated(chance.choice(whole), chance))
        start, told = got, reader.workload.counts["rubbish"]
        while reader.workload.counts["rubbish"] - told + got - start < AT_ONCE:
            for name, one in reader.poll(5):
                if name == "health" and topic != "health":
                    continue  # a node says that it is well, by itself
                assert isinstance(one, TOPICS[name].type)
                assert wire.encode(one)
                got += 1
    assert reader.workload.counts["rubbish"] > count // 10


@pytest.mark.slow
def test_the_pipeline_goes_on_though_each_message_is_followed_by_broken_ones(tmp_path, request):
    """All nodes are the real ones, but what they send comes again several times, changed (tests/toy/mutating.py)."""
    seed = request.config.getoption("chaos_seed")
    clips.write(tmp_path / "clip.mp4", clips.there_and_back(clips.pictures(DEMO), 300), 15)
    nodes = [node._replace(module="tests.toy.mutating") for node in NODES if node.when == "always"]
    settings = Settings(
        source=str(tmp_path / "clip.mp4"), record=str(tmp_path / "record.jsonl"), every_frame=False, in_flight=3,
        headless=True, total=seed, fixed=True,
    )  # fmt: skip
    said = []
    outcome = Supervisor(settings, nodes, tmp_path, lambda line, node: said.append(line)).run()
    assert (outcome.code, said) == (0, [])
    assert sum(report.restarts for report in outcome.reports.values()) == 0
    assert sum(report.counts.get("rubbish", 0) for report in outcome.reports.values()) > 1000
    lines = [line for _, line in frames(tmp_path / "record.jsonl")]
    assert sum(bool(line["people"]) for line in lines) > 5
    assert max(line["stamp"] for line in lines) > 17  # of 20 s, at the clip's own pace
