import numpy as np
import pytest

from duopose.kernels.camera import constants, project
from duopose.kernels.crop import apply, letterbox
from duopose.networks.released.skeletons import MUCO_TO_BODY
from duopose.nodes.released.bottom_up import BottomUp, decode, input_size
from duopose.stream.skeleton import BODY17, COCO17, PELVIS, coco_to_body
from duopose.stream.wire import decode as unpack
from duopose.stream.wire import encode
from tests import painted
from tests.nodes.released.stand_ins import Painted, pictured, turned
from tests.painted import CAMERA, frame, paint, people


def test_people_stand_where_maps_and_camera_say():
    (one, first), (two, second) = pictured(-0.7, 3.5), pictured(0.9, 5.0)
    node = BottomUp(Painted([3.5, 5.0]), turned(one - one[PELVIS]), 20)
    poses = node.step(paint([first, second]), people([first, second], frame()))
    assert (poses.ids == 0).all()
    order = np.argsort(poses.joints[:, PELVIS, 0])
    np.testing.assert_allclose(poses.joints[order, PELVIS, 2], [3.5, 5.0], atol=0.05)
    for person, body, coco in zip(order, (one, two), (first, second), strict=True):
        flat = body.copy()
        flat[:, 2] = body[PELVIS, 2]  # the painted network knows no depth beside the root's
        seen = project(np.ascontiguousarray(poses.joints[person]), *constants(CAMERA))
        expect = project(flat, *constants(CAMERA))
        np.testing.assert_allclose(seen[MUCO_TO_BODY], expect[MUCO_TO_BODY], atol=12)
        limbs = [COCO17.index(name) for name in ("left_wrist", "right_ankle", "left_hip")]
        np.testing.assert_allclose(poses.coco[person, limbs, :2], coco[limbs, :2], atol=2)
    assert (poses.coco[:, 1:5] == 0).all()  # eyes and ears are not among the 14
    assert (poses.confidence[:, BODY17.index("head_top")] == 0).all()
    assert (poses.confidence[:, BODY17.index("thorax")] > 0.5).all()


def test_the_guides_are_bodies_as_high_as_can_be():
    body, coco = pictured(0.0, 4.0)
    picture = paint([coco])
    coco[:, 2] *= 0.4
    coco[COCO17.index("left_wrist")] = 0
    node = BottomUp(Painted([4.0]), turned(body), 20)
    node.step(picture, people([coco], frame()))
    across, down = input_size(painted.WIDTH, painted.HEIGHT)
    affine = letterbox(painted.WIDTH, painted.HEIGHT, across, down)
    expect = apply(affine, coco_to_body(coco[None])[0])
    for plane, (x, y, score) in zip(node.network.guides, expect, strict=True):
        if score > 0:
            row, column = np.unravel_index(plane.argmax(), plane.shape)
            np.testing.assert_allclose((column, row), (x, y), atol=1)
            assert plane.max() > 250
            assert plane[row, column + 4] == pytest.approx(255 * np.exp(-0.5), abs=20)
        else:
            assert plane.max() == 0


def test_an_empty_frame_gives_nobody():
    poses = BottomUp(Painted([]), None, 20).step(paint([]), people([], frame()))
    assert poses.joints.shape == (0, 17, 3)
    assert unpack(type(poses), encode(poses)).coco.shape == (0, 17, 3)


def test_people_are_grouped_by_tags_of_one():
    heatmaps, tags = np.zeros((2, 14, 60, 60), np.float32)
    for person, column in enumerate((10, 40)):
        for joint in range(14):
            heatmaps[joint, 4 * joint + 3, column] = 0.9 - 0.1 * person
            tags[joint, :, 25 * person : 25 * person + 30] = 2 * person
    found = decode(heatmaps, tags, 20)
    np.testing.assert_allclose(found[..., 0].round(), [[10] * 14, [40] * 14])
    assert len(decode(heatmaps, tags, 1)) == 1
