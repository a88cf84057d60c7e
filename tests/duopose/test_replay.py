"""The same pictures give the same poses, live, in one process and by `duopose replay`; a record needs no networks."""

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from duopose.benchmarks import clips
from duopose.command import main
from duopose.nodes.capture.files import VideoFile
from duopose.nodes.capture.sources import DEMO
from duopose.nodes.chain import Pipeline
from duopose.nodes.recorder.record_format import record_line
from duopose.replay import asked_before
from duopose.stream.record.reading import frames
from tests.duopose.test_run_live import program
from tests.schema import problems


def lines(path):
    return [line | {"latency_ms": None} for _, line in frames(path)]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A folder with clip.mp4, and with the record and the session that its run left."""
    folder = tmp_path_factory.mktemp("run")
    clips.write(str(folder / "clip.mp4"), clips.pictures(DEMO)[10:22], 12.5)
    left = "--record", folder / "poses.jsonl", "--session", folder / "bug.mcap"
    done = program(folder / "clip.mp4", "--max-people", "7", *left)
    assert done.returncode == 0, done.stderr
    return folder


def test_all_nodes_in_one_process_say_what_the_live_program_says(run):
    assert problems(run / "poses.jsonl") == []
    pipeline, pictures = Pipeline(), VideoFile(str(run / "clip.mp4"), Counter()).pictures()
    scenes = [pipeline.step(np.ascontiguousarray(picture.pixels()), picture.stamp) for picture in pictures]
    live = lines(run / "poses.jsonl")
    assert [json.loads(record_line(scene)) | {"latency_ms": None} for scene in scenes] == live
    assert len(live) == 12
    assert {person["id"] for line in live for person in line["people"]} == {1, 2, 3}


def test_a_session_gives_the_same_poses_again(run, tmp_path):
    done = program("replay", run / "bug.mcap", "--record", tmp_path / "again.jsonl")
    assert done.returncode == 0, done.stderr
    again = lines(tmp_path / "again.jsonl")
    assert again == lines(run / "poses.jsonl")
    assert max(len(line["people"]) for line in again) >= 2


def test_a_session_says_what_the_run_was_asked(run):
    assert asked_before(run / "bug.mcap") == [
        "--profile", "lite", "--device", "cpu", "--max-people", "7", "--lookahead", "0", "--smooth", "0.3",
    ]  # fmt: skip


def test_a_record_is_played_without_networks(run, tmp_path):
    record, video, stats = tmp_path / "again.jsonl", tmp_path / "seen.mp4", tmp_path / "stats.json"
    outputs = "--record", record, "--save-video", video, "--stats", stats
    done = program("replay", run / "poses.jsonl", "--video", run / "clip.mp4", "--speed", "8", *outputs)
    assert done.returncode == 0, done.stderr
    for before, after in zip(lines(run / "poses.jsonl"), lines(record), strict=True):
        for person in (*before["people"], *after["people"]):
            del person["joints2d"]  # made from rounded numbers here
        assert before == after
    assert clips.pictures(video)[0].mean() == pytest.approx(clips.pictures(run / "clip.mp4")[0].mean(), abs=10)
    assert json.loads(stats.read_text())["backend"] is None


WRONG = {
    "nowhere.mcap": "nowhere.mcap: no such file",
    "words.mcap": "words.mcap is not a session",
    "words.jsonl": "words.jsonl:1: not a line of a record",
    "empty.jsonl": "no scene in this record",
    "clip.mp4": "clip.mp4: a session ends in .mcap, a record in .jsonl",
    "bug.mcap --speed 0": "--speed",
    "bug.mcap --fov 50": "says which camera it was",
    "bug.mcap --video clip.mp4": "--video is for records",
    "bug.mcap --session bug.mcap": "bug.mcap holds something already",
    "poses.jsonl --session new.mcap": "a record has no pictures of its own",
    "poses.jsonl --video words.mcap": "a video, an image or a folder",
}


@pytest.mark.parametrize("words", WRONG)
def test_wrong_input_is_one_clear_line(run, words, monkeypatch, capfd):
    monkeypatch.chdir(run)
    Path("words.mcap").write_text("words")
    Path("words.jsonl").write_text("words\n")
    Path("empty.jsonl").write_text("")
    assert main(["replay", *words.split(), "--headless"]) == 2
    shown = capfd.readouterr()
    assert (shown.out, shown.err.count("\n")) == ("", 1)
    assert WRONG[words] in shown.err
