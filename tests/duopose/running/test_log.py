import io
import json
import os
import sys
from datetime import datetime, timedelta

import pytest

from duopose.command import main
from duopose.running import log
from duopose.running.log import logger, logging_to, tell, tell_measures, tell_summary
from tests.duopose.running.looks import look


def say_everything():
    tell("no window: there is no display")
    tell("rtsp://door is lost, trying again", "capture")
    tell_measures(look(rate=20.5, people=3))
    tell_summary("12 frames")
    logger.error("capture failed")


def test_people_read_lines_without_times_on_stderr_and_with_times_in_the_file(tmp_path, capsys):
    with logging_to("text", tmp_path / "log"):
        say_everything()
    shown = capsys.readouterr()
    assert shown.err.splitlines() == [
        "duopose: no window: there is no display",
        "duopose: rtsp://door is lost, trying again",
        "duopose: capture failed",
    ]
    assert shown.out == "12 frames\n"
    lines = [line.partition(" ") for line in (tmp_path / "log").read_text().splitlines()]
    assert [rest for _, _, rest in lines] == [
        "info: no window: there is no display",
        "warning: rtsp://door is lost, trying again",
        "info: 12 frames",
        "error: capture failed",
    ]
    for time, _, _ in lines:
        assert abs(datetime.now().astimezone() - datetime.fromisoformat(time)) < timedelta(minutes=5)


def test_programs_read_an_object_a_line(tmp_path, capsys):
    with logging_to("json", tmp_path / "log"):
        say_everything()
    text = capsys.readouterr().err
    assert text == (tmp_path / "log").read_text()
    lines = [json.loads(line) for line in text.splitlines()]
    assert [(line["level"], line["node"], line["message"]) for line in lines] == [
        ("info", None, "no window: there is no display"),
        ("warning", "capture", "rtsp://door is lost, trying again"),
        ("info", None, "measured"),
        ("info", None, "12 frames"),
        ("error", None, "capture failed"),
    ]
    assert all(datetime.fromisoformat(line["time"]).tzinfo for line in lines)
    assert {name: lines[2][name] for name in ("rate", "people", "dropped", "trouble")} == {
        "rate": 20.5, "people": 3, "dropped": 3, "trouble": None,
    }  # fmt: skip


def test_a_wrong_source_is_in_the_log_too(tmp_path, capfd):
    file = tmp_path / "log"
    assert main(["nowhere.mp4", "--headless", "--log", "json", "--log-file", str(file)]) == 2
    (line,) = capfd.readouterr().err.splitlines()
    assert json.loads(line)["message"] == "nowhere.mp4: no such file or folder"
    assert file.read_text() == line + "\n"


def test_the_file_stays_small(tmp_path, monkeypatch):
    monkeypatch.setattr(log, "FILE_BYTES", 1000)
    with logging_to("text", tmp_path / "log"):
        for number in range(400):
            tell(f"line {number}")
    files = sorted(tmp_path.iterdir())
    assert [file.name for file in files] == ["log", *(f"log.{number}" for number in range(1, log.FILES + 1))]
    assert max(file.stat().st_size for file in files) <= 1000
    assert files[0].read_text().endswith("info: line 399\n")


def test_an_earlier_log_is_kept(tmp_path):
    for line in ("one", "two"):
        with logging_to("text", tmp_path / "log"):
            tell(line)
    assert len((tmp_path / "log").read_text().splitlines()) == 2


def test_a_log_file_that_can_not_be_written_is_told_once_and_the_run_goes_on(capsys):
    with logging_to("text", "/dev/full"):
        for number in range(3):
            tell(f"line {number}")
    assert capsys.readouterr().err.splitlines() == [
        "duopose: line 0",
        "duopose: can't write /dev/full: No space left on device",
        "duopose: line 1",
        "duopose: line 2",
    ]


def test_a_log_file_in_no_folder_is_exit_code_2_and_one_line(tmp_path, capfd):
    assert main(["demo", "--headless", "--log-file", str(tmp_path / "nowhere" / "log")]) == 2
    assert capfd.readouterr().err == f"duopose: can't write {tmp_path}/nowhere/log: No such file or directory\n"


@pytest.mark.parametrize("closed", [False, True])
def test_a_stderr_that_nobody_reads_ends_nothing(monkeypatch, closed):
    reading, writing = os.pipe()
    os.close(reading)
    stream = io.TextIOWrapper(os.fdopen(writing, "wb", buffering=0), write_through=True)
    if closed:
        stream.close()
    monkeypatch.setattr(sys, "stderr", stream)
    with logging_to("text"):
        tell("anybody?")
    stream.close()
