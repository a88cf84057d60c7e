import numpy as np
import pytest

from duopose.nodes.fusion.standing import stands
from duopose.stream.skeleton import L_ANKLE, L_HIP, L_KNEE, PELVIS, R_ANKLE, R_HIP, R_KNEE, THORAX


def person(bend):
    """Upright, both legs bent by so many degrees at the knee: float [1, 17, 3]."""
    joints = np.zeros((1, 17, 3))
    joints[0, THORAX, 1], back = -0.5, np.radians(bend)
    for x, hip, knee, ankle in ((0.1, R_HIP, R_KNEE, R_ANKLE), (-0.1, L_HIP, L_KNEE, L_ANKLE)):
        joints[0, [hip, knee, ankle], 0] = x
        joints[0, knee, 1] = 0.45
        joints[0, ankle, 1:] = 0.45 + 0.4 * np.cos(back), 0.4 * np.sin(back)
    return joints


@pytest.mark.parametrize(("bend", "standing"), [(0, True), (25, True), (35, False), (90, False)])
def test_who_bends_the_knees_does_not_stand(bend, standing):
    assert stands(person(bend), np.ones((1, 17)), np.radians(30)).tolist() == [standing]


def test_one_straight_leg_is_enough():
    joints = person(0)
    joints[0, L_ANKLE] = joints[0, L_KNEE] + (0, 0, 0.4)
    assert stands(joints, np.ones((1, 17)), np.radians(30)).all()


def test_who_bends_at_the_hips_does_not_stand():
    joints = person(0)
    joints[0, THORAX] = joints[0, PELVIS] + (0, 0, -0.5)
    assert not stands(joints, np.ones((1, 17)), np.radians(30)).any()


@pytest.mark.parametrize("joint", [R_HIP, L_KNEE, R_ANKLE])
def test_who_is_not_seen_from_ankles_to_hips_is_not_known_to_stand(joint):
    measured = np.ones((1, 17))
    measured[0, joint] = 0
    assert not stands(person(0), measured, np.radians(30)).any()
