"""All nodes in one process; that they say what the live program says is in tests/duopose/test_replay.py."""

from collections import Counter

import numpy as np
import pytest

from duopose.nodes.capture.files import VideoFile
from duopose.nodes.capture.sources import DEMO
from duopose.nodes.chain import Pipeline
from duopose.stream.errors import UsageError
from duopose.stream.messages import Camera
from duopose.stream.skeleton import PELVIS


@pytest.fixture(scope="module")
def pipeline():
    return Pipeline()


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
