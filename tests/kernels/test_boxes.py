import numpy as np
import pytest

from duopose.kernels import boxes
from tests.kernels import naive


def random_boxes(n, seed):
    """On whole pixels of 64 x 64, some of them empty."""
    return np.random.default_rng(seed).integers(0, 30, (n, 4)).astype(np.float32)


@pytest.mark.parametrize(("n", "m"), [(0, 0), (0, 2), (2, 0), (1, 1), (20, 30)])
def test_overlap_matches_counting_pixels(n, m):
    a, b = random_boxes(n, 1), random_boxes(m, 2)
    expect = np.array([[naive.iou(p, q) for q in b] for p in a]).reshape(n, m)
    np.testing.assert_allclose(boxes.iou_matrix(a, b), expect, atol=1e-6)
    cover = np.array([[naive.common_area(p, q) / max(p[2] * p[3], 1) for q in b] for p in a]).reshape(n, m)
    np.testing.assert_allclose(boxes.cover_matrix(a, b), cover, atol=1e-6)


@pytest.mark.parametrize("n", [0, 1, 30])
@pytest.mark.parametrize("levels", [2, 1000])  # few levels: equal scores, of which the first is the better
def test_suppression_matches_its_definition(n, levels):
    some = random_boxes(n, 3)
    scores = (np.random.default_rng(n).integers(0, levels, n) / levels).astype(np.float32)
    assert boxes.suppress(some, scores, 0.2).tolist() == naive.suppress(some, scores, 0.2)


def test_of_two_equal_boxes_the_better_one_stays():
    same = np.array([[0, 0, 4, 4], [0, 0, 4, 4], [9, 9, 2, 2]], np.float32)
    assert boxes.suppress(same, np.array([0.2, 0.9, 0.1], np.float32), 0.5).tolist() == [1, 2]
