import numpy as np
import pytest

from duopose.training.synthetic.bodies.body import blend_weights, chain, skin
from duopose.training.synthetic.moves.retarget import turn
from tests.training.synthetic.skeletons import RNG, rotations


def test_skinning_is_the_blend_of_the_bones():
    rng = RNG(0)
    heads, rest = rng.normal(size=(5, 3)).astype(np.float32), rng.normal(size=(40, 3)).astype(np.float32)
    turned, positions = rotations(5, rng), rng.normal(size=(5, 3)).astype(np.float32)
    bones = rng.integers(0, 5, (40, 9)).astype(np.int32)
    weights = rng.dirichlet(np.ones(9), 40).astype(np.float32)
    expect = np.zeros_like(rest)
    for v in range(40):
        for j, w in zip(bones[v], weights[v], strict=True):
            expect[v] += w * (turned[j] @ (rest[v] - heads[j]) + positions[j])
    np.testing.assert_allclose(skin(rest, bones, weights, heads, turned, positions), expect, atol=1e-5)


def test_a_chain_of_unturned_bones_is_the_rest_pose_with_its_root_at_the_origin():
    heads = RNG(1).normal(size=(6, 3)).astype(np.float32)
    parents = np.array([-1, 0, 1, 1, 3, 0], np.int32)
    still = np.repeat(np.eye(3, dtype=np.float32)[None], 6, 0)
    np.testing.assert_allclose(chain(heads, parents, still), heads - heads[0], atol=1e-6)


def test_a_turned_bone_carries_its_children_along():
    heads = np.array([[0, 0, 0], [0, 0, 1], [0, 0, 2]], np.float32)
    turned = np.stack([np.eye(3), turn([1.0, 0, 0], np.pi / 2), np.eye(3)]).astype(np.float32)
    np.testing.assert_allclose(chain(heads, np.array([-1, 0, 1], np.int32), turned)[2], [0, -1, 1], atol=1e-6)


def test_blended_weights_keep_the_strongest_and_sum_to_one():
    bones = np.array([[[0, 1, 2], [0, 1, 3], [0, 4, 2]]])
    weights = np.array([[[0.2, 0.1, 0.05], [0.2, 0.1, 0.05], [0.2, 0.05, 0.05]]], np.float32)
    kept, share = blend_weights(bones, weights, 12)
    assert kept.shape == share.shape == (1, 9)
    assert kept[0, 0] == 0
    assert share[0, 0] == pytest.approx(0.6)
    assert share.sum() == pytest.approx(1)
