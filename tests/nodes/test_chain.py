"""All nodes in one process say what the live program says."""

import json
import subprocess
import sys
from collections import Counter

import numpy as np
import pytest

from duopose.benchmarks import clips
from duopose.nodes.capture.files import VideoFile
from duopose.nodes.capture.sources import DEMO
from duopose.nodes.chain import Pipeline
from duopose.nodes.recorder.record_format import record_line
from duopose.stream.errors import UsageError
from duopose.stream.messages import Camera
from duopose.stream.record.reading import frames
from duopose.stream.skeleton import PELVIS
from tests.places import ROOT
from tests.schema import problems


@pytest.fixture(scope="module")
def pipeline():
    return Pipeline()


def without_latency(line):
    return {key: value for key, value in line.items() if key != "latency_ms"}


def test_a_clip_gives_the_same_record_live_and_in_one_process(pipeline, tmp_path):
    clip, record = str(tmp_path / "clip.mp4"), tmp_path / "live.jsonl"
    clips.write(clip, clips.pictures(DEMO)[10:26], 12.5)
    command = [sys.executable, "run_live.py", clip, "--headless", "--every-frame", "--record", record]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=120)
    assert problems(record) == []
    live = [without_latency(line) for _, line in frames(record)]
    assert len(live) == 16
    pictures = VideoFile(clip, Counter()).pictures()
    scenes = [pipeline.step(np.ascontiguousarray(picture.pixels()), picture.stamp) for picture in pictures]
    assert [without_latency(json.loads(record_line(scene))) for scene in scenes] == live
    assert {person["id"] for line in live for person in line["people"]} == {1, 2, 3}


def test_a_camera_of_twice_the_focal_length_puts_people_twice_as_far(pipeline):
    image = np.ascontiguousarray(next(iter(VideoFile(DEMO, Counter()).pictures())).pixels())
    height, width = image.shape[:2]
    depths = []
    for focal in (400.0, 800.0):
        camera = Camera(focal, focal, (width - 1) / 2, (height - 1) / 2, "file")
        depths.append(np.median(pipeline.step(image, stamp=0.0, camera=camera, still=True).joints[:, PELVIS, 2]))
    assert depths[1] / depths[0] == pytest.approx(2, rel=0.1)


def test_each_nodes_message_can_be_looked_at(pipeline):
    image = np.zeros((270, 480, 3), np.uint8)
    scene = pipeline.step(image, stamp=100.0)
    assert list(pipeline.said) == ["boxes", "people", "pose_top", "pose_bottom", "scene"]
    assert pipeline.said["scene"] is scene
    assert all(message.frame == scene.frame for message in pipeline.said.values())
    assert len(scene.ids) == 0


def test_weights_that_are_not_there_are_named():
    with pytest.raises(UsageError, match="nowhere/detector"):
        Pipeline(profile="./nowhere")
