"""A movement that is foretold: steady ones are, sudden ones lower the trust, rest raises it."""

import numpy as np
import pytest

from duopose.nodes.fusion.motion import COAST, JUMP, MOST_TRUST, Motion, bones_of, joints_of, lag_ms
from duopose.stream.skeleton import L_WRIST
from tests.painted import upright

STEP = 1 / 30  # s
HERE = upright().astype(float) + [0.3, 0.1, 4]


def at(metres):
    """The person with the left wrist so far to the side."""
    joints = HERE.copy()
    joints[L_WRIST, 0] += metres
    return joints


def after(*wrists):
    """A person whose wrist was found there, frame by frame -> the last prediction and its trust."""
    motion, told = Motion(), None
    for metres in wrists:
        if motion.bones is not None:
            told = motion.predict(at(metres), STEP, smooth=1.0)
        motion.update(at(metres))
    return told


def test_bones_and_joints_are_two_ways_to_say_the_same():
    np.testing.assert_allclose(joints_of(bones_of(HERE)), HERE)
    np.testing.assert_allclose(bones_of(HERE)[0], HERE[0])


def test_someone_at_rest_is_expected_where_they_are_and_trust_is_full():
    predicted, trust = after(0, 0, 0)
    np.testing.assert_allclose(predicted, HERE)
    np.testing.assert_allclose(trust, MOST_TRUST, rtol=1e-6)


def test_a_movement_goes_on_a_little_slower():
    predicted, _ = after(0, 0.01, 0.02)
    np.testing.assert_allclose(predicted[L_WRIST, 0] - HERE[L_WRIST, 0], 0.01 + 0.01 * np.exp(-STEP / COAST))


def test_trust_falls_for_a_bone_that_sets_off_and_for_no_other():
    _, trust = after(*[0] * 5, *np.arange(6) * 0.03)
    assert trust[L_WRIST] < 0.4 * MOST_TRUST
    assert (np.delete(trust, L_WRIST) > 0.99 * MOST_TRUST).all()


def test_trust_stays_where_a_joint_only_trembles():
    trembling = 0.01 * np.random.default_rng(0).normal(0, 1, 40)
    _, trust = after(*trembling)
    assert trust[L_WRIST] > 0.6 * MOST_TRUST


def test_trust_is_in_proportion_to_smooth_and_to_the_frames_a_second():
    motion = Motion()
    motion.update(HERE)
    whole = motion.predict(HERE, STEP, 1.0)[1]
    np.testing.assert_allclose(motion.predict(HERE, STEP, 0.25)[1], whole / 4)
    np.testing.assert_allclose(motion.predict(HERE, 3 * STEP, 1.0)[1], whole / 3)


@pytest.mark.parametrize("factor", [0.9, 1.1])
def test_someone_who_is_suddenly_elsewhere_starts_anew(factor):
    motion = Motion()
    motion.update(HERE)
    seen = HERE + [factor * JUMP * STEP, 0, 0]
    predicted, trust = motion.predict(seen, STEP, 1.0)
    assert (trust == 0).all() == (factor > 1)
    np.testing.assert_allclose(predicted, seen if factor > 1 else HERE)
    motion.update(seen)  # and goes on
    assert np.isfinite(motion.predict(seen, STEP, 1.0)[0]).all()


def test_the_lag_is_told_in_whole_milliseconds():
    assert (lag_ms(0.0), lag_ms(0.5), lag_ms(1.0)) == (0, 28, 55)
