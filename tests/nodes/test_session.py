"""A session holds every frame of a run and what was said of it, whatever happens to the run."""

import contextlib
import os
import signal
import tempfile
from pathlib import Path

import av
import numpy as np

from duopose.nodes.capture.replayed import SessionFile
from duopose.nodes.capture.sources import kind_of
from duopose.nodes.session import Recording, place_for
from duopose.stream import wire
from duopose.stream.graph import NODES as GRAPH
from duopose.stream.graph import Node
from duopose.stream.messages import Done, Scene
from duopose.stream.processes.supervisor import Supervisor
from duopose.stream.record.reading import frames
from duopose.stream.session.file import Session
from duopose.stream.settings import Settings
from tests.pictures import video
from tests.waiting import until

# The real capture, recorder and session; a toy sees one person everywhere.
NODES = (
    Node("capture", "duopose.nodes.capture.node", ("done", "stored"), ("frame",), "always"),
    Node("fusion", "tests.toy.scenes", ("frame",), ("scene",), "always"),
    Node("recorder", "duopose.nodes.recorder.node", ("scene",), ("done",), "always"),
    next(node for node in GRAPH if node.name == "session"),
)


def run(source, folder, nodes=NODES, **settings):
    """-> the supervisor's outcome; leaves folder/record.jsonl and folder/session.mcap."""
    paths = {"record": str(folder / "record.jsonl"), "session": str(folder / "session.mcap")}
    told = Settings(source=str(source), kind=kind_of(str(source)), **(paths | settings))
    with tempfile.TemporaryDirectory(prefix="s") as where:  # short: a socket's path may have 107 characters
        return Supervisor(told, nodes, where, lambda line, node: None).run()


def holders(path):
    """Processes that have the file open."""
    found = []
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        with contextlib.suppress(OSError):
            if os.readlink(link) == str(path):
                found.append(link)
    return found


def recorded(path):
    return [line | {"latency_ms": None} for _, line in frames(path)]


def test_a_session_that_comes_back_goes_on_in_a_file_of_its_own(tmp_path):
    path = tmp_path / "session.mcap"
    assert place_for(str(path)) == str(path)
    path.touch()
    assert place_for(str(path)) == str(path)  # empty: nothing is lost
    path.write_bytes(b"frames")
    (tmp_path / "session-2.mcap").write_bytes(b"more frames")
    assert place_for(str(path)) == str(tmp_path / "session-3.mcap")


def scenes(path):
    return [wire.decode(Scene, entry.data) for entry in Session(path).entries() if entry.topic == "scene"]


def test_a_session_holds_every_picture_to_the_bit_and_is_played_again(tmp_path):
    clip = video(tmp_path / "clip.mp4", frames=12, rate=25)
    assert run(clip, tmp_path).code == 0
    with av.open(str(clip)) as container:
        shown = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    session = SessionFile(tmp_path / "session.mcap", {})
    assert session.total == 12
    for picture, expected in zip(session.pictures(), shown, strict=True):
        np.testing.assert_array_equal(picture.pixels(), expected)
    assert [scene.frame.number for scene in scenes(tmp_path / "session.mcap")] == list(range(12))

    again = tmp_path / "again"
    again.mkdir()
    assert run(tmp_path / "session.mcap", again, NODES[:3], session=None).code == 0
    assert recorded(again / "record.jsonl") == recorded(tmp_path / "record.jsonl")


def test_a_session_keeps_its_pace_if_asked(tmp_path):
    clip = video(tmp_path / "clip.mp4", frames=12, rate=25)
    assert run(clip, tmp_path).code == 0
    again = tmp_path / "again"
    again.mkdir()
    run(tmp_path / "session.mcap", again, speed=0.5)
    read_at = [scene.frame.read_at for scene in scenes(again / "session.mcap")]
    assert read_at[-1] - read_at[0] >= 11 / 25 / 0.5 - 0.05


def test_a_run_that_is_killed_leaves_a_session_that_lacks_at_most_the_frames_in_flight(tmp_path):
    clip, record = video(tmp_path / "clip.mp4", frames=400, rate=25), tmp_path / "record.jsonl"
    child = os.fork()
    if child == 0:
        run(clip, tmp_path)
        os._exit(1)
    until(lambda: record.exists() and record.read_bytes().count(b"\n") > 20)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    recorded = record.read_bytes().count(b"\n") - 1  # the first line tells of the recording
    until(lambda: not holders(tmp_path / "session.mcap"))  # the nodes have gone, too
    session = SessionFile(tmp_path / "session.mcap", {})
    numbers = [picture.frame.number for picture in session.pictures()]
    assert session.total is None
    assert numbers == list(range(len(numbers)))
    assert len(numbers) >= recorded - Settings().in_flight  # 200 ms, at 20 frames/s


def test_a_full_disk_ends_the_session_and_not_the_run():
    said = []
    recording = Recording(Settings(session="/dev/full"), said.append)
    for number in range(3):
        recording.add("done", Done(number), None)
    recording.close()
    assert said == ["session /dev/full ends here, the run goes on: No space left on device"]
