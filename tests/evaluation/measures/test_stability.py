import numpy as np
import pytest

from duopose.evaluation.measures.stability import LIMBS, bone_spread, second_differences
from duopose.stream.skeleton import BODY17, BODY_PARENTS


def naive_second_differences(numbers, poses, known):
    at = {number: t for t, number in enumerate(numbers)}
    out = []
    for number, t in at.items():
        if number - 1 in at and number + 1 in at:
            before, after = at[number - 1], at[number + 1]
            for joint in LIMBS:
                if known[before, joint] and known[t, joint] and known[after, joint]:
                    change = poses[before, joint] - 2 * poses[t, joint] + poses[after, joint]
                    out.append(float(np.sqrt((change**2).sum())))
    return out


@pytest.mark.parametrize("count", [0, 1, 2, 3, 40])
def test_second_differences_equal_their_definition(count):
    """Some frames are missing, and some joints."""
    rng = np.random.default_rng(count)
    numbers = np.flatnonzero(rng.random(3 * count) < 0.8)[:count]
    poses, known = rng.normal(size=(len(numbers), 17, 3)), rng.random((len(numbers), 17)) < 0.9
    expected = naive_second_differences(numbers.tolist(), poses, known)
    assert sorted(second_differences(numbers, poses, known).tolist()) == pytest.approx(sorted(expected))
    assert count < 40 or len(expected) > 50


def test_the_limbs_are_elbows_wrists_knees_and_ankles():
    assert {BODY17[joint].split("_")[1] for joint in LIMBS} == {"elbow", "wrist", "knee", "ankle"}
    assert len(set(LIMBS)) == 8


def test_the_spread_of_bones_equals_its_definition():
    poses = np.random.default_rng(1).normal(size=(30, 17, 3))
    spreads = []
    for joint, parent in enumerate(BODY_PARENTS):
        if parent >= 0:
            lengths = [np.linalg.norm(pose[joint] - pose[parent]) for pose in poses]
            spreads.append(np.std(lengths) / np.mean(lengths))
    assert bone_spread(poses) == pytest.approx(100 * np.mean(spreads))
