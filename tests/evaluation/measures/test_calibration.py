import numpy as np
import pytest

from duopose.evaluation.measures import calibration
from duopose.evaluation.measures.honest import Met, Pair


def drawn(count, depth_sd, joint_sd, said_depth, said_joints, seed=0):
    """People whose errors are normal with these standard deviations, of whom others may be said."""
    rng = np.random.default_rng(seed)
    pairs = []
    for _ in range(count):
        joints = rng.uniform([-1, -1, 3], [1, 1, 5], (17, 3))
        pose = joints + rng.normal(0, joint_sd / 1000, (17, 3))
        pose[0] = joints[0]
        pose += joints[0] * (np.exp(rng.normal(0, depth_sd)) - 1)
        met = Met(1, None, None, None, said_depth, np.full(17, said_joints))
        pairs.append(Pair(joints, np.ones(17, bool), joints[0], {"fused": pose}, met=met))
    return pairs


def test_what_is_rightly_said_holds_68_percent():
    # In three dimensions 68.3 % of normal errors lie within 1.88 standard deviations of a coordinate.
    row = calibration.figures(drawn(500, 0.05, 40, 0.05, 1.88 * 40.0), "fused")
    assert row["depth"] == pytest.approx(68.3, abs=6)
    assert row["joints"] == pytest.approx(68.3, abs=1.5)


def test_too_bold_and_too_shy_ones_are_told_apart():
    bold = calibration.figures(drawn(200, 0.05, 40, 0.02, 10.0), "fused")
    shy = calibration.figures(drawn(200, 0.05, 40, 0.2, 200.0), "fused")
    assert bold["depth"] < 40 < 95 < shy["depth"]
    assert bold["joints"] < 40 < 95 < shy["joints"]


def test_what_a_record_does_not_say_is_said():
    without = [pair._replace(met=pair.met._replace(joint_sd=None)) for pair in drawn(3, 0.05, 40, 0.05, 40.0)]
    row = calibration.figures(without, "fused")
    assert (row["people"], row["joints"], row["joint_sd"]) == (3, calibration.MISSING, calibration.MISSING)
    assert row["depth_sd"] == pytest.approx(5)
    nobody = [pair._replace(poses={}, met=None) for pair in without]
    assert calibration.figures(nobody, "fused") == {"people": 0} | dict.fromkeys(
        ("depth", "depth_sd", "joints", "joint_sd"), calibration.MISSING
    )
