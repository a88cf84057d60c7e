import json
import os
import signal
from collections import Counter

import numpy as np
import pytest

from duopose.nodes.capture import node
from duopose.nodes.capture.capture import LEAST_SPARE, SPARE, Capture, Memory, slots_of
from duopose.nodes.capture.files import VideoFile
from duopose.nodes.capture.sources import Picture, kind_of
from duopose.nodes.recorder.measures import measured
from duopose.stream.errors import UsageError
from duopose.stream.graph import started
from duopose.stream.processes.supervisor import Supervisor
from duopose.stream.record.reading import frames
from duopose.stream.settings import Settings
from tests.pictures import damage, jpeg, picture, video
from tests.toy.scenes import NODES


@pytest.fixture
def run(tmp_path, tmp_path_factory):
    """run(source, on_tick, **settings) -> Outcome, lines of the record, what the recorder measured."""

    def run(source, on_tick=None, fusion="tests.toy.scenes", **settings):
        nodes = [node._replace(module=fusion) if node.name == "fusion" else node for node in NODES]
        record, found = tmp_path / "record.jsonl", {}
        settings = Settings(source=str(source), kind=kind_of(str(source)), record=str(record), **settings)
        where = tmp_path_factory.mktemp("r")  # short: a socket's path may have 107 characters
        run.said = []
        supervisor = Supervisor(settings, nodes, where, lambda line, node: run.said.append(line))
        outcome = supervisor.run(on_tick, on_end=lambda folder: found.update(measured(folder)))
        return outcome, [line for _, line in frames(record)], found

    return run


def test_every_frame_of_a_video_is_recorded_in_order(run, tmp_path):
    outcome, lines, measured = run(video(tmp_path / "clip.mp4", frames=30, rate=25), in_flight=2)
    assert (outcome.code, outcome.message) == (0, "")
    assert [line["frame"] for line in lines] == list(range(30))
    np.testing.assert_allclose([line["stamp"] for line in lines], np.arange(30) / 25, atol=1e-4)
    assert outcome.reports["capture"].counts == {"read": 30}
    assert measured["frames_processed"] == 30
    assert measured["fps"] > 0


def test_frames_that_wait_for_others_are_recorded_at_the_end(run, tmp_path):
    path = video(tmp_path / "clip.mp4", frames=20, rate=30)
    outcome, lines, _ = run(path, fusion="tests.toy.waiting", lookahead=4, in_flight=6)
    assert outcome.code == 0
    assert [line["frame"] for line in lines] == list(range(20))


def test_frames_without_people_are_recorded_too(run, tmp_path):
    outcome, lines, measured = run(video(tmp_path / "clip.mp4", frames=5), fusion="tests.toy.empty")
    assert (outcome.code, outcome.message) == (0, "")
    assert [line["people"] for line in lines] == [[]] * 5
    assert measured["startup_s"] is None


def test_a_damaged_frame_costs_only_itself(run, tmp_path):
    path = video(tmp_path / "clip.mp4", frames=8)
    damage(path, 3)
    outcome, lines, _ = run(path)
    assert outcome.code == 0
    assert len(lines) == 7
    assert outcome.reports["capture"].counts == {"read": 7, "unreadable": 1}


def test_images_of_all_sizes_go_through_one_run(run, tmp_path):
    folder = tmp_path / "images"
    folder.mkdir()
    for number, size in enumerate([(64, 48), (200, 300), (20, 10), (300, 200)]):
        jpeg(folder / f"{number}.jpg", picture(number, *size))
    (folder / "2a.jpg").write_bytes(b"noise")
    outcome, lines, _ = run(folder, stills=True, save_video=str(tmp_path / "video.mp4"))
    assert outcome.code == 0
    assert [(line["file"], line["width"], line["height"]) for line in lines] == [
        ("0.jpg", 64, 48), ("1.jpg", 200, 300), ("2.jpg", 20, 10), ("3.jpg", 300, 200),
    ]  # fmt: skip
    assert outcome.reports["capture"].counts == {"read": 4, "unreadable": 1}


