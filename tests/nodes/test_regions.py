import os
import signal
import threading

import msgspec
import numpy as np
import pytest

from duopose.nodes.regions import count
from duopose.stream.processes.supervisor import Supervisor
from duopose.stream.record.reading import frames
from duopose.stream.settings import Settings
from duopose.stream.subscribe import subscribe
from tests.pictures import video
from tests.toy import frame
from tests.toy.scenes import nodes_with, scene
from tests.waiting import LONG

PICTURES = 400  # of the clip: some seconds


@pytest.mark.parametrize(
    ("middles", "counts"),
    [([], (0, 0, 0)), ([-9, 0, 32, 63, 99], (2, 1, 2)), ([20.8, 20.9, 42.1, 42.2], (1, 2, 1))],
)
def test_people_are_counted_where_the_middle_of_their_box_is(middles, counts):
    """The picture is 64 pixels wide, from -0.5 to 63.5: the thirds meet at 20.83 and 42.17."""
    one, people = scene(frame(7)), len(middles)
    boxes = np.float32([[middle - 5, 0, 10, 20] for middle in middles]).reshape(people, 4)
    regions = count(scene_with(one, boxes))
    assert (regions.frame.number, regions.counts) == (7, counts)


def scene_with(one, boxes):
    """The scene with as many people as there are boxes."""
    arrays = {
        name: np.repeat(getattr(one, name), len(boxes), axis=0) for name in ("ids", "scores", "sources", "joints")
    }
    return msgspec.structs.replace(one, boxes=boxes, **arrays)


@pytest.fixture
def pipeline(tmp_path):
    """pipeline(on_tick) runs a toy that sees one person, and `regions` -> outcome, lines of the record."""
    video(str(tmp_path / "clip.mp4"), frames=PICTURES)
    record = tmp_path / "record.jsonl"
    settings = Settings(source=str(tmp_path / "clip.mp4"), record=str(record), headless=True, also=("regions",))

    def run(on_tick):
        begun = []

        def tick(supervisor):
            if not supervisor.going:
                return
            if not begun:  # nobody waits for `regions`, but the film does here
                running = supervisor.processes["regions"].running
                os.kill(supervisor.processes["capture"].child.pid, signal.SIGCONT if running else signal.SIGSTOP)
                begun.extend([True] * running)
            on_tick(supervisor)

        outcome = Supervisor(settings, nodes_with("regions"), tmp_path).run(tick)
        return outcome, [line for _, line in frames(record)]

    return run


def test_another_program_reads_how_many_people_are_where(pipeline):
    told, listening = {}, []

    def listen(folder):
        told.update((regions.frame.number, sum(regions.counts)) for regions in subscribe("regions", folder))

    def tick(supervisor):
        if not listening:
            listening.append(threading.Thread(target=listen, args=(supervisor.folder.path,)))
            listening[0].start()

    outcome, lines = pipeline(tick)
    listening[0].join(LONG)
    assert outcome.code == 0
    found = {line["frame"]: len(line["people"]) for line in lines if "frame" in line}
    assert len(told) >= 5
    assert told.items() <= found.items()
    assert set(told.values()) == {1}


def test_the_pipeline_goes_on_without_it(pipeline):
    killed = []

    def tick(supervisor):
        process = supervisor.processes["regions"]
        if not killed and process.running:
            killed.append(process.child.pid)
            os.kill(process.child.pid, signal.SIGKILL)

    outcome, lines = pipeline(tick)
    assert killed
    assert outcome.code == 0
    assert [line["frame"] for line in lines if "frame" in line] == list(range(PICTURES))
    assert outcome.reports["capture"].counts.get("lost", 0) == 0
    assert outcome.reports["regions"].handled < PICTURES
