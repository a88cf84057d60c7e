"""The commands of docs/calibrate.md, as they stand there."""

import shlex

import pytest

from duopose.command import main
from duopose.stream.camera_file import Cameras
from tests.duopose.calibrate.boards import LENS, clip_of, folder_of, photographs
from tests.duopose.calibrate.walkers import HEIGHT, WIDTH, record_of, scenes
from tests.places import ROOT

PAGE = ROOT / "docs" / "calibrate.md"


def commands():
    """The words after `duopose` of each command."""
    lines = [line.split("#")[0] for line in PAGE.read_text().splitlines() if line.startswith("    duopose ")]
    return [shlex.split(line)[1:] for line in lines]


CALIBRATIONS = [words[1:] for words in commands() if words[0] == "calibrate"]


def test_the_page_tells_of_every_way():
    said = " ".join(map(" ".join, CALIBRATIONS))
    for option in ("--print", "--out", "--from-people"):
        assert option in said


@pytest.mark.parametrize("words", [words for words in CALIBRATIONS if words[0] != "0"], ids=" ".join)
def test_a_calibration_on_the_page_runs(words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    if words[0] == "PHOTOS/":
        (tmp_path / "PHOTOS").mkdir()
        folder_of(photographs(18), tmp_path / "PHOTOS")
    if words[0] == "CLIP.mp4":
        clip_of(photographs(18), tmp_path / "CLIP.mp4")
    if words[0] == "poses.jsonl":
        record_of(scenes(tilt=22.0), tmp_path / "poses.jsonl")
    assert main(["calibrate", *words]) == 0
    if "--out" in words:
        size = (WIDTH, HEIGHT) if "--from-people" in words else (LENS.width, LENS.height)
        assert Cameras("camera.json").of(*size).origin == "file"
