import numpy as np
import pytest

from duopose.evaluation.measures import placing


def test_people_meet_by_their_boxes_and_extra_ones_cost_nothing():
    known = placing.Known(np.array([[0, 0, 10, 20], [50, 0, 10, 20.0]]), np.array([5, 6.0]))
    found = np.array([[300, 0, 10, 20], [52, 2, 10, 20], [40, 40, 2, 2.0]])
    assert placing.match(known, found).tolist() == [-1, 1]
    assert placing.match(known, np.zeros((0, 4))).tolist() == [-1, -1]


@pytest.mark.parametrize("seed", range(5))
def test_who_is_clear_equals_its_definition_on_painted_boxes(seed):
    """Covered means: of the pixels of the box more than half belong to one nearer person's box."""
    rng = np.random.default_rng(seed)
    size = 320, 240
    corner, extent = rng.integers(0, [200, 120], (12, 2)), rng.integers(20, 120, (12, 2))
    depths = rng.permutation(12).astype(float) + 3
    painted = np.zeros((12, size[1], size[0]), bool)
    for n, ((x, y), (w, h)) in enumerate(zip(corner, extent, strict=True)):
        painted[n, y : y + h, x : x + w] = True
    expected = []
    for n, ((x, y), (w, h)) in enumerate(zip(corner, extent, strict=True)):
        far_from_border = x >= 40 and y >= 40 and x + w <= size[0] - 40 and y + h <= size[1] - 40
        hidden = any((painted[n] & painted[m]).sum() > 0.5 * w * h for m in range(12) if depths[m] < depths[n])
        expected.append(bool(far_from_border and h >= 60 and not hidden))
    known = placing.Known(np.concatenate([corner, extent], 1).astype(float), depths)
    assert placing.clear(known, size).tolist() == expected


def test_nobody_labelled_and_nobody_found():
    row = placing.figures(np.zeros(0), np.zeros(0), np.zeros(0, bool))
    assert row["people"] == row["clear"] == 0
    assert np.isnan([row["found"], row["depth"]]).all()
