"""A window on an X server, with a user before it; and runs where there can be none."""

import json
import os
import subprocess
import sys

import cv2
import numpy as np
import pytest

from tests.places import ROOT
from tests.viewer.display import User, x_server
from tests.viewer.recording import line_of, recorded
from tests.viewer.scenes import make_scene, person
from tests.viewer.test_app import colours_of
from tests.waiting import LONG, until


@pytest.fixture
def poses(tmp_path):
    """A record of two people for ten seconds; both branches saw them."""
    path = tmp_path / "poses.jsonl"
    with path.open("w") as file:
        for number in range(100):
            scene = make_scene([person(-0.6 + number / 200, 4), person(0.8, 5)], number=number, stamp=number / 10)
            people = recorded(scene)
            for who in people:
                who["branches"]["bottom_up"] = (np.float32(who["joints3d"]) + (0.1, 0, 0.2)).tolist()
            file.write(json.dumps(line_of(scene, people)) + "\n")
    return path


def start(display, folder, *words):
    environment = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    environment |= {"DISPLAY": display} if display else {}
    command = [sys.executable, str(ROOT / "run_live.py"), *map(str, words)]
    how = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, cwd=folder, env=environment, **how)


def take(user, folder):
    """Press p -> uint8 RGB, the picture that the window writes."""
    before = set(folder.glob("duopose-*.png"))
    user.press("p")
    image = None

    def written():
        nonlocal image
        new = set(folder.glob("duopose-*.png")) - before
        image = cv2.imread(str(new.pop())) if new else None
        return image is not None

    until(written)
    return cv2.cvtColor(image, cv2.COLOR_BGR2RGB)


def seen(image):
    """Pixels in the colour of each of the two people."""
    return [colours_of(np.ascontiguousarray(image), identity) for identity in (1, 2)]


def test_the_window_shows_a_record_and_obeys_keys_and_mouse(poses, tmp_path):
    with x_server() as display:
        process = start(display, tmp_path, "view", poses)
        user = User(display, process)
        user.look_for_the_window()
        user.press("space", "Home")
        dark = take(user, tmp_path)
        assert dark.shape == (720, 1280, 3)
        assert min(seen(dark)) > 2000
        user.press("l")
        light = take(user, tmp_path)
        assert light.mean() > dark.mean() + 80
        assert min(seen(light)) > 2000
        user.press("l", "4")
        apart = take(user, tmp_path)
        for left, right in ((0, 426), (427, 853), (854, 1280)):
            assert min(seen(apart[:, left:right])) > 400
        user.press("4", "Right", "Right")
        moved = take(user, tmp_path)
        assert np.abs(moved.astype(int) - dark).max() > 60
        user.press("Left", "Left")
        user.drag(900, 400, 1000, 420)
        turned = take(user, tmp_path)
        assert (np.abs(turned.astype(int) - dark).max(-1) > 30).mean() > 0.02
        user.press("v", "question")
        assert np.abs(take(user, tmp_path).astype(int) - turned).mean() > 3
        user.press("q")
        out, err = process.communicate(timeout=LONG)
    assert (process.returncode, err) == (0, "")
    assert out.count("picture: duopose-") == 6


def test_a_run_has_its_window_and_ends_when_the_user_closes_it(poses, tmp_path):
    with x_server() as display:
        process = start(display, tmp_path, "replay", poses, "--record", tmp_path / "again.jsonl")
        user = User(display, process)
        user.look_for_the_window()
        until(lambda: min(seen(take(user, tmp_path))) > 1000)  # everyone is there, once the run has begun
        user.close_the_window()
        _, err = process.communicate(timeout=LONG)
    assert process.returncode == 0, err
    assert "picture: duopose-" in err
    assert "killed" not in err


@pytest.mark.parametrize("options", [None, ("-extension", "GLX")], ids=["no display", "no OpenGL"])
def test_where_there_can_be_no_window_one_line_says_why_and_the_run_has_its_report(poses, tmp_path, options):
    words = "replay", poses, "--speed", "20", "--record", tmp_path / "again.jsonl"
    if options is None:
        process, why = start(None, tmp_path, *words), "there is no display"
        out, err = process.communicate(timeout=LONG)
    else:
        with x_server(*options) as display:
            process, why = start(display, tmp_path, *words), "OpenGL fails: GLX extension not found"
            out, err = process.communicate(timeout=LONG)
    lines = (out + err).splitlines()
    assert process.returncode == 0, err
    assert sum("no window" in line for line in lines) == 1
    assert f"no window: {why}" in (out + err)
    assert "100 frames" in (out + err)
    assert len((tmp_path / "again.jsonl").read_text().splitlines()) == 101


def test_a_record_without_a_window_is_one_line_with_what_else_there_is(poses, tmp_path):
    process = start(None, tmp_path, "view", poses)
    out, err = process.communicate(timeout=LONG)
    assert (process.returncode, out, err.count("\n")) == (2, "", 1)
    assert "no window: there is no display. duopose draw" in err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("view nowhere.jsonl", "nowhere.jsonl"),
        ("view empty.jsonl", "there is no scene in this record"),
        ("view words.jsonl", "words.jsonl:1: not a line of a record"),
        ("view poses.jsonl --video nowhere.mp4", "nowhere.mp4: no such file"),
        ("view poses.jsonl --headless", "--headless and --key are for runs"),
        ("view tcp://127.0.0.1:5570 --video poses.jsonl", "--video is for records"),
    ],
)
def test_wrong_words_are_one_clear_line(poses, tmp_path, words, told):
    (tmp_path / "empty.jsonl").write_text("")
    (tmp_path / "words.jsonl").write_text("words\n")
    process = start(None, tmp_path, *words.split())
    out, err = process.communicate(timeout=LONG)
    assert (process.returncode, out, err.count("\n")) == (2, "", 1)
    assert told in err
