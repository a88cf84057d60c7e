import numpy as np
import pytest

from duopose.nodes.bottom_up.completion import UPRIGHT, complete
from duopose.stream.skeleton import BODY17, BODY_PARENTS
from tests.painted import upright


def lacking(*names, turned=False):
    pose = upright() * (-1, 1, -1) if turned else upright()
    confidence = np.ones((1, 17), np.float32)
    confidence[0, [BODY17.index(name) for name in names]] = 0
    return np.where(confidence[..., None] > 0, pose[None], 0).astype(np.float32), confidence, pose


def test_nobody_stays_nobody():
    assert complete(np.zeros((0, 17, 3), np.float32), np.zeros((0, 17), np.float32)).shape == (0, 17, 3)


def test_a_complete_pose_is_left_as_it_is():
    pose, confidence, _ = lacking()
    np.testing.assert_array_equal(complete(pose, confidence), pose)


@pytest.mark.parametrize("turned", [False, True])
def test_someone_who_stands_upright_is_completed_exactly(turned):
    pose, confidence, expect = lacking("pelvis", "right_hip", "left_knee", "left_ankle", "head_top", turned=turned)
    np.testing.assert_allclose(complete(pose, confidence)[0], expect, atol=1e-5)


def test_a_head_alone_is_enough():
    pose, confidence, expect = lacking(*(name for name in BODY17 if name not in ("nose", "head_top")))
    np.testing.assert_allclose(complete(pose, confidence)[0], expect, atol=1e-5)


def test_somebody_without_any_joint_is_an_error():
    with pytest.raises(ValueError, match="person 0 of 1"):
        complete(np.zeros((1, 17, 3), np.float32), np.zeros((1, 17), np.float32))


def test_every_joint_but_the_pelvis_has_a_bone():
    lengths = np.linalg.norm(UPRIGHT, axis=1)
    assert ((lengths > 0) == (np.array(BODY_PARENTS) >= 0)).all()
