import numpy as np
import pytest

from duopose.nodes.cues.reach import HALF, SIDE, WALK, within_reach


def naive(end, shift, unseen, box, width):
    """Nearness of one person found to the end of one track."""
    places = [end[:2] + end[2:] / 2, end[:2] + end[2:] / 2 + shift]
    apart = min(np.hypot(*(box[:2] + box[2:] / 2 - place)) for place in places)
    size = max(end[2] * end[3], box[2] * box[3]) ** 0.5
    sides = [min(x, width - 1 - (x + w)) <= SIDE * w for x, _, w, _ in (end, box)]
    return max(1 - apart / (size * (HALF + (0 if all(sides) else WALK * unseen))), 0)


@pytest.mark.parametrize("width", [300, np.inf])
@pytest.mark.parametrize(("tracks", "people"), [(0, 0), (0, 3), (2, 0), (1, 1), (20, 30)])
def test_nearness_is_as_defined(tracks, people, width):
    rng = np.random.default_rng(0)
    ends = rng.uniform(0, 180, (tracks, 4)).astype(np.float32)
    boxes = rng.uniform(0, 180, (people, 4)).astype(np.float32)
    shifts, unseen = rng.normal(0, 30, (tracks, 2)).astype(np.float32), rng.uniform(0, 2, tracks)
    expected = [[naive(*track, box, width) for box in boxes] for track in zip(ends, shifts, unseen, strict=True)]
    near = within_reach(ends, shifts, unseen, boxes, width)
    np.testing.assert_allclose(near, np.reshape(expected, (tracks, people)), atol=1e-5)


def test_who_was_out_of_sight_for_longer_may_be_farther_away():
    end, box = np.array([[100, 100, 50, 50]], np.float32), np.array([[150, 100, 50, 50]], np.float32)
    near = [within_reach(end, np.zeros((1, 2)), np.array([unseen]), box)[0, 0] for unseen in (0.03, 0.5, 1.0)]
    assert near[0] == 0 < near[1] < near[2]


def test_a_prediction_that_went_astray_does_not_count_against_the_place():
    end, box = np.array([[100, 100, 50, 50]], np.float32), np.array([[102, 100, 50, 50]], np.float32)
    still, astray = (within_reach(end, np.array([shift]), np.array([0.1]), box) for shift in ([0, 0], [-300, 80]))
    assert still == astray > 0.9


def test_empty_boxes_are_nobody_near():
    empty = np.zeros((1, 4), np.float32)
    assert np.isfinite(within_reach(empty, np.zeros((1, 2)), np.zeros(1), empty)).all()
