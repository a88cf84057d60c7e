"""From pictures of a board, made here through a lens that is known, to the camera file of that lens."""

import json
import threading
from collections import Counter

import cv2
import numpy as np
import pytest

from duopose.calibrate.board import find
from duopose.calibrate.lens import fit
from duopose.calibrate.looking import watch
from duopose.calibrate.views import Views
from duopose.command import main
from duopose.nodes.capture.live import Live
from duopose.nodes.capture.sources import Picture
from duopose.stream.camera_file import Cameras
from tests.duopose.calibrate.boards import (
    LENS,
    clip_of,
    distortion,
    folder_of,
    matrix,
    photograph,
    photographs,
    poses,
    rays,
)  # fmt: skip


@pytest.fixture(scope="module")
def pictures():
    """18 pictures of the board, held all over the picture and tilted."""
    return photographs(18)


@pytest.fixture(scope="module")
def flat():
    """10 of a board that is never tilted."""
    return photographs(10, tilt=0.03)


def views_of(images):
    views = Views()
    for number, image in enumerate(images):
        views.add(find(image, f"{number}.png"))
    return views


def complaint(words, capsys):
    assert main(["calibrate", *words]) == 2
    said = capsys.readouterr().err
    assert said.startswith("duopose calibrate: ")
    assert said.count("\n") == 1
    return said


def test_a_folder_of_pictures_gives_the_lens(pictures, tmp_path, capsys):
    out = tmp_path / "camera.json"
    assert main(["calibrate", folder_of(pictures, tmp_path), "--out", str(out)]) == 0
    camera = Cameras(out).of(LENS.width, LENS.height)
    assert camera.origin == "file"
    assert (camera.fx, camera.fy) == pytest.approx((LENS.fx, LENS.fy), rel=0.005)
    assert (camera.cx, camera.cy) == pytest.approx((LENS.cx, LENS.cy), abs=2)
    grid = np.stack(np.meshgrid(np.linspace(0, 479, 9), np.linspace(0, 359, 7)), -1).reshape(-1, 1, 2)
    true = cv2.undistortPoints(grid, matrix(LENS), distortion(LENS))
    found = matrix(camera), np.array(camera.distortion)
    back, _ = cv2.projectPoints(cv2.convertPointsToHomogeneous(true), np.zeros(3), np.zeros(3), *found)
    assert np.linalg.norm(back - grid, axis=-1).max() < 2  # pixels, with focal length, centre and distortion together
    said = capsys.readouterr().out
    for word in ("error", "59.", "degrees", "--camera"):
        assert word in said
    more = json.loads(out.read_text())
    assert more["error_px"] < 0.3
    assert more["focal_sd"] < 0.005
    assert more["views"] >= 15
    assert len(more["date"]) == 10


def test_a_clip_that_is_turned_gives_the_lens_of_the_upright_picture(pictures, tmp_path, capsys):
    out = tmp_path / "camera.json"
    assert main(["calibrate", clip_of(pictures, tmp_path / "clip.mp4", turned=True), "--out", str(out)]) == 0
    camera = Cameras(out).of(LENS.width, LENS.height)
    assert (camera.fx, camera.fy) == pytest.approx((LENS.fx, LENS.fy), rel=0.01)


def test_a_clip_is_looked_at_for_a_while_only(pictures, tmp_path, capsys):
    clip = clip_of(pictures, tmp_path / "clip.mp4")
    assert main(["calibrate", clip, "--out", str(tmp_path / "camera.json"), "--seconds", "2"]) == 2
    said = capsys.readouterr().err
    assert "the first 2 s" in said
    assert "8 are needed" in said


def test_a_camera_is_watched_until_there_is_enough(pictures):
    lines, shown, enough = [], iter(pictures), threading.Event()

    def of_camera(_):
        for number, image in enumerate(shown):
            while live.waiting:  # as slow as whoever looks
                if enough.wait(0.001):
                    return
            yield Picture(float(number), float(number), None, LENS.width, LENS.height, lambda image=image: image)

    live = Live("webcam 0", of_camera, Counter(), np.inf, lines.append)
    views, detector = Views(), None
    watch(live, "webcam 0", 60, views, detector, lines.append)
    enough.set()
    assert len(views.kept) >= 15
    assert "Ctrl-C" in lines[0]
    assert any("tilt the board" in line and "hold it" in line for line in lines)
    assert lines[-1].endswith("that is enough")
    assert fit(views.chosen()).intrinsics.fx == pytest.approx(LENS.fx, rel=0.005)


def test_a_blurred_view_is_left_out(pictures):
    views = views_of(pictures[1:])
    spoilt = views.kept[4]
    shaken = np.random.default_rng(0).normal(0, 2, spoilt.pixels.shape).astype(np.float32)
    views.kept[4] = spoilt._replace(pixels=spoilt.pixels + shaken)
    found = fit(views.chosen())
    assert spoilt.name in found.bad
    assert found.intrinsics.fx == pytest.approx(LENS.fx, rel=0.005)


def test_views_that_do_not_differ_are_kept_once(pictures):
    views = views_of([pictures[1], pictures[1], pictures[2]])
    assert (views.found, len(views.kept)) == (3, 2)


def test_what_would_be_better_is_said_until_nothing_would(pictures):
    few = views_of(pictures[4:6]).wishes()
    assert "tilt" in few[0]
    assert "upper left corner" in few[1]
    assert "2 of 15" in few[2]
    assert views_of(pictures).wishes() == []
    assert "whole board" in Views().wishes()[0]


def test_a_board_that_is_never_tilted_is_refused(flat, tmp_path, capsys):
    said = complaint([folder_of(flat, tmp_path), "--out", str(tmp_path / "camera.json")], capsys)
    assert "tilt the board" in said
    assert not (tmp_path / "camera.json").exists()


def test_too_few_views_are_refused_with_what_to_do(pictures, tmp_path, capsys):
    said = complaint([folder_of(pictures[:3], tmp_path), "--out", str(tmp_path / "camera.json")], capsys)
    assert "3 of 3 pictures" in said
    assert "hold it" in said or "tilt" in said


def test_pictures_of_two_zooms_are_refused(pictures, tmp_path, capsys):
    wide = rays(LENS) * 1.5
    others = [photograph(wide, turn, centre) for turn, centre in poses(9, np.random.default_rng(5))]
    said = complaint([folder_of([*pictures[:9], *others], tmp_path), "--out", str(tmp_path / "camera.json")], capsys)
    assert "let nothing zoom" in said


def test_pictures_of_two_sizes_are_refused_by_name(pictures, tmp_path, capsys):
    turned = np.ascontiguousarray(np.rot90(pictures[3]))
    said = complaint([folder_of([*pictures[:2], turned], tmp_path), "--out", str(tmp_path / "camera.json")], capsys)
    assert "2.png has 360x480 pixels, 0.png 480x360" in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "name a SOURCE"),
        (["clip.mp4"], "--out FILE.json"),
        (["nowhere.mp4", "--out", "a.json"], "no such file"),
        (["run.mcap", "--out", "a.json"], "looked for in pictures"),
        (["empty", "--out", "a.json"], "no images"),
        (["clip.mp4", "--out", "a.json", "--seconds", "0"], "--seconds"),
        (["empty", "--out", "nowhere/a.json"], "nowhere"),
        (["run.mcap", "--out", "run.mcap"], "named twice"),
    ],
)
def test_what_can_not_be_is_one_line(words, said, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "run.mcap").write_bytes(b"")
    (tmp_path / "empty").mkdir()
    assert said in complaint(words, capsys)
