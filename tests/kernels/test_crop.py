import cv2
import numpy as np
import pytest

from duopose.kernels import crop
from tests.kernels import naive


def picture(height=40, width=50):
    """Smooth, so that any correct interpolation gives nearly the same."""
    y, x = np.mgrid[:height, :width]
    return np.stack([4 * x + y, 200 - 3 * y, 100 + 50 * np.sin(x / 8)], axis=-1).astype(np.uint8)


def test_no_points_stay_no_points():
    assert crop.apply(np.eye(2, 3), np.zeros((0, 2))).shape == (0, 2)


def test_the_enlarged_box_touches_the_edges_of_the_crop():
    affine = crop.crop_affine((10, 20, 30, 80), 48, 64, enlarge=1.25)
    middle, bottom = crop.apply(affine, [(25, 60), (25, 60 + 1.25 * 40)])
    np.testing.assert_allclose(middle, [23.5, 31.5], atol=1e-5)
    assert bottom[1] == pytest.approx(63.5)
    wide = crop.crop_affine((10, 20, 80, 30), 48, 64, enlarge=1)
    assert crop.apply(wide, [(10, 35)])[0, 0] == pytest.approx(-0.5)


def test_the_letterboxed_picture_fills_one_side_and_is_centred_on_the_other():
    affine = crop.letterbox(1280, 720, 448, 256)
    first, last = crop.apply(affine, [(-0.5, -0.5), (1279.5, 719.5)])
    np.testing.assert_allclose([first[0], last[0]], [-0.5, 447.5], atol=1e-4)
    np.testing.assert_allclose(first[1] + last[1], 255, atol=1e-4)


def test_there_and_back_is_where_one_was_and_scores_stay():
    affine = np.array([[0.8, 0.3, 5], [-0.2, 1.1, -7]])
    points = np.random.default_rng(0).uniform(0, 900, (2, 17, 3)).astype(np.float32)
    np.testing.assert_allclose(
        crop.apply(crop.invert(affine), crop.apply(affine, points)), points, rtol=1e-5, atol=1e-3
    )


@pytest.mark.parametrize(
    "affine", [crop.crop_affine((12, 5, 20, 30), 24, 32), np.array([[1.1, 0.3, 2], [-0.4, 0.9, 6]])]
)
def test_a_crop_shows_the_picture_where_the_map_says(affine):
    image = picture()
    warped = crop.warp(image, affine, 32, 24)
    inverse = crop.invert(affine)
    expect = [[naive.bilinear(image, *(inverse @ [x, y, 1])) for x in range(24)] for y in range(32)]
    assert np.abs(warped - np.array(expect)).max() <= 4  # OpenCV rounds positions to 1/32 px


@pytest.mark.parametrize("shift", [(-76, -28), (0, 0), (-120, -60)])
@pytest.mark.parametrize("turn", [0.0, 0.4])
@pytest.mark.parametrize("scale", [0.6, 1.0, 3.1])
def test_a_crop_has_the_numbers_of_opencv_for_three_channels(shift, turn, scale):
    image = np.random.default_rng(0).integers(0, 255, (120, 200, 3), np.uint8)
    affine = cv2.getRotationMatrix2D((100, 60), np.degrees(turn), scale)
    affine[:, 2] += shift
    expect = cv2.warpAffine(image, affine, (48, 64), flags=cv2.INTER_LINEAR)
    np.testing.assert_array_equal(crop.warp(image, affine, 64, 48), expect)
    assert expect.any()


@pytest.mark.parametrize("shrink", [2, 3.3, 7])
def test_a_coarse_crop_shows_the_mean_of_what_it_covers_at_the_right_place(shrink):
    """A linear ramp: its value tells the position, and blocks averaged off the right place would shift it."""
    y, x = np.mgrid[:203, :251]
    image = np.stack([x, y, 255 - x], axis=-1).astype(np.uint8)
    affine = np.array([[1 / shrink, 0, 1.3], [0, 1 / shrink, -2.1]])
    warped = crop.warp(image, affine, 20, 22)
    at = crop.apply(crop.invert(affine), [[(x, y) for x in range(22)] for y in range(20)])
    inside = (at >= shrink).all(-1) & (at[..., 0] < 250 - 2 * shrink) & (at[..., 1] < 202 - 2 * shrink)
    assert inside.sum() > 100
    assert np.abs(warped[inside][:, :2] - at[inside]).max() <= 1


def test_fine_stripes_fade_in_a_coarse_crop():
    stripes = np.zeros((120, 120, 3), np.uint8)
    stripes[:, ::2] = 200
    assert np.ptp(crop.warp(stripes, crop.letterbox(120, 120, 30, 30), 30, 30)[2:-2, 2:-2].astype(int)) <= 2


@pytest.mark.parametrize("scale", [1.0, 0.2])
def test_a_crop_beside_the_picture_is_black(scale):
    affine = np.array([[scale, 0, 500], [0, scale, 0]])
    assert not crop.warp(picture(), affine, 8, 6).any()
