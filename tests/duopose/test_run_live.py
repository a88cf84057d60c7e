import json
import os
import subprocess
import sys
from pathlib import Path
from statistics import median

import pytest

from duopose.benchmarks import clips
from duopose.command import main
from duopose.nodes.capture.sources import DEMO
from duopose.nodes.recorder.growing_file import GrowingFile
from duopose.running import checks
from duopose.running.arguments import parser
from duopose.stream.errors import UsageError
from duopose.stream.graph import NODES
from duopose.stream.record.reading import frames
from duopose.stream.settings import SMOOTH
from tests.pictures import jpeg, picture, video
from tests.places import ROOT

CAMERA = {"fx": 60, "fy": 60, "cx": 31.5, "cy": 23.5, "width": 64, "height": 48}


@pytest.fixture
def files(tmp_path, monkeypatch):
    """A folder to work in, with good and bad input."""
    monkeypatch.chdir(tmp_path)
    video("clip.mp4", frames=3)
    Path("text.mp4").write_text("words\n" * 100)
    Path("text.jpg").write_text("words\n" * 100)
    for folder in ("empty", "corrupt", "images"):
        Path(folder).mkdir()
    for number in range(3):
        Path("corrupt", f"{number}.jpg").write_bytes(bytes(range(200)))
        jpeg(Path("images", f"{number}.jpg"))
    Path("released").mkdir()
    Path("released/transform.json").write_text("{}")
    Path("bad.json").write_text("{")
    Path("good.json").write_text(json.dumps(CAMERA))
    Path("tall.json").write_text(json.dumps(CAMERA | {"height": 64}))
    Path("some.json").write_text(json.dumps({"0.jpg": CAMERA, "2.jpg": CAMERA}))
    return tmp_path


WRONG = {
    "clip.mp4 --privacy --session s.mcap": "--privacy: no pixels leave the run",
    "nowhere.mp4": "nowhere.mp4: no such file or folder",
    "text.mp4": "text.mp4 is not a video",
    "text.jpg": "text.jpg is not an image",
    "empty": "no images in this folder",
    "corrupt": "holds 3 images, none readable",
    "99": "/dev/video99",
    "ftp://me:secret@camera/live": "ftp://***@camera/live",
    "clip.mp4 --camera nowhere.json": "nowhere.json: No such file",
    "clip.mp4 --camera bad.json": "bad.json is not a camera file",
    "clip.mp4 --camera tall.json": "64x64",
    "clip.mp4 --camera some.json": "no camera",
    "images --stills --camera some.json": "no camera for 1.jpg",
    "rtsp://camera/live --camera some.json": "no folder of images",
    "clip.mp4 --camera good.json --fov 60": "exclude each other",
    "clip.mp4 --fov 0": "between 1 and 179",
    "clip.mp4 --person-height 1780": "0.5 to 2.5 m",
    "clip.mp4 --camera-height 260": "0.3 to 30 m",
    "clip.mp4 --camera-height 2.6 --person-height 1.8": "exclude each other",
    "clip.mp4 --fov nan": "between 1 and 179",
    "clip.mp4 --record nowhere/record.jsonl": "can't write nowhere/record.jsonl",
    "clip.mp4 --save-video empty": "can't write empty: Is a directory",
    "clip.mp4 --stats nowhere/stats.json": "can't write nowhere/stats.json",
    "clip.mp4 --record clip.mp4": "clip.mp4 is named twice",
    "clip.mp4 --record out --stats ./out": "named twice",
    "clip.mp4 --rotate 1h": "--rotate is for --record",
    "clip.mp4 --record out --rotate 12": "'12' is no size, as 100MB or 2GB, and no age",
    "clip.mp4 --record out --rotate 0MB": "'0MB' is no size",
    "clip.mp4 --save-video out.avi": "can't write the video out.avi: its name should end in .mp4",
    "clip.mp4 --profile full": "weights are missing: ",
    "clip.mp4 --profile ./nowhere": "weights are missing: nowhere/detector.xml",
    "clip.mp4 --profile huge": "weights_huge/detector.xml",
    "clip.mp4 --profile released": "weights are missing: ",
    "clip.mp4 --profile ./released/": "duopose released import CKPTS_DIR",
    "clip.mp4 --lookahead 5": "there are weights for 0",
    "clip.mp4 --max-people 0": "--max-people",
    "clip.mp4 --smooth 1.1": "no number from 0 to 1",
    "clip.mp4 --also nothing": "--also nothing: no such node; there are: ",
    "clip.mp4 --also viewer": "--also viewer: no such node; there are: ",
    "clip.mp4 --camera-size large": "--camera-size",
    "clip.mp4 --camera-fps 30": "are for webcams",
    "clip.mp4 --stills": "--stills is for images",
    "images --stills --realtime": "exclude each other",
    "clip.mp4 --every-frame --realtime": "not allowed with",
    "rtsp://camera/live --every-frame": "are for files",
    "clip.mp4 --rec out": "unrecognized arguments: --rec",
    "clip.mp4 another.mp4": "unrecognized arguments: another.mp4",
}


