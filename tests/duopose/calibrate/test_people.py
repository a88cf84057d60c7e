"""The focal length from people who walk about: right where it is known, refused where it can't be."""

import json

import numpy as np
import pytest

from duopose.calibrate.people import focal_from, steps_of
from duopose.command import main
from duopose.stream.camera_file import Cameras
from duopose.stream.errors import UsageError
from tests.duopose.calibrate.walkers import HEIGHT, WIDTH, focal_of, record_of, scenes


@pytest.mark.parametrize(("field", "seed"), [(50.0, 1), (65.0, 2), (75.0, 3)])
def test_people_seen_from_above_tell_the_focal_length(field, seed):
    found = focal_from(*flat(steps_of(scenes(tilt=24.0, field=field, seed=seed))))
    assert found.focal == pytest.approx(focal_of(field), rel=0.07)
    assert np.degrees(found.tilt) == pytest.approx(24, abs=2)


def flat(steps_and_size):
    steps, size = steps_and_size
    return steps, *size


@pytest.mark.parametrize("tilt", [0.0, 1.0, 5.0])
def test_a_level_camera_is_refused_with_the_reason(tilt):
    with pytest.raises(UsageError, match=r"leave the focal length open by .*look down"):
        focal_from(*flat(steps_of(scenes(tilt=tilt, high=1.5))))


def test_people_who_sit_are_left_out():
    with pytest.raises(UsageError, match="nobody stands or walks"):
        steps_of(scenes(tilt=20.0, seconds=2, sit=True))


def test_a_moment_is_too_short():
    with pytest.raises(UsageError, match="are needed"):
        focal_from(*flat(steps_of(scenes(tilt=20.0, seconds=1))))


def test_the_command_writes_a_camera_file(tmp_path, capsys):
    record, out = record_of(scenes(tilt=24.0, seed=2), tmp_path / "poses.jsonl"), tmp_path / "camera.json"
    assert main(["calibrate", record, "--from-people", "--out", str(out)]) == 0
    camera = Cameras(out).of(WIDTH, HEIGHT)
    assert camera.fx == pytest.approx(focal_of(65.0), rel=0.07)
    assert (camera.cx, camera.cy, camera.distortion) == (639.5, 359.5, (0, 0, 0, 0, 0))
    more = json.loads(out.read_text())
    assert more["made_from"] == "people"
    assert 0.005 < more["focal_sd"] < 0.05
    assert "tilt     2" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "said"),
    [("nowhere.jsonl", "no such record"), ("words.jsonl", "not a line of a record"), (".", "no such record")],
)
def test_what_is_no_record_is_one_line(name, said, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "words.jsonl").write_text("words\n")
    assert main(["calibrate", name, "--from-people", "--out", "camera.json"]) == 2
    shown = capsys.readouterr().err
    assert said in shown
    assert shown.count("\n") == 1
