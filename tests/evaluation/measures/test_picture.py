import cv2
import numpy as np
import pytest

from duopose.evaluation.measures.picture import reprojection
from duopose.stream.messages import Camera
from duopose.stream.skeleton import BODY17

CAMERA = Camera(900.0, 905.0, 367.0, 364.0, "file", (-0.2, 0.1, 0.001, -0.002, 0.0))
BOX = np.array([10.0, 20, 300, 400])


def someone():
    """A pose, and its joints as OpenCV projects them."""
    pose = np.random.default_rng(0).uniform([-0.5, -0.5, 3], [0.5, 0.5, 4], (17, 3))
    lens = np.array([[CAMERA.fx, 0, CAMERA.cx], [0, CAMERA.fy, CAMERA.cy], [0, 0, 1]])
    pixels, _ = cv2.projectPoints(pose, np.zeros(3), np.zeros(3), lens, np.array(CAMERA.distortion))
    return pose, np.concatenate([pixels[:, 0], np.full((17, 1), 0.7)], 1)


def test_a_pose_lies_on_its_own_projection_through_a_real_lens():
    assert reprojection(*someone(), BOX, CAMERA) == pytest.approx(0, abs=1e-3)


def test_it_is_the_mean_over_the_measured_joints_of_the_body():
    pose, body = someone()
    away = np.arange(17.0)
    body[:, 0] += away
    body[[3, 4], 2] = 0
    counts = [j for j in range(17) if j not in (3, 4, BODY17.index("nose"), BODY17.index("head_top"))]
    expected = 100 * away[counts].mean() / np.sqrt(300 * 400)
    assert reprojection(pose, body, BOX, CAMERA) == pytest.approx(expected, rel=1e-3)


def test_nothing_measured_says_nothing():
    pose, body = someone()
    assert np.isnan(reprojection(pose, 0 * body, BOX, CAMERA))