@pytest.mark.parametrize("arguments", WRONG)
def test_wrong_input_is_exit_code_2_and_one_clear_line(files, capfd, arguments):
    for profile in ("full", "released"):
        if arguments.endswith(f"--profile {profile}") and (ROOT / "networks" / f"weights_{profile}").exists():
            pytest.skip(f"there are weights of profile {profile}")
    assert main([*arguments.split(), "--headless"]) == 2
    shown = capfd.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("duopose: ")
    assert shown.err.count("\n") == 1
    assert WRONG[arguments] in shown.err
    assert "secret" not in shown.err


def test_wrong_input_does_not_touch_what_is_there(files):
    Path("record.jsonl").write_text("precious")
    assert main(["nowhere.mp4", "--record", "record.jsonl"]) == 2
    assert main(["clip.mp4", "--record", "record.jsonl", "--fov", "0"]) == 2
    assert Path("record.jsonl").read_text() == "precious"


def test_what_is_not_there_is_not_made_before_there_are_frames(files):
    assert main(["clip.mp4", "--record", "r.jsonl", "--save-video", "v.mp4", "--stats", "nowhere/s.json"]) == 2
    assert not {"r.jsonl", "v.mp4"} & set(os.listdir())


@pytest.mark.parametrize("option", ["--record", "--stats"])
def test_a_file_that_another_run_writes_ends_the_run_before_it_starts(files, capfd, option):
    other = GrowingFile("out.jsonl")
    assert main(["clip.mp4", "--headless", option, "out.jsonl"]) == 2
    assert capfd.readouterr().err == "duopose: can't write out.jsonl: another run is writing it\n"
    other.close()


def test_a_video_that_another_run_writes_is_left_alone(files):
    other = GrowingFile("out.mp4")
    assert settings("clip.mp4", "--headless", "--save-video", "out.mp4").save_video == "out.mp4"
    with pytest.raises(UsageError, match="another run is writing it"):
        settings("clip.mp4", "--headless", "--save-video", "out.mp4", "--overwrite")
    other.close()


def test_a_record_is_rotated_by_size_or_by_age(files):
    one = settings("clip.mp4", "--headless", "--record", "out", "--rotate", "2GB")
    assert (one.rotate_bytes, one.rotate_seconds) == (2 * 10**9, None)
    one = settings("clip.mp4", "--headless", "--record", "out", "--rotate", "1d")
    assert (one.rotate_bytes, one.rotate_seconds) == (None, 86400)


def test_help_fits_one_tall_screen(capsys):
    with pytest.raises(SystemExit) as end:
        main(["--help"])
    assert end.value.code == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) <= 54
    assert max(map(len, lines)) <= 100


def test_help_names_every_option_of_the_settings(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])
    text = capsys.readouterr().out
    options = (
        "headless every-frame realtime stills record save-video stats profile device camera fov camera-size camera-fps "
        "person-height camera-height lookahead smooth also max-people overwrite rotate session listen privacy secrets "
        "log log-file metrics"
    )
    assert [name for name in options.split() if f"--{name}" not in text] == []


def settings(*arguments, window=None, monkeypatch=None):
    if monkeypatch:
        monkeypatch.setattr(checks.viewer, "available", lambda: window)
    return checks.settings_from(parser().parse_args(arguments), lambda line: None)


def test_smoothing_that_is_asked_for_tells_its_lag(files):
    said = []
    asked = checks.settings_from(parser().parse_args(["clip.mp4", "--headless", "--smooth", "0.25"]), said.append)
    assert asked.smooth == 0.25
    assert [line for line in said if "14 ms later" in line] == said != []
    with pytest.raises(UsageError, match="stay as they were recorded"):
        checks.check_smooth(0.25, "record")
    assert settings("clip.mp4", "--headless").smooth == SMOOTH


def test_a_file_without_window_is_processed_frame_by_frame(files):
    one = settings("clip.mp4", "--headless")
    assert (one.kind, one.every_frame, one.total, one.headless) == ("video", True, 3, True)
    assert not settings("clip.mp4", "--headless", "--realtime").every_frame


