import json
import os
import shutil
import threading
import time
from types import SimpleNamespace

import pytest

from duopose.nodes.recorder import growing_file, output, record_file
from duopose.nodes.recorder.growing_file import GrowingFile
from duopose.nodes.recorder.output import Output
from duopose.nodes.recorder.record_file import RecordFile
from duopose.stream.record.reading import frames
from duopose.stream.settings import Settings
from tests.toy import frame
from tests.toy.scenes import scene
from tests.waiting import LONG, until


def write(path, numbers, continued=False, say=lambda line: None, **settings):
    """A run that records frames of these numbers -> its file, still open."""
    file = RecordFile(Settings(record=str(path), **settings), continued, say)
    file.open()
    for number in numbers:
        file.add(scene(frame(number)))
    return file


def numbers(path):
    return [line["frame"] for _, line in frames(path)]


def headers(path):
    return [json.loads(line) for line in path.read_text().splitlines() if line.startswith('{"duopose"')]


def test_a_new_run_adds_to_the_record_with_a_header_of_its_own(tmp_path):
    path = tmp_path / "record.jsonl"
    for run in range(3):
        write(path, [0, 1]).close()
        assert len(headers(path)) == run + 1
    assert numbers(path) == [0, 1] * 3


def test_a_run_that_saw_nothing_leaves_a_record_as_it_was(tmp_path):
    path = tmp_path / "record.jsonl"
    path.write_text("precious")
    write(path, [], overwrite=True).close()
    assert path.read_text() == "precious"
    write(path, [3], overwrite=True).close()
    assert numbers(path) == [3]


@pytest.mark.parametrize("left", [1, 10, 500])
def test_a_torn_line_is_ended_before_the_next_run(tmp_path, left):
    path = tmp_path / "record.jsonl"
    write(path, [0, 1, 2]).close()
    text = path.read_bytes()
    torn = text[: text.rindex(b"\n", 0, -1) + 1 + left]
    path.write_bytes(torn)
    assert numbers(path) == [0, 1]
    write(path, [7]).close()
    assert path.read_bytes().startswith(torn + b"\n")
    assert numbers(path) == [0, 1, 7]


def test_a_record_has_one_writer(tmp_path):
    path = tmp_path / "record.jsonl"
    first = write(path, [0])
    with pytest.raises(BlockingIOError, match="another run is writing it"):
        write(path, [0])
    first.close()
    write(path, [1]).close()
    assert numbers(path) == [0, 1]


def test_a_record_that_is_too_large_is_put_aside_and_none_is_lost(tmp_path):
    path = tmp_path / "record.jsonl"
    write(path, range(40), rotate_bytes=20_000).close()
    kept = sorted(tmp_path.glob("record-*.jsonl"), key=os.path.getmtime)
    assert len(kept) > 1
    assert all(file.stat().st_size <= 20_000 for file in [*kept, path])
    assert [number for file in [*kept, path] for number in numbers(file)] == list(range(40))
    assert [header["continued"] for file in [*kept, path] for header in headers(file)] == [False] + [True] * len(kept)


def test_the_age_of_a_record_counts_from_its_first_header(tmp_path, monkeypatch):
    path = tmp_path / "record.jsonl"
    write(path, [0]).close()
    write(path, [1], rotate_seconds=3600).close()
    assert numbers(path) == [0, 1]
    later = time.time() + 3601
    monkeypatch.setattr(
        record_file,
        "time",
        SimpleNamespace(time=lambda: later, monotonic=time.monotonic, strftime=time.strftime, gmtime=time.gmtime),
    )
    write(path, [2], rotate_seconds=3600).close()
    (kept,) = tmp_path.glob("record-*Z.jsonl")
    assert (numbers(kept), numbers(path)) == ([0, 1], [2])


def test_a_record_that_is_moved_goes_on_in_a_new_file(tmp_path):
    path, said = tmp_path / "record.jsonl", []
    file = write(path, [0], say=said.append)
    path.rename(tmp_path / "moved.jsonl")
    file.add(scene(frame(1)))
    file.close()
    assert (numbers(tmp_path / "moved.jsonl"), numbers(path)) == ([0], [1])
    assert said == [f"{path} was moved or deleted: the record goes on in a new file"]


def test_a_folder_that_is_deleted_is_told_once_and_its_return_resumes_the_record(tmp_path, monkeypatch):
    monkeypatch.setattr(output, "AGAIN", 0.0)
    path, said, lost = tmp_path / "out" / "record.jsonl", [], []
    path.parent.mkdir()
    record = Output(RecordFile(Settings(record=str(path)), False, said.append), said.append, lost.append)
    record.add(scene(frame(0)))
    shutil.rmtree(path.parent)
    for number in (1, 2, 3):
        record.add(scene(frame(number)))
    assert said == [f"can't write {path}: No such file or directory; trying again, the run goes on"]
    path.parent.mkdir()
    record.add(scene(frame(4)))
    record.close()
    assert numbers(path) == [4]
    assert sum(lost) == 3
    assert said[-1] == f"{path} is written again; 3 frames are missing in it"


def test_what_is_written_is_on_the_disk_a_second_later(tmp_path, monkeypatch):
    synced = []
    monkeypatch.setattr(os, "fsync", lambda handle: synced.append(os.fstat(handle).st_size))
    file = GrowingFile(str(tmp_path / "file"))
    file.append(b"words")
    until(lambda: synced)
    file.append(b" and more")
    file.close()
    assert synced == [5, 14]


def test_a_slow_disk_holds_up_no_frame(tmp_path, monkeypatch):
    waiting, go = [], threading.Event()

    def wait(handle):
        waiting.append(handle)
        go.wait()

    monkeypatch.setattr(os, "fsync", wait)
    monkeypatch.setattr(growing_file, "LAST_SYNC", LONG)
    file = write(tmp_path / "record.jsonl", [0], rotate_bytes=50_000)
    until(lambda: waiting)
    for number in range(1, 50):
        file.add(scene(frame(number)))
    files = sorted(tmp_path.iterdir(), key=os.path.getmtime)
    assert len(files) > 1
    assert [number for path in files for number in numbers(path)] == list(range(50))
    assert not go.is_set()
    go.set()
    file.close()


def test_a_disk_that_fails_behind_our_back_is_told(tmp_path, monkeypatch):
    def fail(handle):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fsync", fail)
    said = []
    path = tmp_path / "record.jsonl"
    file = RecordFile(Settings(record=str(path)), False, said.append)
    record = Output(file, said.append, lambda number: None)
    record.add(scene(frame(0)))
    until(lambda: file.file._sync.error)
    record.add(scene(frame(1)))
    record.close()
    assert said == [f"can't write {path}: Input/output error; trying again, the run goes on"]
    assert numbers(path) == [0, 1]


def test_a_pipe_takes_lines_and_is_never_put_aside(tmp_path):
    pipe, read = tmp_path / "pipe.jsonl", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: read.extend(pipe.read_bytes().splitlines()), daemon=True)
    reader.start()
    write(pipe, [0, 1], rotate_bytes=10).close()
    reader.join(LONG)
    assert [json.loads(line).get("frame") for line in read] == [None, 0, 1]
    assert pipe.is_fifo()
    assert list(tmp_path.iterdir()) == [pipe]
