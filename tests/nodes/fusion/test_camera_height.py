"""A camera whose height is known puts sizes right, and a lens where that can be told; else it changes nothing."""

import msgspec
import numpy as np
import pytest

from duopose.nodes.fusion.camera_height import CameraHeight, moved, turns
from duopose.nodes.fusion.fusion import Fusion
from duopose.stream.skeleton import PELVIS, coco_to_body
from tests.duopose.calibrate.walkers import focal_of, scenes
from tests.nodes.fusion.test_fusion import mean, poses

BEGUN = 12.0  # s, after which the floor is known
NOISE, SIZES = 0.04, 0.05  # of a pose's size, in each frame and for each person, as a share


def seen(lens, high=2.6, tilt=20.0, seed=0, **how):
    """Yield scenes of people who walk, and their poses as networks see them that take the lens for `lens` times too
    long: float32 [N, 17, 3]."""
    rng, sizes = np.random.default_rng(seed), None
    for scene in scenes(tilt=tilt, field=60.0, high=high, seconds=16, seed=seed, **how):
        sizes = rng.normal(0, SIZES, len(scene.ids)) if sizes is None else sizes
        off = sizes + rng.normal(0, NOISE, len(sizes))
        yield scene, moved(scene.joints, -off, -np.log(lens))


def errors(node, shown):
    """Median error of the roots' depth, as a share: before and after; and the last Frame."""
    before, after, last = [], [], None
    for scene, wrong in shown:
        measured = coco_to_body(scene.coco)[..., 2]
        last, (out,) = node.step(scene.frame, scene.ids, [wrong], measured)
        if scene.frame.stamp >= BEGUN:
            truth = scene.joints[:, PELVIS, 2]
            before.extend(np.abs(wrong[:, PELVIS, 2] / truth - 1))
            after.extend(np.abs(out[:, PELVIS, 2] / truth - 1))
    return np.median(before), np.median(after), last


@pytest.mark.parametrize(("lens", "high", "tilt"), [(1.2, 2.6, 15.0), (1 / 1.2, 2.6, 24.0), (1.2, 3.5, 35.0)])
def test_a_lens_that_is_a_fifth_off_is_put_right(lens, high, tilt):
    before, after, frame = errors(CameraHeight(high), seen(lens, high, tilt))
    assert before > 0.1
    assert after < before / 2
    assert frame.camera.fx == pytest.approx(focal_of(60.0) / lens, rel=0.07)
    assert frame.camera.origin == "default+height"


def test_with_the_right_lens_people_become_as_large_as_they_are_and_it_stays():
    node, before, after = CameraHeight(2.6), [], []
    for scene, wrong in seen(1.0, seed=1):
        frame, (out,) = node.step(scene.frame, scene.ids, [wrong], coco_to_body(scene.coco)[..., 2])
        if scene.frame.stamp >= BEGUN:
            before.append(wrong[:, PELVIS, 2] / scene.joints[:, PELVIS, 2] - 1)
            after.append(out[:, PELVIS, 2] / scene.joints[:, PELVIS, 2] - 1)
    assert np.abs(np.median(after, 0)).mean() < np.abs(np.median(before, 0)).mean() / 2
    assert frame.camera.fx == pytest.approx(focal_of(60.0), rel=0.05)


def test_a_level_camera_keeps_its_lens():
    node = CameraHeight(1.5)
    _, _, frame = errors(node, seen(1.2, high=1.5, tilt=1.0))
    assert frame.camera.fx == pytest.approx(focal_of(60.0), rel=1e-3)


def test_a_measured_lens_is_not_asked():
    node = CameraHeight(2.6)
    for scene, wrong in seen(1.0):
        camera = msgspec.structs.replace(scene.frame.camera, origin="file")
        frame = msgspec.structs.replace(scene.frame, camera=camera)
        last, _ = node.step(frame, scene.ids, [wrong], coco_to_body(scene.coco)[..., 2])
    assert last.camera.fx == pytest.approx(camera.fx, rel=1e-3)
    assert last.camera.origin == "file+height"


@pytest.mark.parametrize("case", ["no feet", "sitting", "nobody says"])
def test_nothing_changes_where_the_floor_is_not_known(case):
    node = CameraHeight(None if case == "nobody says" else 2.6)
    for scene, wrong in seen(1.2, sit=case == "sitting"):
        measured = coco_to_body(scene.coco)[..., 2]
        if case == "no feet":
            measured[:, [3, 6]] = 0
        frame, (out,) = node.step(scene.frame, scene.ids, [wrong], measured)
        assert frame is scene.frame
        assert out is wrong


def test_a_wrong_height_of_the_camera_makes_everything_so_much_too_large():
    """The other way round: it is believed."""
    node = CameraHeight(1.1 * 2.6)
    for scene, wrong in seen(1.0):
        _, (out,) = node.step(scene.frame, scene.ids, [wrong], coco_to_body(scene.coco)[..., 2])
    tall = np.linalg.norm(out[:, 8] - out[:, PELVIS], axis=1) / np.linalg.norm(
        scene.joints[:, 8] - scene.joints[:, PELVIS], axis=1
    )
    assert np.mean(tall) == pytest.approx(1.1, abs=0.05)


def test_poses_that_are_moved_and_moved_back_are_the_same():
    rng = np.random.default_rng(0)
    pose = (rng.normal(0, 0.4, (5, 17, 3)) + [1, -1, 5]).astype(np.float32)
    sizes = rng.normal(0, 0.1, 5)
    back = moved(moved(pose, sizes, 0.2), -sizes, -0.2)
    np.testing.assert_allclose(back, pose, atol=1e-5)


def test_rays_turn_onto_what_they_are_for_the_true_lens():
    places = np.array([[0.5, 1.0, 4.0], [0.0, 0.0, 3.0], [-1.0, 0.2, 2.0]])
    after = places * [1, 1, np.exp(-0.3)]
    turned = (turns(places, 0.3) @ places[..., None])[..., 0]
    np.testing.assert_allclose(np.cross(turned, after), 0, atol=1e-9)


def test_nobody_in_a_frame_is_no_trouble():
    node = CameraHeight(2.6)
    for scene, wrong in seen(1.2):
        node.step(scene.frame, scene.ids, [wrong], coco_to_body(scene.coco)[..., 2])
    nobody = np.zeros((0, 17, 3), np.float32)
    _, (out,) = node.step(scene.frame, np.zeros(0, np.int32), [nobody], np.zeros((0, 17), np.float32))
    assert out.shape == (0, 17, 3)


def test_fusion_leaves_the_camera_until_the_floor_is_known():
    scene = Fusion(mean, 20, camera_height=2.6).step(poses((-1, 3), (1, 5)), poses())
    assert "height" not in scene.frame.camera.origin
