"""What `duopose bench smooth` measures, on movements whose figures are known."""

import numpy as np
import pytest

from duopose.benchmarks import smooth
from duopose.stream.errors import UsageError
from duopose.stream.skeleton import PELVIS
from tests.painted import upright


def swinging(frames=90, late=0.0):
    """Someone whose limbs swing once in two seconds, so many frames late: [T, 17, 3]."""
    joints = np.repeat(upright()[None] + [0.0, 0.0, 4.0], frames, 0)
    joints[:, smooth.LIMBS, 0] += 0.2 * np.sin(2 * np.pi * (np.arange(frames) - late) / 60)[:, None]
    return joints


@pytest.mark.parametrize("late", [0.0, 1.0, 2.5])
def test_a_lag_is_told_to_a_tenth_of_a_frame(late):
    assert smooth.lag([smooth.Run(swinging(late=late), swinging())]) == pytest.approx(late * 1000 / 30, abs=3)


def test_without_a_run_of_two_seconds_there_is_no_lag():
    assert np.isnan(smooth.lag([smooth.Run(swinging(30), swinging(30))]))


def test_shaking_is_the_second_difference_of_the_limbs():
    joints = swinging(5) * 0
    joints[2, smooth.LIMBS, 0] = 0.01
    joints[2, PELVIS] = 1.0  # no limb
    assert smooth.shake(joints).reshape(3, -1).mean(1).tolist() == pytest.approx([0.01, 0.02, 0.01])


def test_bones_that_breathe_after_the_first_second():
    breath = np.where(np.arange(90) % 2, 1.02, 0.98)[:, None, None]
    one = smooth.Run(upright()[None] * breath, swinging())
    assert smooth.bones([one]) == pytest.approx(2.0)
    assert np.isnan(smooth.bones([smooth.Run(swinging(40), swinging(40))]))


def test_a_gap_parts_a_track():
    pose = upright()
    runs = smooth.unbroken([(number, pose, pose) for number in (0, 1, 2, 3, 7, 8, 9, 20)])
    assert [len(run.pose) for run in runs] == [4, 3]


def test_a_folder_without_clips_is_refused(tmp_path):
    with pytest.raises(UsageError, match="no clip with its truth"):
        smooth.main([str(tmp_path)])
