import numpy as np
import pytest

from duopose.nodes.extents import extents
from duopose.nodes.fusion import identities
from duopose.nodes.fusion.identities import Identities
from duopose.nodes.tracking import FORGET, GAP, Found
from tests.painted import standing


def step(scene, stamp, *tracked, alone=()):
    """Identities of people: `tracked` = (top-down identity, x) each, then those that bottom-up alone saw at x."""
    poses = np.array([standing(x, 240) for x in [*(x for _, x in tracked), *alone]], np.float32).reshape(-1, 17, 3)
    found = Found(poses, extents(poses), np.full(len(poses), 0.9, np.float32))
    return scene.step(stamp, np.array([track for track, _ in tracked], np.int32), found).tolist()


def test_nobody_has_no_identity():
    assert step(Identities(), 0.0) == []


def test_people_keep_the_identity_that_their_track_had_first():
    scene = Identities()
    assert step(scene, 0.0, (7, 100), (9, 400)) == [1, 2]
    assert step(scene, 0.1, (9, 400), (7, 100)) == [2, 1]


def test_a_track_keeps_its_identity_while_the_bottom_up_branch_alone_sees_the_person():
    scene = Identities()
    step(scene, 0.0, (7, 100))
    assert step(scene, 0.1, alone=[104]) == [1]
    assert step(scene, 0.2, (7, 108)) == [1]


def test_someone_first_seen_by_the_bottom_up_branch_keeps_the_identity_once_tracked():
    scene = Identities()
    assert step(scene, 0.0, (7, 100), alone=[400]) == [1, 2]
    assert step(scene, 0.1, (7, 100), (8, 402)) == [1, 2]
    assert step(scene, 0.2, (7, 100), (8, 404)) == [1, 2]


def test_a_new_track_beside_a_lost_one_is_someone_new():
    """The top-down tracker, which sees the clothes, has said so."""
    scene = Identities()
    step(scene, 0.0, (7, 100))
    assert step(scene, 0.1, (8, 102)) == [2]


def test_people_of_one_frame_never_share_an_identity():
    scene = Identities()
    step(scene, 0.0, (7, 100))
    assert step(scene, 0.1, (7, 100), alone=[104]) == [1, 2]


def test_the_identity_of_a_known_track_survives_a_long_absence():
    scene = Identities()
    step(scene, 0.0, (7, 100))
    step(scene, 2 * FORGET)
    assert step(scene, 2 * FORGET + 0.1, (7, 100)) == [1]


def test_old_tracks_do_not_pile_up():
    scene = Identities()
    for track in range(1, identities.REMEMBERED + 50):
        step(scene, float(track), (track, 100))
    assert len(scene.of_track) == identities.REMEMBERED
    assert len(scene.tracker.tracks) < 10


@pytest.mark.parametrize("rate", [3, 2, 1])
def test_someone_the_bottom_up_branch_alone_sees_keeps_the_identity_however_slow_the_camera_is(rate):
    scene = Identities()
    for number in range(6):
        assert step(scene, number / rate, (7, 100), alone=[400 + number]) == [1, 2]


def test_after_a_long_gap_the_bottom_up_branch_sees_somebody_new():
    scene = Identities()
    step(scene, 0.0, alone=[400])
    assert step(scene, GAP + 0.1, alone=[400]) == [2]