def test_a_recorder_that_is_killed_goes_on_below_what_it_wrote(run, tmp_path):
    record, seen, killed = tmp_path / "record.jsonl", tmp_path / "seen.mp4", []
    record.write_bytes(old := b'{"duopose":1,"by":"an earlier run"}\n{"frame":0,"pe')

    def kill(supervisor):
        if not killed and record.stat().st_size > 50_000:
            killed.append(supervisor.processes["recorder"].child.pid)
            os.kill(killed[0], signal.SIGKILL)

    clip = video(tmp_path / "clip.mp4", frames=400)
    outcome, lines, found = run(clip, kill, save_video=str(seen))
    assert (outcome.code, outcome.message) == (0, "")
    assert outcome.reports["recorder"].restarts == 1
    numbers = [line["frame"] for line in lines]
    assert numbers == sorted(set(numbers))
    assert len(numbers) + outcome.reports["capture"].counts.get("lost", 0) >= 400
    assert len(numbers) >= 400 - Settings().in_flight
    assert found["frames_processed"] in (len(numbers), len(numbers) - 1)  # it was killed between line and count
    assert record.read_bytes().startswith(old + b"\n")
    headers = [json.loads(line) for line in record.read_text().splitlines() if line.startswith('{"duopose"')]
    assert [header.get("continued") for header in headers] == [None, False, True]
    shown = [VideoFile(str(path), Counter()).pictures() for path in (seen, tmp_path / "seen-2.mp4")]
    assert sum(1 for pictures in shown for _ in pictures) >= 400 - 14 - Settings().in_flight  # half a second
    assert run.said == [
        "recorder failed, starting it again: killed by SIGKILL",
        f"{seen} is there already: the video goes into {tmp_path / 'seen-2.mp4'}",
    ]


def test_a_capture_that_is_killed_goes_on_where_it_was(run, tmp_path):
    killed = []

    def kill(supervisor):
        record = tmp_path / "record.jsonl"
        if not killed and record.exists() and record.stat().st_size:
            killed.append(supervisor.processes["capture"].child.pid)
            os.kill(killed[0], signal.SIGKILL)

    outcome, lines, _ = run(video(tmp_path / "clip.mp4", frames=400), kill)
    assert outcome.code == 0
    assert outcome.reports["capture"].restarts == 1
    numbers = [line["frame"] for line in lines]
    assert numbers == sorted(set(numbers))
    assert len(numbers) >= 400 - 6  # what was on its way when it died is lost, nothing else
    for line in lines:
        assert line["stamp"] == pytest.approx(
            line["frame"] / 25, abs=1e-4
        )  # no picture twice, none with a wrong number


def test_a_file_in_real_time_drops_rather_than_waits(run, tmp_path):
    outcome, lines, _ = run(video(tmp_path / "clip.mp4", frames=40, rate=200), every_frame=False, in_flight=1)
    counts = outcome.reports["capture"].counts
    assert outcome.code == 0
    assert counts["read"] == 40
    assert len(lines) + counts.get("dropped", 0) + counts.get("lost", 0) == 40
    stamps = [line["stamp"] for line in lines]
    assert stamps == sorted(stamps)


def test_a_stream_that_refuses_ends_the_run_as_the_users_to_mend(run):
    outcome, lines, _ = run("rtsp://me:secret@127.0.0.1:9/live", every_frame=False)
    assert outcome.code == 2
    assert outcome.message == "rtsp://***@127.0.0.1:9/live: Connection refused"
    assert lines == []


def test_an_image_that_the_camera_does_not_fit_ends_the_run_as_the_users_to_mend(run, tmp_path):
    folder = tmp_path / "images"
    folder.mkdir()
    jpeg(folder / "1.jpg", picture(0, 64, 48))
    jpeg(folder / "2.jpg", picture(0, 64, 64))
    camera = tmp_path / "camera.json"
    camera.write_text('{"fx": 60, "fy": 60, "cx": 31.5, "cy": 23.5, "width": 64, "height": 48}')
    outcome, _, _ = run(folder, camera_file=str(camera))
    assert outcome.code == 2
    assert "2.jpg has 64x64" in outcome.message


