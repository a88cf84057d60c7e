import os

import pytest

from duopose.command import main
from duopose.running.arguments import parser
from duopose.running.checks import settings_from
from duopose.running.secrets import VARIABLE, look_up
from duopose.stream.errors import UsageError

DOOR = "rtsp://me:hunter2@192.0.2.7/stream?token=abc"


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "secrets"
    path.write_text(f"# cameras\n\ndoor = {DOOR}\nback-yard=http://192.0.2.8/video\n")
    path.chmod(0o600)
    return path


def test_a_name_stands_for_the_address_of_its_line(file):
    assert look_up("rtsp://door", file) == (DOOR, "rtsp://door")
    assert look_up("http://back-yard", file) == ("http://192.0.2.8/video", "http://back-yard")


@pytest.mark.parametrize("source", ["0", "clip.mp4", "rtsp://door/live", "rtsp://me@door"])
def test_any_other_source_stands_for_itself(file, source):
    assert look_up(source, file) == (source, None)


def test_without_secrets_a_name_is_a_host(monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    assert look_up("rtsp://door", None) == ("rtsp://door", None)


@pytest.mark.parametrize("told", ["lines", "path"])
def test_the_environment_may_hold_them_and_hands_them_to_no_child(file, monkeypatch, told):
    monkeypatch.setenv(VARIABLE, file.read_text() if told == "lines" else str(file))
    assert look_up("rtsp://door", None) == (DOOR, "rtsp://door")
    assert VARIABLE not in os.environ


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o620])
def test_a_file_that_others_may_read_or_change_is_refused(file, mode):
    file.chmod(mode)
    with pytest.raises(UsageError, match=r"others may read it: chmod 600 .*/secrets"):
        look_up("rtsp://door", file)


@pytest.mark.parametrize(
    "line", ["door", "door = ", "door = me:hunter2@host", "a b = rtsp://me:hunter2@host", "d = /x"]
)
def test_a_line_that_says_nothing_is_named_and_not_shown(tmp_path, line):
    path = tmp_path / "secrets"
    path.write_text(f"# one\n{line}\n")
    path.chmod(0o600)
    with pytest.raises(UsageError, match="line 2: should read NAME = ADDRESS") as error:
        look_up("rtsp://door", path)
    assert "hunter2" not in str(error.value)


def test_a_name_that_is_not_there_is_one_line_with_those_that_are(file, capfd):
    assert main(["rtsp://dor", "--secrets", str(file), "--headless"]) == 2
    shown = capfd.readouterr().err
    assert shown == f"duopose: rtsp://dor: {file} names no such source; it names: door, back-yard\n"


def test_the_file_may_not_be_written_to(file, capfd):
    assert main(["rtsp://door", "--secrets", str(file), "--record", str(file), "--headless"]) == 2
    assert "is named twice" in capfd.readouterr().err
    assert "door" in file.read_text()


def test_what_is_shown_names_the_source_and_nothing_of_its_address(file):
    arguments = parser().parse_args(["rtsp://door", "--secrets", str(file), "--headless"])
    settings = settings_from(arguments, lambda line: None)
    assert (settings.source, settings.kind, settings.shown_source) == (DOOR, "stream", "rtsp://door")
    for address in (DOOR, "rtsp://***@192.0.2.7/stream?token=***"):
        assert settings.without_secrets(f"can't open {address}: 401") == "can't open rtsp://door: 401"
