import json
from pathlib import Path

import pytest

from duopose.command import main
from duopose.running.cameras.file import asked
from duopose.running.checks import settings_of
from duopose.stream.errors import UsageError
from tests.pictures import video

GOOD = """
[run]
record = "poses-{camera}.jsonl"
stats = "stats.json"
headless = true
max_people = 5
also = ["regions"]

[defaults]
fov = 70
person-height = 1.8

[camera.door]
source = "clip.mp4"
pose = [
    [1, 0, 0, 4],
    [0, 0, 1, 5],
    [0, -1, 0, 6],
    [0, 0, 0, 1],
]

[camera.yard]
source = "other.mp4"
camera = "lens.json"
smooth = 0.5
pose = {rotation = [0, 0, 0], translation = [1, 2, 3]}
"""


@pytest.fixture
def files(tmp_path, monkeypatch):
    """write(text) -> nothing: cameras.toml beside two clips and a lens, in the folder to work in."""
    monkeypatch.chdir(tmp_path)
    video("clip.mp4", frames=3)
    video("other.mp4", frames=2)
    lens = {"fx": 60, "fy": 60, "cx": 31.5, "cy": 23.5, "width": 64, "height": 48}
    Path("lens.json").write_text(json.dumps(lens))

    def write(text):
        Path("cameras.toml").write_text(text)

    return write


def settings(*words):
    return settings_of(asked(["cameras.toml", *words]), lambda line: None)


def test_each_camera_has_its_own_options_the_defaults_and_those_of_the_run(files):
    files(GOOD)
    run = settings()
    door, yard = run.each
    assert (door.name, door.source, door.fov, door.camera_file, door.record) == (
        "door", "clip.mp4", 70, None, "poses-door.jsonl",
    )  # fmt: skip
    assert (yard.name, yard.fov, yard.camera_file, yard.smooth) == ("yard", None, "lens.json", 0.5)
    assert door.pose == (1, 0, 0, 4, 0, 0, 1, 5, 0, -1, 0, 6)
    assert yard.pose == (1, 0, 0, 1, 0, 1, 0, 2, 0, 0, 1, 3)
    assert {own.person_height for own in run.each} == {1.8}
    assert (run.max_people, run.also, run.headless, run.every_frame, run.total) == (5, ("regions",), True, True, 5)
    assert run.of("yard") == yard


def test_the_command_line_wins_over_the_file(files):
    files(GOOD)
    run = settings("--fov", "50", "--max-people", "3", "--realtime", "--record", "r.jsonl")
    assert [(own.fov, own.camera_file, own.max_people) for own in run.each] == [(50, None, 3)] * 2
    assert [own.record for own in run.each] == ["r-door.jsonl", "r-yard.jsonl"]
    assert not run.every_frame


def test_only_some_of_the_cameras_are_started(files):
    files(GOOD)
    assert [own.name for own in settings("--only", "yard").each] == ["yard"]
    with pytest.raises(UsageError, match=r"--only gate: cameras.toml names door, yard"):
        asked(["cameras.toml", "--only", "door,gate"])
    with pytest.raises(UsageError, match="--only is for a file of cameras"):
        asked(["clip.mp4", "--only", "door"])


def test_paths_are_relative_to_the_file(files, monkeypatch, tmp_path):
    files(GOOD)
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path / "below")
    run = settings_of(asked(["../cameras.toml"]), lambda line: None)
    assert [own.source for own in run.each] == ["../clip.mp4", "../other.mp4"]
    assert (run.of("yard").camera_file, run.of("door").record) == ("../lens.json", "../poses-door.jsonl")


def test_a_camera_without_a_file_is_a_run_with_one_camera(files):
    (one,) = asked(["clip.mp4", "--headless"])
    run = settings_of([one], lambda line: None)
    assert run.each == (run,)
    assert run.name == ""


DOOR = '[camera.door]\nsource = "clip.mp4"\n'
WRONG = {
    "[camera.door\n": "1: Expected ']' at the end of a table declaration",
    "": "1: there is no camera in it: write a table [camera.NAME] with a source",
    "[cameras.door]\nsource = 0": "1: [cameras] should be [run], [defaults] or [camera.NAME]",
    "[camera.door]\nfov = 60": "1: [camera.door] has no source",
    "[camera.'the door']\nsource = 0": "1: 'the door' is no name of a camera",
    "[camera]\ndoor = 1": "2: door should be a table: [camera.door]",
    f"{DOOR}fvo = 60": "3: [camera.door] knows no 'fvo'; it knows source, pose, camera, fov, ",
    f"{DOOR}record = 'r.jsonl'": "3: record belongs into [run], not into [camera.door]",
    f"[run]\nfov = 60\n{DOOR}": "2: fov belongs into [defaults] or [camera.NAME], not into [run]",
    f"[run]\nhelp = true\n{DOOR}": "2: [run] knows no 'help'",
    f"[defaults]\nsource = 0\n{DOOR}": "2: source is each camera's own: it belongs into [camera.NAME]",
    f"[run]\nheadless = 1\n{DOOR}": "2: headless is true or false, not 1",
    f"[run]\nrecord = true\n{DOOR}": "2: record is a text or a number, not True",
    f"[run]\nalso = ['nothing']\n{DOOR}": "2: --also nothing: no such node",
    f"[run]\nstats = 'nowhere/s.json'\n{DOOR}": "2: can't write nowhere/s.json",
    f"{DOOR}fov = 'wide'": "3: fov: invalid float value: 'wide'",
    f"{DOOR}fov = 300": "3: --fov 300: a horizontal field of view",
    f"{DOOR}\n# a word\n\nperson_height = 18": "6: --person-height 18: people are 0.5 to 2.5 m tall",
    f"{DOOR}[camera.yard]\nsource = 'nowhere.mp4'": "4: nowhere.mp4: no such file",
    f"{DOOR}camera = 'nowhere.json'": "3: nowhere.json: No such file",
    f"{DOOR}pose = [1, 2, 3]": "3: pose: it should be 4 rows of 4 numbers",
    f"{DOOR}pose = [[2,0,0,0],[0,1,0,0],[0,0,1,0],[0,0,0,1]]": "3: pose: its rotation is none",
    f"{DOOR}pose = {{rotation = [0, 0, 0]}}": "3: pose: it should have a rotation and a translation",
    f"[run]\nprofile = 'huge'\n{DOOR}": "2: profile huge: weights are missing",
    f"{DOOR}[camera.door]\nsource = 0": "3: Cannot declare",
}


@pytest.mark.parametrize("text", WRONG)
def test_a_mistake_is_one_line_that_says_where(files, capfd, text):
    files(text)
    assert main(["cameras.toml", "--headless"]) == 2
    said = capfd.readouterr().err
    assert said.startswith(f"duopose: cameras.toml:{WRONG[text]}"), said
    assert said.count("\n") == 1


def test_a_file_that_two_cameras_would_write_is_refused(files):
    files(f"[run]\nrecord = 'a-b.jsonl'\nsave-video = 'v.mp4'\n{DOOR}")
    with pytest.raises(UsageError, match="is named twice"):
        settings("--session", "r.mcap", "--save-video", "r-{camera}.mcap", "--session", "r.mcap")


def test_a_password_of_a_camera_is_not_told(files):
    files("[camera.door]\nsource = 'ftp://me:secret@host/live'")
    with pytest.raises(UsageError) as error:
        settings()
    assert "secret" not in str(error.value)
