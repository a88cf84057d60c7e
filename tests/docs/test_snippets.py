"""Each block of Python on a page does what it says."""

import contextlib
import shutil
import signal
import socket
import subprocess
import sys
from collections import Counter

import numpy as np
import pytest

from duopose.benchmarks.parts.live_run import run_folder_of
from duopose.command import main
from duopose.nodes.capture.files import VideoFile
from duopose.nodes.capture.sources import DEMO
from tests.docs.pages import of_all, snippets_of
from tests.duopose.exporting.recorded import RATE, walker, write_record
from tests.duopose.sending.test_websocket import free_port
from tests.places import ROOT
from tests.waiting import LONG, until

FOUND = [snippet for snippet in of_all(snippets_of) if snippet.page != "CONTRIBUTING.md"]  # parts of files
FOUND = [snippet for snippet in FOUND if "pylsl" not in snippet.code]  # tests/duopose/sending/test_lsl.py has that one
LIVE = [snippet for snippet in FOUND if "subscribe(" in snippet.code or "connect(" in snippet.code]
EMBEDDED = [snippet for snippet in FOUND if "Pipeline(" in snippet.code]
OF_FILES = [snippet for snippet in FOUND if snippet not in LIVE + EMBEDDED]


def test_there_are_snippets_of_each_kind():
    assert len(LIVE) >= 5
    assert len(EMBEDDED) >= 1
    assert len(OF_FILES) >= 4


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The current folder, with a record of 2 s of two people in it."""
    monkeypatch.chdir(tmp_path)
    times = np.arange(60) / RATE
    people = {1: (0, walker(times, x=-0.8), ()), 4: (0, walker(times, x=0.8), ())}
    write_record(tmp_path / "POSES.jsonl", people, len(times))
    shutil.copy("POSES.jsonl", "poses.jsonl")
    return tmp_path


def start(code):
    how = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen([sys.executable, "-u", "-W", "error", "-c", code], **how)


@pytest.mark.parametrize("snippet", OF_FILES, ids=str)
def test_a_snippet_reads_files(snippet, folder):
    main(["export", "POSES.jsonl", "--to", "csv", "--out", "tables"])
    program = start(snippet.code)
    said, complaint = program.communicate(timeout=LONG)
    assert (program.returncode, complaint) == (0, "")
    assert said


def answers(port):
    with contextlib.suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)):
        return True


def test_snippets_follow_a_run_until_it_ends(folder):
    main(["keys", "keys", "--add", "laptop"])
    shutil.copy("keys/laptop.key", "laptop.key")
    ports = free_port(), free_port()
    far, ws = f"tcp://127.0.0.1:{ports[0]}", f"ws://127.0.0.1:{ports[1]}"
    words = ["replay", "POSES.jsonl", "--headless", "--speed", "0.02", "--listen", far, "--keys", "keys", "--send", ws]
    with open("said.txt", "w") as said:
        run = subprocess.Popen([sys.executable, "-m", "duopose", *words], stdout=said, stderr=said)
    until(lambda: run.poll() is not None or (run_folder_of(run.pid) and all(map(answers, ports))))
    here = f'subscribe("scene", "{run_folder_of(run.pid)}")'  # not the run of another test
    programs = {
        snippet: start(
            snippet.code.replace('subscribe("scene")', here)
            .replace("tcp://camera:5570", far)
            .replace("tcp://10.0.0.5:5570", far)
            .replace("ws://127.0.0.1:9000", ws)
        )
        for snippet in LIVE
    }
    first = [program.stdout.readline() for program in programs.values()]
    run.send_signal(signal.SIGINT)
    assert run.wait(LONG) == 0, (folder / "said.txt").read_text()
    for (snippet, program), line in zip(programs.items(), first, strict=True):
        _, complaint = program.communicate(timeout=LONG)
        assert (program.returncode, complaint) == (0, ""), snippet
        assert any(character.isdigit() for character in line), snippet


@pytest.mark.parametrize("snippet", EMBEDDED, ids=str)
def test_a_pipeline_of_a_program_finds_people(snippet, capsys):
    pictures = VideoFile(DEMO, Counter()).pictures()
    images = [np.ascontiguousarray(picture.pixels()) for _, picture in zip(range(2), pictures, strict=False)]
    exec(compile(snippet.code, str(snippet), "exec"), {"images": images})
    assert "[1 2 3]" in capsys.readouterr().out


def test_what_contributing_shows_of_files_stands_in_them():
    files = ("stream/messages.py", "stream/topics.py", "stream/graph.py", "nodes/regions.py", "kernels/boxes.py")
    there = {" ".join(line.split()) for file in files for line in (ROOT / file).read_text().splitlines()}
    blocks = (ROOT / "CONTRIBUTING.md").read_text().split("```python\n")[1:]
    told = {" ".join(line.split()) for block in blocks for line in block.partition("```")[0].splitlines()}
    assert len(told) > 15
    assert told - there <= {"", "..."}


def test_a_wrong_snippet_would_be_found(folder):
    (snippet,) = snippets_of("page.md", "```python\nfrom duopose.stream.record.reading import lines\n```\n")
    program = start(snippet.code)
    assert "cannot import name" in program.communicate(timeout=LONG)[1]
    assert program.returncode == 1
