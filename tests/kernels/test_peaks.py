import numpy as np
import pytest

from duopose.kernels import peaks
from tests.kernels import naive


def gaussians(height, width, *tops, size=1.5):
    """Map with a Gaussian at each (x, y, value)."""
    y, x = np.mgrid[:height, :width]
    heat = np.zeros((height, width))
    for cx, cy, value in tops:
        heat = np.maximum(heat, value * np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (2 * size**2)))
    return heat.astype(np.float32)


@pytest.mark.parametrize("shape", [(0, 4, 4), (2, 0, 4), (2, 4, 0)])
def test_empty_maps_have_no_peaks(shape):
    values, cells, count = peaks.find_peaks(np.zeros(shape, np.float32), 0.1, top_k=3)
    assert values.shape == (shape[0], 3)
    assert cells.shape == (shape[0], 3, 2)
    assert not count.any()


def test_a_flat_map_below_the_threshold_has_no_peaks():
    assert peaks.find_peaks(np.full((1, 5, 5), 0.1, np.float32), 0.1)[2] == 0


@pytest.mark.parametrize("radius", [1, 2])
@pytest.mark.parametrize("top_k", [1, 4, 30])
@pytest.mark.parametrize("levels", [3, 1000])  # few levels: many equal neighbours and equal peaks
def test_peaks_match_their_definition(radius, top_k, levels):
    rng = np.random.default_rng(levels + top_k)
    heatmaps = (rng.integers(0, levels, (3, 9, 11)) / levels).astype(np.float32)
    values, cells, count = peaks.find_peaks(heatmaps, 0.3, top_k, radius)
    for j, heatmap in enumerate(heatmaps):
        expect = naive.find_peaks(heatmap, np.float32(0.3), top_k, radius)
        got = [(values[j, k], *cells[j, k]) for k in range(count[j])]
        assert got == expect
        assert not values[j, count[j] :].any()


def test_not_a_number_is_no_peak_and_hides_none():
    heatmaps = np.zeros((1, 5, 5), np.float32)
    heatmaps[0, 2, 2], heatmaps[0, 2, 3] = 0.5, np.nan
    values, cells, count = peaks.find_peaks(heatmaps, 0.1)
    assert count[0] == 1
    assert cells[0, 0].tolist() == [2, 2]
    assert values[0, 0] == 0.5


def test_maps_received_as_bytes_are_taken_as_they_are():
    heatmaps = np.frombuffer(gaussians(8, 8, (3, 4, 1)).tobytes(), np.float32).reshape(1, 8, 8)
    assert not heatmaps.flags.writeable
    assert peaks.find_peaks(heatmaps, 0.1)[1][0, 0].tolist() == [3, 4]


def test_values_are_read_at_cells():
    maps = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
    cells = np.array([[[0, 0], [3, 2]], [[1, 1], [2, 0]]], np.int32)
    assert peaks.read(maps, cells).tolist() == [[0, 11], [17, 14]]


@pytest.mark.parametrize("size", [1.0, 1.5, 3.0])
def test_refined_position_of_a_gaussian_is_its_centre(size):
    heatmaps = gaussians(20, 20, (7.3, 11.8, 0.6), size=size)[None]
    _, cells, count = peaks.find_peaks(heatmaps, 0.1)
    np.testing.assert_allclose(peaks.refine(heatmaps, cells, count)[0, 0], [7.3, 11.8], atol=1e-3)


def test_refined_position_matches_its_definition():
    heatmaps = np.random.default_rng(0).uniform(0.1, 1, (4, 12, 12)).astype(np.float32)
    _, cells, count = peaks.find_peaks(heatmaps, 0.1, top_k=5)
    refined = peaks.refine(heatmaps, cells, count)
    for j, k in np.argwhere(np.arange(5) < count[:, None]):
        x, y = cells[j, k]
        if 0 < x < 11 and 0 < y < 11:
            dx = naive.parabola_top(*heatmaps[j, y, x - 1 : x + 2])
            dy = naive.parabola_top(*heatmaps[j, y - 1 : y + 2, x])
            np.testing.assert_allclose(refined[j, k], [x + dx, y + dy], atol=1e-4)


def test_refining_moves_half_a_cell_at_most_and_not_at_the_border():
    heatmaps = np.zeros((1, 4, 6), np.float32)
    heatmaps[0, 0] = [1, 1, 0, 0.5, 0.5, 0.2]  # a plateau at the border; one with a zero beside it
    heatmaps[0, 2] = [0, 0, 0, 0, 0, 0.9]
    cells = np.array([[[0, 0], [1, 0], [3, 0], [4, 0], [5, 2]]], np.int32)
    refined = peaks.refine(heatmaps, cells, np.array([5], np.int32))
    assert refined[0, :, 0].tolist() == [0, 1, 3, 3.5, 5]
    assert refined[0, :, 1].tolist() == [0, 0, 0, 0, 2]


def test_quarter_refinement_goes_towards_the_higher_neighbour():
    heatmaps = gaussians(6, 6, (2.2, 3.9, 1), size=1)[None]
    _, cells, _ = peaks.find_peaks(heatmaps, 0.1, top_k=2)
    assert peaks.quarter(heatmaps[0], *cells[0, 0]) == (2.25, 3.75) == naive.quarter(heatmaps[0], *cells[0, 0])
