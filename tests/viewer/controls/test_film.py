import numpy as np

from duopose.viewer.controls.film import SPAN, WIDEST, Recent, before
from tests.viewer.scenes import make_scene, person


def film(stamps, video=None):
    made = Recent()
    for number, stamp in enumerate(stamps):
        made.add(make_scene([person(0, 4)], number=number, stamp=stamp), video)
    return made


def test_a_film_holds_the_last_seconds():
    made = film(np.arange(0, 2 * SPAN, 0.5).tolist())
    assert made.stamp(len(made) - 1) - made.stamp(0) == SPAN
    assert made.scene(0).frame.stamp == SPAN - 0.5


def test_pictures_are_kept_smaller_and_nothing_is_kept_where_there_is_none():
    video = np.zeros((720, 1280, 3), np.uint8)
    video[:, :640] = 200, 30, 30
    kept = film([0.0], video).video(0)
    assert kept.shape == (360, WIDEST, 3)
    assert np.abs(kept[180, 100].astype(int) - (200, 30, 30)).max() < 8
    assert film([0.0]).video(0) is None


def test_what_was_before_a_place_goes_back_so_many_seconds():
    made = film([0.0, 1.0, 2.0, 3.0, 4.0])
    assert [scene.frame.number for scene in before(made, 3, 2.0)] == [1, 2, 3]
    assert [scene.frame.number for scene in before(made, 0, 2.0)] == [0]


def test_time_that_jumps_back_begins_anew():
    assert len(film([5.0, 6.0, 0.0, 1.0])) == 2
