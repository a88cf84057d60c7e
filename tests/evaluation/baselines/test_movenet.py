"""MoveNet beside ours: decoding and the way back to the picture, on maps made by hand."""

import numpy as np
import pytest
import torch

from duopose.evaluation.baselines import movenet
from duopose.stream.errors import UsageError


def blank(height=64, width=64):
    heads = {"center": 1, "kpt_heatmap": 17, "kpt_regress": 34, "kpt_offset": 34, "box_scale": 2, "box_offset": 2}
    return {name: np.zeros((height, width, outputs), np.float32) for name, outputs in heads.items()}


def test_boxes_lie_around_the_centres_best_first_and_end_with_the_picture():
    maps = blank()
    for (y, x), score, sides in (((20, 30), 0.5, (10, 6)), ((2, 50), 0.9, (20, 8)), ((40, 40), 0.001, (8, 8))):
        maps["center"][y, x], maps["box_scale"][y, x] = score, sides
    maps["box_offset"][20, 30] = 1, 2
    boxes, scores = movenet.boxes_of(maps)
    np.testing.assert_allclose(scores, [0.9, 0.5])
    np.testing.assert_allclose(boxes, [[46 * 4, 0, 8 * 4, 12 * 4], [29 * 4, 16 * 4, 6 * 4, 10 * 4]])


def test_a_joint_is_where_the_person_in_the_middle_expects_it():
    maps = blank()
    maps["center"][32, 31], maps["center"][5, 5] = 0.6, 0.9  # the second is nearer to the edge, so somebody else
    maps["kpt_regress"][32, 31, 4:6] = -10, 3
    maps["kpt_heatmap"][23, 34, 2] = 0.5  # a cell beside what is expected
    maps["kpt_heatmap"][60, 60, 2] = 0.9  # somebody else's
    maps["kpt_offset"][23, 34, 4:6] = 0.25, 0.5
    joints = movenet.joints_of(maps)
    np.testing.assert_allclose(joints[2], [(34 + 0.5) * 4, (23 + 0.25) * 4, 0.5])


class Whole(torch.nn.Module):
    """Sees a box around what is bright, and every joint in the middle of it."""

    def forward(self, pictures):
        _, _, height, width = pictures.shape
        maps = {
            name: torch.from_numpy(array).permute(2, 0, 1)[None]
            for name, array in blank(height // 4, width // 4).items()
        }
        maps |= {name: maps[name] - 9 for name in ("center", "kpt_heatmap")}
        maps = {name: array.repeat(len(pictures), 1, 1, 1) for name, array in maps.items()}
        for row, picture in enumerate(pictures):
            y, x = torch.nonzero(picture.mean(0) > 0, as_tuple=True)
            cell = int(y.float().mean() / 4), int(x.float().mean() / 4)
            maps["center"][row, 0, *cell] = maps["kpt_heatmap"][row, :, *cell] = 4
            maps["box_scale"][row, :, *cell] = torch.stack([y.max() - y.min(), x.max() - x.min()]) / 4
        return maps


def test_people_are_given_back_in_pixels_of_the_picture():
    picture = np.zeros((300, 500, 3), np.uint8)
    picture[90:210, 320:400] = 255
    found = movenet.find((Whole(), Whole()), picture)
    np.testing.assert_allclose(found.boxes, [[320, 90, 80, 120]], atol=8)
    np.testing.assert_allclose(found.coco[0, :, :2], np.tile([360, 150], (17, 1)), atol=4)
    assert found.scores == pytest.approx([(1 / (1 + np.exp(-4))) ** 2], abs=1e-4)


def test_a_picture_without_people_gives_nobody():
    found = movenet.find(
        (lambda pictures: {n: m - 9 for n, m in Whole()(pictures).items()}, None), np.full((64, 64, 3), 255, np.uint8)
    )
    assert found.coco.shape == (0, 17, 3)


def test_missing_models_are_named(tmp_path):
    with pytest.raises(UsageError, match=r"movenet-multipose\.json is missing"):
        movenet.load(tmp_path)
