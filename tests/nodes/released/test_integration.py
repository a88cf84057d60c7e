import numpy as np
import pytest
import torch

from duopose.networks.released.bottom_up import BottomUp as BottomUpNetwork
from duopose.networks.released.checkpoints import NETWORKS
from duopose.networks.released.heads import Integration as IntegrationNetwork
from duopose.networks.released.skeletons import FROM_MUPOTS, MUPOTS17
from duopose.nodes.fusion.fusion import BOTTOM_UP, TOP_DOWN, Fusion
from duopose.nodes.released.bottom_up import BottomUp
from duopose.nodes.released.integration import Integration
from duopose.nodes.released.lifting import Lifting
from duopose.nodes.top_down.delayed import Delayed
from duopose.stream.messages import Scene
from duopose.stream.skeleton import PELVIS
from duopose.stream.wire import decode as unpack
from duopose.stream.wire import encode
from tests.nodes.released.stand_ins import Painted, numpy, pictured, turned
from tests.painted import frame, paint, people


def test_equal_poses_blend_to_themselves_and_lone_ones_stay():
    torch.manual_seed(0)
    step = Integration(numpy(IntegrationNetwork().eval())).step
    one, two = pictured(-0.5, 3.0)[0], pictured(0.7, 5.0)[0]
    none = np.full((17, 3), np.nan, np.float32)
    top, bottom = np.stack([one, two, none]), np.stack([one, none, two])
    sure = np.ones((3, 17), np.float32)
    np.testing.assert_allclose(step(top, sure, bottom, sure).joints, np.stack([one, two, two]), atol=1e-4)
    empty = np.zeros((0, 17, 3), np.float32)
    assert step(empty, sure[:0], empty, sure[:0]).joints.shape == (0, 17, 3)


def test_the_network_is_shown_mupots_poses_and_its_weights_are_obeyed():
    seen = []

    def blend(poses, depths):
        seen.append((poses, depths))
        return poses[:, 51:].reshape(-1, 3, 17), depths[:, :1] * 2 - depths[:, 1:]

    top, bottom = pictured(0.5, 3.0)[0], pictured(0.6, 4.0)[0]
    bottom = bottom[PELVIS] + 1.5 * (bottom - bottom[PELVIS])
    sure = np.ones((1, 17), np.float32)
    (fused,) = Integration(blend).step(top[None], sure, bottom[None], sure).joints
    poses, depths = seen[0]
    relative = (top - top[PELVIS])[MUPOTS17]
    np.testing.assert_allclose(poses[0, :51].reshape(3, 17).T, relative, atol=1e-5)
    np.testing.assert_allclose(poses[0, 51:].reshape(3, 17).T, relative, atol=1e-4)  # turned and scaled onto it
    np.testing.assert_allclose(depths[0], [3, 4], atol=1e-5)
    assert fused[PELVIS, 2] == pytest.approx(2, abs=1e-4)
    assert fused[PELVIS, 0] / fused[PELVIS, 2] == pytest.approx(0.5 / 3, abs=1e-4)
    np.testing.assert_allclose(fused - fused[PELVIS], top - top[PELVIS], atol=1e-4)
    assert [MUPOTS17[joint] for joint in FROM_MUPOTS] == list(range(17))


def test_random_weights_make_a_scene_that_says_who_was_seen_by_whom(random, true):
    """Two people seen by the top-down branch, one of them and a third by the bottom-up branch."""
    torch.manual_seed(0)
    network = BottomUpNetwork(width=8).eval()
    network.heads[0].last.bias.data.fill_(0.3)  # heatmaps high enough for peaks
    (one, first), (_, second), (_, third) = pictured(-0.8, 3.5), pictured(0.2, 4.0), pictured(1.2, 4.5)
    picture, seen = paint([first, second, third]), people([first, second], frame())
    transform = numpy(NETWORKS["trans"].make().eval())
    for poses in (
        BottomUp(numpy(network), transform, 5).step(picture, seen),  # wherever random maps see people
        BottomUp(Painted([3.5, 4.0, 4.5]), transform, 20).step(picture, seen),
    ):
        assert len(poses.ids) >= 3
        assert np.isfinite(poses.joints).all()
        assert poses.confidence.min() >= 0
        assert poses.confidence.max() <= 1
        (top,) = Delayed(Lifting(random), 0).add(seen)
        fusion = Fusion(Integration(numpy(IntegrationNetwork().eval())).step, 20)
        scene = unpack(Scene, encode(fusion.step(top, poses)))
        assert len(scene.ids) >= 2
        assert np.isfinite(scene.joints).all()
        assert set(scene.sources.tolist()) <= {TOP_DOWN, BOTTOM_UP, TOP_DOWN | BOTTOM_UP}
        np.testing.assert_array_equal(np.isfinite(scene.top_down).all((1, 2)), scene.sources & TOP_DOWN > 0)
        np.testing.assert_array_equal(np.isfinite(scene.bottom_up).all((1, 2)), scene.sources & BOTTOM_UP > 0)
    (top,) = Delayed(Lifting(true), 0).add(seen)
    poses = BottomUp(Painted([3.5, 4.0, 4.5]), turned(one - one[PELVIS]), 20).step(picture, seen)
    scene = Fusion(Integration(numpy(IntegrationNetwork().eval())).step, 20).step(top, poses)
    assert sorted(scene.sources.tolist()) == [BOTTOM_UP, TOP_DOWN | BOTTOM_UP, TOP_DOWN | BOTTOM_UP]
    assert len(set(scene.ids.tolist())) == 3
    np.testing.assert_allclose(np.sort(scene.joints[:, PELVIS, 2]), [3.5, 4.0, 4.5], rtol=0.1)
