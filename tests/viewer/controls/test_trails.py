import numpy as np

from duopose.stream.skeleton import COCO17
from duopose.viewer.controls.trails import GAP, SPAN, pieces
from tests.viewer.scenes import make_scene, person


def test_one_scene_has_no_trails_and_neither_has_nobody():
    for people in ([], [person(0, 4)]):
        assert len(pieces([make_scene(people)]).ids) == 0
    assert len(pieces([make_scene([], stamp=0.0), make_scene([], stamp=0.1)]).ids) == 0


def test_a_trail_leads_from_scene_to_scene_and_fades():
    scenes = [make_scene([person(x, 4), person(2, 6)], ids=[7, 3], stamp=x) for x in (0.0, 0.5, 1.0)]
    found = pieces(scenes)
    mine = found.ids == 7
    np.testing.assert_allclose(found.joints[mine, :, 0, 0], [(0, 0.5), (0.5, 1)], atol=1e-6)
    np.testing.assert_allclose(found.fresh[mine], [1 - 0.5 / SPAN, 1])
    assert (found.ids == 3).sum() == 2


def test_a_trail_bridges_no_gap():
    stamps = (0.0, 0.1, 0.1 + 1.1 * GAP, 0.2 + 1.1 * GAP)
    assert len(pieces([make_scene([person(0, 4)], stamp=stamp) for stamp in stamps]).ids) == 2


def test_a_hand_that_was_not_measured_leaves_none():
    scenes = [make_scene([person(0, 4)], stamp=stamp) for stamp in (0.0, 0.1)]
    scenes[1].coco[0, COCO17.index("left_wrist")] = 0
    assert pieces(scenes).seen.tolist() == [[True, True, False]]
