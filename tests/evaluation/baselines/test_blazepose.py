"""BlazePose beside ours: from crop and landmarks to metres in front of a known camera."""

import numpy as np
import pytest

from duopose.evaluation.baselines import blazepose
from duopose.kernels.camera import constants, project
from duopose.stream.errors import UsageError
from duopose.stream.skeleton import coco_to_body
from tests.painted import CAMERA


def people(seed=0, count=3):
    """COCO17 in metres about the hips [N, 17, 3], where those stand [N, 3], where all that is seen [N, 17, 3]."""
    rng = np.random.default_rng(seed)
    world = rng.uniform([-0.4, -0.9, -0.3], [0.4, 0.9, 0.3], (count, 17, 3)).astype(np.float32)
    world -= world[:, 11:13].mean(1, keepdims=True)
    root = rng.uniform([-1, -0.5, 3], [1, 0.5, 6], (count, 3)).astype(np.float32)
    pixels = project((world + root[:, None]).reshape(-1, 3), *constants(CAMERA)).reshape(count, 17, 2)
    return world, root, np.concatenate([pixels, np.full((count, 17, 1), 0.9)], -1).astype(np.float32)


def test_a_pose_stands_where_it_was_seen():
    world, root, seen = people()
    placed = blazepose.place(seen, world + np.float32([[0.1, 0, 0]]), CAMERA)
    np.testing.assert_allclose(placed[:, 0], root, atol=0.05)  # trunk and head are made from pixels, not from rays
    expected = coco_to_body(np.concatenate([world + root[:, None], np.ones((3, 17, 1))], -1))[..., :3]
    np.testing.assert_allclose(placed, expected, atol=0.05)


def test_nobody_gives_nobody():
    assert blazepose.poses(None, np.zeros((9, 9, 3), np.uint8), np.zeros((0, 4)), CAMERA).shape == (0, 17, 3)


def test_what_a_crop_shows_is_given_in_pixels_of_the_picture():
    shown = np.zeros((17, 3))
    shown[:, :2], shown[3] = 127.5, (255, 127.5, 0.7)  # all in the middle of the crop, but one
    seen, _ = blazepose.landmarks(lambda crop: (shown, shown), np.zeros((100, 100, 3), np.uint8), (20, 30, 40, 20))
    np.testing.assert_allclose(seen[0, :2], [40, 40], atol=1e-3)
    np.testing.assert_allclose(seen[3], [40 + 25 * 255 / 256, 40, 0.7], atol=1e-3)


def test_a_folder_without_the_model_is_one_line(tmp_path):
    with pytest.raises(UsageError, match=r"neither pose_landmark_heavy\.tflite nor"):
        blazepose.load(tmp_path)
