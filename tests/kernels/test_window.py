import numpy as np
import pytest

from duopose.kernels.window import Window
from tests.kernels import naive


def filled(window, stamps, seed=0):
    """Random poses with missing joints at these stamps -> the same as a list."""
    rng = np.random.default_rng(seed)
    poses = []
    for stamp in stamps:
        values = rng.normal(size=window.values.shape[1:]).astype(np.float32)
        confidence = np.maximum(rng.uniform(-0.5, 1, window.confidence.shape[1]), 0).astype(np.float32)
        values[confidence == 0] = 0
        window.push(stamp, values, confidence)
        poses.append((stamp, values, confidence))
    return poses


def test_an_empty_window_gives_zeros_and_says_so():
    values, confidence, valid = Window(4, 2, 3).resample([0.0, 1.0], 0.1)
    assert values.shape == (2, 2, 3)
    assert not values.any()
    assert not confidence.any()
    assert not valid.any()
    assert Window(4, 2, 3).newest is None


def test_no_times_give_no_poses():
    window = Window(4, 2, 3)
    filled(window, [0.0])
    assert window.resample([], 0.1)[0].shape == (0, 2, 3)


@pytest.mark.parametrize("count", [1, 2, 5, 13])  # 13 poses in a window of 8: the ring has gone round
def test_resampling_matches_its_definition(count):
    window = Window(8, 3, 2)
    steps = np.random.default_rng(count).choice([0.03, 0.04, 0.3], count)  # some gaps
    poses = filled(window, np.cumsum(steps))[-8:]
    times = np.sort(np.concatenate([np.linspace(-0.1, steps.sum() + 0.1, 37), [pose[0] for pose in poses]]))
    values, confidence, valid = window.resample(times, gap=0.1)
    for t, time in enumerate(times):
        expect = naive.resample(poses, time, 0.1)
        np.testing.assert_allclose(values[t], expect[0], atol=1e-5)
        np.testing.assert_allclose(confidence[t], expect[1], atol=1e-5)
        assert valid[t] == expect[2]


def test_frames_at_half_the_rate_give_poses_between_them():
    window = Window(9, 1, 1)
    for step in range(5):
        window.push(step / 15, [[step]], [1.0])
    values, _, valid = window.resample(np.arange(9) / 30, gap=0.2)
    np.testing.assert_allclose(values.ravel(), np.arange(9) / 2, atol=1e-5)
    assert valid.all()


def test_a_gap_is_marked_and_not_bridged():
    window = Window(9, 1, 1)
    window.push(0.0, [[0.0]], [1.0])
    window.push(1.0, [[9.0]], [1.0])
    values, _, valid = window.resample([0.0, 0.4, 0.6, 1.0], gap=0.5)
    assert values.ravel().tolist() == [0, 0, 9, 9]
    assert valid.tolist() == [True, False, False, True]


def test_a_joint_seen_once_keeps_its_place_and_loses_confidence():
    window = Window(4, 1, 1)
    window.push(0.0, [[5.0]], [0.8])
    window.push(1.0, [[0.0]], [0.0])
    values, confidence, _ = window.resample([0.25], gap=2)
    assert values.item() == 5
    assert confidence.item() == pytest.approx(0.6)


def test_time_does_not_run_backwards_unless_the_window_is_cleared():
    window = Window(4, 1, 1)
    window.push(1.0, [[5.0]], [1.0])
    with pytest.raises(ValueError, match="came after"):
        window.push(1.0, [[5.0]], [1.0])
    window.clear()
    window.push(0.5, [[6.0]], [1.0])
    assert window.newest == 0.5
