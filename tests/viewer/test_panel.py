import numpy as np

from duopose.viewer.panel import tags
from duopose.viewer.theme import DARK


def test_tags_do_not_cover_each_other():
    points = np.float64([(100, 50), (104, 52), (101, 49)])
    placed = tags([1, 2, 3], [3.0, 3.1, 3.2], np.ones((3, 3), np.float32), points, np.float64([1, 2, 3]), 15, DARK)
    taken = np.zeros((300, 300), int)
    for tag, left, top in placed:
        taken[top + 150 : top + 150 + tag.shape[0], left : left + tag.shape[1]] += 1
    assert len(placed) == 3
    assert taken.max() == 1