def test_a_file_with_a_window_keeps_its_pace_unless_asked(files, monkeypatch):
    assert not settings("clip.mp4", monkeypatch=monkeypatch).every_frame
    assert settings("clip.mp4", "--every-frame", monkeypatch=monkeypatch).every_frame
    assert settings("images", monkeypatch=monkeypatch).every_frame


def test_without_a_screen_there_is_no_window_and_one_line(files, monkeypatch):
    monkeypatch.setattr(checks.viewer, "available", lambda: "there is no display")
    said = []
    one = checks.settings_from(parser().parse_args(["clip.mp4"]), said.append)
    assert one.headless
    assert one.every_frame
    assert said == ["no window: there is no display"]


def test_privacy_reaches_the_nodes(files):
    assert settings("clip.mp4", "--headless", "--privacy").privacy
    assert not settings("clip.mp4", "--headless").privacy


def test_a_camera_is_live(files):
    one = settings("rtsp://camera/live", "--headless", "--camera", "good.json")
    assert (one.kind, one.every_frame, one.total) == ("stream", False, None)


def program(*arguments, timeout=300):
    environment = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    return subprocess.run(
        [sys.executable, ROOT / "run_live.py", *arguments],
        capture_output=True,
        text=True,
        timeout=timeout,
        env=environment,
    )


def test_people_in_a_video_stand_in_metres_in_the_record(tmp_path):
    """The whole program, its own networks, from the command line to the files it leaves."""
    clip, record, saved, stats = (str(tmp_path / name) for name in ("clip.mp4", "r.jsonl", "saved.mp4", "s.json"))
    clips.write(clip, clips.pictures(DEMO)[20:32], 12.5)
    run = program(clip, "--record", record, "--save-video", saved, "--stats", stats)
    assert (run.returncode, "Traceback" in run.stderr) == (0, False), run.stderr
    assert "no window: there is no display" in run.stderr
    assert "12 frames" in run.stdout
    assert "last seen" in run.stdout

    lines = [line for _, line in frames(record)]
    assert [line["frame"] for line in lines] == list(range(12))
    assert max(len(line["people"]) for line in lines) >= 2
    depths = []
    for line in lines:
        assert (line["width"], line["height"], line["camera"]["from"]) == (480, 270, "default")
        for person in line["people"]:
            assert all(len(person[name]) == 17 for name in ("coco2d", "joints2d", "joints3d"))
            assert person["source"] in ("both", "top_down", "bottom_up")
            depths.append(person["joints3d"][0][2])
    assert 0.5 < median(depths) < 20  # m in front of the camera

    assert len(clips.pictures(saved)) == 12
    told = json.loads(Path(stats).read_text())
    assert list(told) == [
        "frames_read", "frames_processed", "frames_dropped", "fps", "latency_ms", "nodes", "startup_s", "pace",
        "profile", "device", "smooth", "smooth_lag_ms", "backend",
    ]  # fmt: skip
    assert (told["frames_read"], told["frames_processed"], told["frames_dropped"]) == (12, 12, 0)
    assert told["fps"] is None  # too short to tell
    assert told["pace"] == {}  # a file gets the best
    assert set(told["nodes"]) == {node.name for node in NODES if node.when == "always"}
    assert set(told["nodes"]["fusion"]) == {"ms_p50", "ms_p95", "cpu_s", "rss_peak_mb", "restarts"}
    assert told["startup_s"] > 0


def test_unrelated_images_stand_alone_each_with_its_camera(tmp_path):
    folder = tmp_path / "images"
    folder.mkdir()
    images = clips.pictures(DEMO)
    jpeg(folder / "a.jpg", images[30])
    jpeg(folder / "b.jpg", picture(0))
    (folder / "c.jpg").write_bytes(b"noise")
    cameras = {
        "a.jpg": {"fx": 400, "fy": 400, "cx": 239.5, "cy": 134.5, "width": 480, "height": 270},
        "b.jpg": CAMERA, "c.jpg": CAMERA,
    }  # fmt: skip
    (tmp_path / "cameras.json").write_text(json.dumps(cameras))
    record = tmp_path / "record.jsonl"
    run = program(str(folder), "--stills", "--camera", str(tmp_path / "cameras.json"), "--record", str(record))
    assert run.returncode == 0, run.stderr
    a, b = (line for _, line in frames(record))
    assert (a["file"], a["camera"]["fx"], b["file"], b["camera"]["fx"]) == ("a.jpg", 400, "b.jpg", 60)
    assert len(a["people"]) >= 2
    assert b["people"] == []
    assert "1 unreadable" in run.stdout
