"""One sequence for each camera, however often its run starts again: no number twice, no time that goes back."""

import msgspec
import numpy as np

from duopose.fleet.numbering import Numbering
from tests.viewer.scenes import make_scene, person


def scene(number, stamp=0.0, people=2):
    return make_scene([person(0, 4)] * people, number=number, stamp=stamp)


def told(scene):
    return scene and (scene.frame.number, round(scene.frame.stamp, 6), scene.ids.tolist())


def test_a_first_run_is_given_out_as_it_is():
    numbering, first = Numbering(), scene(3, 0.1)
    ids = first.ids.tolist()
    assert told(numbering.continued(first, "a", 10.0)) == (3, 0.1, ids)
    assert told(numbering.continued(scene(4, 0.2, people=0), "a", 10.1)) == (4, 0.2, [])


def test_the_next_run_goes_on_behind_the_last_with_other_people_and_the_time_that_passed():
    numbering = Numbering()
    first = numbering.continued(scene(99, 5.0), "a", 10.0)
    later = numbering.continued(scene(0, 0.0), "b", 22.0)
    assert later.frame.number == 100
    assert later.frame.stamp == 5.0 + 12.0
    assert set(later.ids.tolist()).isdisjoint(first.ids.tolist())
    assert later.ids.dtype == np.int32
    assert numbering.continued(scene(1, 0.5), "b", 22.5).frame.number == 101
    third = numbering.continued(scene(0, 0.0), "c", 30.0)
    assert third.frame.number == 102
    assert min(third.ids) > max(later.ids)


def test_what_came_before_does_not_come_again():
    numbering = Numbering()
    assert numbering.continued(scene(0), "a", 0.0)
    assert numbering.continued(scene(0), "a", 0.1) is None
    assert numbering.continued(scene(0), "b", 0.2)
    assert numbering.continued(scene(5), "a", 0.3) is None  # late words of a run that is over
    assert numbering.continued(scene(1), "b", 0.4).frame.number == 2


def test_who_has_no_identity_gets_none():
    numbering = Numbering()
    numbering.continued(scene(0), "a", 0.0)
    nobody = msgspec.structs.replace(scene(0, people=1), ids=np.int32([0]))
    assert numbering.continued(nobody, "b", 1.0).ids.tolist() == [0]


def test_a_camera_goes_on_under_another_name_above_what_was_given_out_there():
    here, there = Numbering(), Numbering()
    here.continued(scene(10, 1.0), "a", 0.0)
    there.continued(scene(50, 1.0), "x", 0.0)
    assert here.renamed(None).continued(scene(11, 2.0), "a", 1.0).frame.number == 11
    moved = here.renamed(there)
    assert moved.continued(scene(11, 2.0), "a", 1.0).frame.number == 51
    assert moved.continued(scene(11, 2.0), "a", 1.1) is None
    assert here.last == 10  # who takes the old name goes on from there