def test_memory_outlives_the_process(tmp_path):
    first = Memory(tmp_path)
    assert [first.next_number(0.0), first.next_number(0.5)] == [0, 1]
    second = Memory(tmp_path)
    assert second.last_stamp == 0.5
    assert second.next_number(1.0) == 2


def test_live_time_counts_from_the_first_picture_of_the_run(tmp_path):
    taken = Picture(0.0, 100.0, None, 4, 4, None)
    assert Memory(tmp_path).since_first(taken) == 0
    assert Memory(tmp_path).since_first(taken._replace(read_at=102.5)) == 2.5


class Bus:
    """Stands for a bus in a process of its own: nothing is on the way, everybody is there."""

    restarts, stopping, leaving, ready, full = 0, False, False, True, False
    node, nodes = NODES[0], NODES

    def __init__(self, folder):
        self.folder, self.notes, self.frames, self.counted = folder, [], [], Counter()

    def ring(self, slots):
        return self

    def put(self, pixels):
        if self.full:
            raise UsageError("shared memory is full")
        return "ring", 0, 2

    def poll(self, timeout):
        return []

    def count(self, name, n=1):
        self.counted[name] += n

    def note(self, text):
        self.notes.append(text)

    def measure(self, seconds):
        pass

    def when_changed(self, function):
        pass

    def publish(self, topic, frame):
        self.frames.append(frame)


class Camera:
    """Stands for Live: a camera that comes back in another shape."""

    finished, waiting = False, True

    def __init__(self, shapes):
        self.shapes = list(shapes)

    def watch(self):
        pass

    def close(self):
        pass

    def newest(self, timeout):
        width, height = self.shapes.pop(0)
        self.finished = not self.shapes
        return Picture(0.0, 50.0 - len(self.shapes), None, width, height, lambda: None)


def test_a_camera_that_comes_back_in_another_shape_is_waited_for(tmp_path):
    path = tmp_path / "camera.json"
    path.write_text('{"fx": 60, "fy": 60, "cx": 31.5, "cy": 23.5, "width": 64, "height": 48}')
    bus = Bus(tmp_path)
    account = Capture(bus, Settings(camera_file=str(path), every_frame=False, in_flight=9))
    node.live(account, Camera([(64, 48), (64, 64), (64, 64), (128, 96)]), own_clock=True)
    account.hear(0)
    assert [(frame.width, frame.number, frame.stamp) for frame in bus.frames] == [(64, 0, 0.0), (128, 1, 3.0)]
    assert bus.frames[1].camera.fx == 120
    assert bus.counted["ill_fitting"] == 2
    assert len(bus.notes) == 1


@pytest.mark.parametrize("back", [False, True])
def test_a_memory_that_is_full_ends_a_run_that_begins_and_not_a_camera_that_is_back(tmp_path, back):
    bus = Bus(tmp_path)
    account = Capture(bus, Settings(every_frame=False, in_flight=9))
    if back:  # this life of capture is not the first
        node.live(account, Camera([(64, 48)]), own_clock=True)
    bus.full = True
    if not back:
        with pytest.raises(UsageError, match="full"):
            node.live(account, Camera([(64, 48)]), own_clock=True)
        return
    node.live(account, Camera([(64, 48)] * 3), own_clock=True)
    bus.full = False
    node.live(account, Camera([(64, 48)]), own_clock=True)
    assert bus.notes == ["shared memory is full"]
    assert [frame.number for frame in bus.frames] == [0, 4]


def test_pictures_are_kept_longer_where_somebody_watches():
    alone, watched = (started(Settings(headless=True, web=port)) for port in (None, 0))
    assert slots_of(2, alone) == 2 + LEAST_SPARE
    assert slots_of(2, watched) == 2 + SPARE
