import cv2
import numpy as np
import pytest

from duopose.kernels import camera
from duopose.stream.messages import Camera

LENSES = [(0, 0, 0, 0, 0), (-0.28, 0.08, 0.001, -0.0005, -0.01), (0.1, 0.02, -0.002, 0.001, 0.0)]
INTRINSICS = np.array([1100.0, 1080.0, 640.5, 355.0])


@pytest.mark.parametrize("lens", LENSES)
@pytest.mark.parametrize("n", [0, 1, 200])
def test_projection_equals_opencv(lens, n):
    rng = np.random.default_rng(n)
    points = (rng.uniform([-0.5, -0.3, 1], [0.5, 0.3, 1], (n, 3)) * rng.uniform(1, 9, (n, 1))).astype(np.float32)
    got = camera.project(points, INTRINSICS, np.array(lens, float))
    assert got.shape == (n, 2)
    if n:
        fx, fy, cx, cy = INTRINSICS
        matrix = np.array([[fx, 0, cx], [0, fy, cy], [0, 0, 1]])
        expect, _ = cv2.projectPoints(points.astype(float), np.zeros(3), np.zeros(3), matrix, np.array(lens, float))
        np.testing.assert_allclose(got, expect[:, 0], atol=2e-3)


@pytest.mark.parametrize("lens", LENSES)
@pytest.mark.parametrize("n", [0, 1, 200])
def test_a_ray_is_projected_to_the_pixel_it_came_from(lens, n):
    pixels = np.random.default_rng(n).uniform(0, [1280, 720], (n, 2)).astype(np.float32)
    rays = camera.undistort(pixels, INTRINSICS, np.array(lens, float))
    points = np.concatenate([rays, np.ones((n, 1), np.float32)], axis=1)
    np.testing.assert_allclose(camera.project(points, INTRINSICS, np.array(lens, float)), pixels, atol=2e-3)


def test_a_point_behind_the_camera_is_seen_nowhere():
    points = np.array([[0, 0, -1], [0, 0, 0], [0, 0, 2]], np.float32)
    seen = camera.project(points, INTRINSICS, np.zeros(5))
    assert np.isnan(seen[:2]).all()
    np.testing.assert_allclose(seen[2], INTRINSICS[2:])


def test_a_lens_that_folds_over_gives_a_ray_and_no_crash():
    rays = camera.undistort(
        np.array([[5000, 4000], [np.nan, 0]], np.float32), INTRINSICS, np.array([-0.4, 0, 0, 0, 0.0])
    )
    assert np.isfinite(rays[0]).all()
    assert np.isnan(rays[1]).any()


def test_constants_come_from_the_camera_of_a_frame():
    intrinsics, distortion = camera.constants(Camera(1, 2, 3, 4, "file", (5, 6, 7, 8, 9)))
    assert intrinsics.tolist() == [1, 2, 3, 4]
    assert distortion.tolist() == [5, 6, 7, 8, 9]
