"""Sampling, smoothing and levelling: what stands between the record and the formats."""

import numpy as np
import pytest

from duopose.exporting.grid import gap_from, rate_of, sample
from duopose.exporting.levelled import camera_to_level, moved
from duopose.exporting.smoothing import smooth
from duopose.exporting.tracks import read
from tests.duopose.exporting.recorded import CAMERA_HEIGHT, RATE, walker, write_record

TIMES = np.arange(90) / RATE


def test_the_rate_of_a_run_with_lost_frames_is_that_of_the_others():
    stamps = np.round(np.delete(np.arange(200) / 29.97, range(5, 190, 7)), 4)
    assert rate_of(stamps) == 29.97
    with pytest.raises(ValueError, match="one frame"):
        rate_of(stamps[:1])


def test_between_measurements_is_a_straight_line_and_in_gaps_nothing():
    stamps, values = np.array([0.0, 0.1, 0.2, 0.6, 0.7]), np.array([[0.0], [1], [2], [6], [5]])
    times = np.array([-0.1, 0.0, 0.05, 0.2001, 0.4, 0.65, 0.8])
    np.testing.assert_allclose(sample(stamps, values, times, most=0.15)[:, 0], [np.nan, 0, 0.5, 2, np.nan, 5.5, np.nan])
    np.testing.assert_allclose(sample(stamps, values, times, most=0.5)[4, 0], 4)
    assert gap_from(stamps, 0) == pytest.approx(0.15, abs=1e-5)
    assert gap_from(stamps, 0.5) == pytest.approx(0.5, abs=1e-5)


@pytest.mark.parametrize("jitter", [0.0, 0.008])
def test_smoothing_takes_the_noise_and_shifts_nothing(jitter):
    random = np.random.default_rng(3)
    times = np.arange(300) / RATE
    stamps = times + random.uniform(-jitter, jitter, 300)
    slow = np.sin(2 * np.pi * stamps)[:, None]
    noise = random.normal(0, 0.1, (300, 1))
    found = smooth(stamps, slow + noise, 5, most=0.1)
    inner = slice(15, -15)
    assert (found - slow)[inner].std() < 0.7 * noise[inner].std()
    lags = [np.abs(np.interp(stamps + lag, stamps, found[:, 0]) - slow[:, 0])[inner].mean() for lag in (-0.03, 0, 0.03)]
    assert np.argmin(lags) == 1
    undisturbed = smooth(stamps, slow, 5, most=0.1)
    np.testing.assert_allclose(undisturbed[inner], slow[inner], atol=0.02)


def test_smoothing_does_not_reach_across_a_gap():
    stamps = np.concatenate([np.arange(30), np.arange(60, 90)]) / RATE
    values = np.repeat([[0.0], [1.0]], 30, axis=0)
    np.testing.assert_allclose(smooth(stamps, values, 6, most=0.05), values, atol=1e-6)


def test_short_stretches_are_smoothed_or_left_alone():
    for count in (1, 2, 3, 5):
        values = np.ones((count, 2))
        np.testing.assert_allclose(smooth(TIMES[:count], values, 6, most=0.05), values)


@pytest.mark.parametrize("tilt", [-15, 0, 15])
def test_people_stand_upright_on_the_floor_however_the_camera_is_held(tmp_path, tilt):
    path = tmp_path / "tilted.jsonl"
    people = {n: (0, walker(TIMES, x=n - 2, depth=depth, tilt=tilt), ()) for n, depth in ((1, 2.5), (2, 4), (3, 8))}
    write_record(path, people, len(TIMES))
    run = read(path)
    matrix = camera_to_level(run.tracks)
    assert np.linalg.det(matrix[:3, :3]) == pytest.approx(1)
    expected = walker(TIMES, x=-1, depth=2.5) * (1, -1, -1) + (0, CAMERA_HEIGHT, 0)
    found = moved(matrix, run.tracks[0].joints)
    lean = found[:, 8] - found[:, 0]
    assert np.degrees(np.arccos(lean[:, 1] / np.linalg.norm(lean, axis=-1))).max() < 3
    assert np.abs(found - expected).max() < 0.25
