"""The shipped image networks find the three rendered people of a packaged picture: boxes, joints, identity, depth."""

import numpy as np
import pytest

from duopose.kernels.boxes import iou_matrix
from duopose.kernels.crop import apply, crop_affine, invert, letterbox, warp
from duopose.kernels.render import draw_joints
from duopose.networks.runtime import load
from duopose.nodes.bottom_up.bottom_up import TYPICAL, input_size, read_root
from duopose.nodes.decoding import decode, to_cells
from duopose.nodes.detection.detection import Detection
from duopose.nodes.extents import extents
from duopose.training.images.rendered import Rendered
from tests.places import GOLDEN


@pytest.fixture(scope="module")
def picture():
    return Rendered([GOLDEN / "rendered"])[0]


def errors(seen, truth, box):
    """Distance of each seen joint that the truth knows, as a share of the person's size."""
    known = (truth[:, 2] > 0) & (seen[:, 2] > 0)
    return np.linalg.norm(seen[known, :2] - truth[known, :2], axis=1) / np.sqrt(box[2] * box[3])


def test_the_detector_boxes_everyone(picture):
    boxes, _ = Detection(load("detector")).detect(picture.image)
    assert (iou_matrix(boxes, picture.boxes).max(0) > 0.45).all()


def test_the_top_down_network_finds_the_joints_in_each_box(picture):
    network = load("top_down")
    for box, truth in zip(picture.boxes, picture.joints, strict=True):
        affine = crop_affine(box, 192, 256)
        heatmaps, tags = (maps[0] for maps in network(warp(picture.image, affine, 256, 192)[None]))
        seen = decode(heatmaps, tags)
        seen[..., :2] = apply(invert(affine), seen[..., :2])
        best = seen[iou_matrix(extents(seen), box[None])[:, 0].argmax()]
        assert (best[:, 2] > 0).sum() >= 10
        assert np.median(errors(best, truth, box)) < 0.06


def test_the_bottom_up_network_finds_everyone_and_how_far_away(picture):
    width, height = input_size(*picture.size)
    affine = letterbox(*picture.size, width, height)
    guide = apply(affine, picture.joints)
    guide[..., 2] = 0.8 * (guide[..., 2] > 0)
    sizes = np.sqrt(picture.boxes[:, 2] * picture.boxes[:, 3]) * affine[0, 0]
    planes = draw_joints(guide, sizes.astype(np.float32), height, width)
    frame = warp(picture.image, affine, height, width)
    heatmaps, tags, _, root = (maps[0] for maps in load("bottom_up")(frame[None], planes[None]))
    seen = decode(heatmaps, tags)
    root = read_root(root, to_cells(seen[..., :2]), seen[..., 2] > 0)
    depth = np.exp(root + TYPICAL) * picture.focal * affine[0, 0]
    seen[..., :2] = apply(invert(affine), seen[..., :2])
    overlap = iou_matrix(extents(seen), picture.boxes)
    assert (overlap.max(0) > 0.4).all()
    truth = picture.depths[:, 11:13].mean(1)
    np.testing.assert_allclose(depth[overlap.argmax(0)], truth, rtol=0.15)
