"""A camera is asked for completely: nothing is left to be read on the machine where it runs."""

import json

import msgspec
import pytest

from duopose.command import main
from duopose.fleet.asked import read
from duopose.fleet.child import Job, of_run
from duopose.running.arguments import parser
from duopose.stream.camera_file import Cameras
from duopose.stream.errors import UsageError

LENS = {"fx": 900, "fy": 900, "cx": 639.5, "cy": 359.5, "width": 1280, "height": 720}


@pytest.fixture
def file(tmp_path):
    (tmp_path / "lens.json").write_text(json.dumps(LENS))
    (tmp_path / "cameras.toml").write_text("""
[run]
realtime = true
record = "poses.jsonl"
[defaults]
fov = 70
[camera.door]
source = "rtsp://me:secret@10.0.0.20/live"
camera = "lens.json"
camera-size = "640x480"
[camera.yard]
source = "yard.mp4"
""")
    return tmp_path / "cameras.toml"


def test_paths_and_the_lens_are_those_beside_the_file(file):
    cameras = read(file)
    assert list(cameras) == ["door", "yard"]
    assert json.loads(cameras["door"].lens) == LENS
    assert cameras["yard"].lens is None
    assert cameras["yard"].arguments["source"] == str(file.parent / "yard.mp4")
    assert cameras["yard"].arguments["record"] == str(file.parent / "poses-yard.jsonl")
    assert cameras["yard"].arguments["fov"] == 70
    assert cameras["yard"].arguments["headless"] is True


def test_the_run_gets_it_through_its_pipe_as_if_from_a_command_line(file):
    job = msgspec.json.decode(msgspec.json.encode(Job(read(file))), type=Job)
    door = of_run("door", job.cameras["door"])
    assert set(vars(door.arguments)) == set(vars(parser().parse_args([])))
    assert tuple(door.arguments.camera_size) == (640, 480)
    assert Cameras(door.arguments.camera).of(1280, 720).fx == 900


def test_the_same_file_asks_for_the_same(file):
    assert read(file) == read(file)


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ('listen = "tcp://*:5570"', "cameras.toml:3: --listen is for a run by itself"),
        ('stats = "s.json"', "cameras.toml:3: --stats is for a run by itself"),
        ('send = "ws://127.0.0.1:9000"', "cameras.toml:3: --send is for a run by itself"),
    ],
)
def test_what_only_a_run_by_itself_has_is_refused(file, line, complaint):
    file.write_text(f'\n[run]\n{line}\n[camera.door]\nsource = "0"\n')
    with pytest.raises(UsageError, match=complaint.replace(".", r"\.")):
        read(file)


def test_a_lens_that_is_none_is_refused_where_the_file_is(file):
    (file.parent / "lens.json").write_text("{}")
    with pytest.raises(UsageError, match=r"cameras\.toml:\d+: .*lens\.json"):
        read(file)


def test_a_source_is_no_file_of_cameras():
    with pytest.raises(UsageError, match="is no file of cameras"):
        read("demo")


def test_without_ray_it_is_one_line(file, capsys, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert main(["fleet", str(file)]) == 2
    assert capsys.readouterr().err == "duopose fleet: Ray is not installed: pip install 'duopose[fleet]'\n"


@pytest.mark.parametrize("words", [[], ["missing.toml"], ["--ray"], ["status", "more"]])
def test_wrong_usage_is_one_line(words, capsys, monkeypatch):
    monkeypatch.setattr("duopose.fleet.running.check_installed", lambda: None)
    assert main(["fleet", *words]) == 2
    assert capsys.readouterr().err.count("\n") == 1
