import numpy as np
import pytest

from duopose.nodes.released.lifting import FRAMES, HALF, THORAX, Lifting, Line, nearest_seen, normalise
from duopose.nodes.top_down.lifting import RATE
from duopose.stream.skeleton import BODY17, PELVIS
from tests.lifted import lift
from tests.nodes.released.stand_ins import someone
from tests.painted import CAMERA


def test_poses_stand_where_they_are_seen_at_depths_of_an_unknown_unit(true):
    lifting = Lifting(true)
    for z in (3.0, 6.0, 4.0):
        body, expect = someone(x=1.0, z=z)
        joints, confidence = lift(lifting, [1], body, z, CAMERA, False)
        np.testing.assert_allclose(joints[0], expect, atol=0.02)
        np.testing.assert_array_equal(confidence, 1)


def test_the_line_is_the_best_one_and_never_falls():
    line, rng = Line(), np.random.default_rng(0)
    raw = rng.normal(5, 2, 300)
    for one in raw.tolist():
        line.add(one, 0.3 * one + 2)
    np.testing.assert_allclose(line.metres(raw), (0.3 * raw + 2).clip(0.2), rtol=1e-4)
    against = Line()
    for one in raw.tolist():
        against.add(one, 20 - one)
    assert np.ptp(against.metres(raw)) == 0
    assert Line().metres(np.array([1.0, 9.0])).tolist() == pytest.approx([Line.FIRST] * 2)


def test_the_graph_network_sees_the_trunk_as_one_upwards():
    body, _ = someone()
    seen = normalise(body[..., :2])
    assert seen[0, PELVIS].tolist() == [0, 0]
    assert seen[0, THORAX, 1] == pytest.approx(1)
    assert seen[0, BODY17.index("left_ankle"), 1] < -1  # below the pelvis, y being up
    lying = normalise(body[..., [1, 0]])
    assert np.isfinite(lying).all()
    assert abs(lying).max() <= 10 + 1e-4


def test_a_joint_that_was_not_found_lies_at_the_nearest_one_that_was():
    body, _ = someone()
    wrist, elbow = BODY17.index("left_wrist"), BODY17.index("left_elbow")
    body[0, wrist] = 0
    filled = nearest_seen(body[..., :2], body[..., 2])
    np.testing.assert_array_equal(filled[0, wrist], body[0, elbow, :2])
    np.testing.assert_array_equal(np.delete(filled[0], wrist, 0), np.delete(body[0, :, :2], wrist, 0))


def walk(lifting, frames, until=None):
    """Someone walks to the right, a frame after the other -> what was answered: [(x of the pelvis in pixels / 915)]."""
    held, out = [], []
    for number in range(frames):
        body, _ = someone(x=number / 100)
        held.append(lifting.observe([1], body, number / RATE, CAMERA, False))
        while held and lifting.due(held[0], number / RATE):
            out.append(lifting.answer(held.pop(0)))
    return out


@pytest.mark.parametrize("lookahead", [0, HALF])
def test_the_window_lies_around_the_frame_that_is_answered(true, lookahead):
    answered = walk(Lifting(true, lookahead), 140)
    assert len(answered) == 140 - lookahead
    window = true.root_tcn.seen[-1][0][0].reshape(FRAMES, 17, 2)[:, PELVIS, 0]
    steps = np.diff(window) * 915 / 750 * 4 * 100  # frames of the walk
    first = max(HALF - len(answered) + 1, 0)
    np.testing.assert_allclose(steps[first:HALF], 1, atol=1e-2)  # what came before
    np.testing.assert_allclose(steps[:first], 0, atol=1e-3)  # before that nobody had been seen
    np.testing.assert_allclose(steps[HALF:], 1 if lookahead else 0, atol=1e-2)  # what comes after, or the newest again


def test_other_look_aheads_are_refused():
    with pytest.raises(ValueError, match="neither 0 nor 121"):
        Lifting(None, 7)


def test_random_weights_lift_anybody_to_finite_places(random):
    lifting, rng = Lifting(random), np.random.default_rng(0)
    for number in range(3):
        body = rng.uniform(0, 480, (4, 17, 3)).astype(np.float32)
        body[..., 2] = rng.uniform(0, 1, (4, 17)) * (rng.uniform(size=(4, 17)) < 0.7)
        body[0, 1:, 2] = 0  # a single joint
        joints, confidence = lift(lifting, [1, 2, 3, 4], body * (body[..., 2:] > 0), number / RATE, CAMERA, number == 2)
        assert joints.shape == (4, 17, 3)
        assert np.isfinite(joints).all()
        np.testing.assert_array_equal(confidence, body[..., 2])
    none = np.zeros((0, 17, 3), np.float32)
    assert lift(lifting, [], none, 1.0, CAMERA, False)[0].shape == (0, 17, 3)
