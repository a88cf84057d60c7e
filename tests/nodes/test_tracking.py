import numpy as np
import pytest

from duopose.nodes.extents import extents
from duopose.nodes.tracking import ACTIVE, CONFIDENT, FORGET, GAP, MIN_AFFINITY, Found, Tracker
from tests.painted import standing

RED, BLUE, GREEN = np.eye(3, dtype=np.float32)
PALE_RED = 0.6 * RED + 0.4 * GREEN


def dressed(*colours):
    """Looks [N, 2, 3] of people who wear one colour each."""
    return np.repeat(np.array(colours, np.float32).reshape(-1, 1, 3), 2, axis=1)


def found(*poses, scores=None, colours=None):
    poses = np.array(poses, np.float32).reshape(-1, 17, 3)
    scores = np.full(len(poses), 0.9) if scores is None else scores
    return Found(poses, extents(poses), np.array(scores, np.float32), None if colours is None else dressed(*colours))


def walk(tracker, *paths, stamps, colours):
    """Identities [frames, people] of people who walk along straight paths ((x from, x to), ...); None = not seen."""
    out = []
    for step, stamp in enumerate(stamps):
        share = step / (len(stamps) - 1)
        there = [path for path in range(len(paths)) if paths[path](share) is not None]
        ids = tracker.step(stamp, found(*(paths[i](share) for i in there), colours=[colours[i] for i in there]))
        row = [0] * len(paths)
        for path, identity in zip(there, ids.tolist(), strict=True):
            row[path] = identity
        out.append(row)
    return np.array(out)


def test_nobody_has_no_identity():
    assert Tracker().step(0.0, found()).shape == (0,)


def test_identities_count_from_one():
    assert Tracker().step(0.0, found(standing(100, 240), standing(400, 240))).tolist() == [1, 2]


def test_a_tracker_can_start_counting_elsewhere():
    assert Tracker(first=18).step(0.0, found(standing(100, 240))).tolist() == [18]


def test_the_order_of_people_does_not_matter():
    tracker = Tracker()
    tracker.step(0.0, found(standing(100, 240), standing(400, 240)))
    assert tracker.step(0.1, found(standing(402, 240), standing(103, 240))).tolist() == [2, 1]


@pytest.mark.parametrize("rate", [5, 12, 30, 60])
def test_someone_who_walks_by_keeps_the_identity_at_any_frame_rate(rate):
    stamps = np.arange(0, 3, 1 / rate)
    ids = walk(Tracker(), lambda share: standing(100 + 450 * share, 240), stamps=stamps, colours=[RED])
    assert set(ids.ravel().tolist()) == {1}


@pytest.mark.parametrize("rate", [10, 30])
@pytest.mark.parametrize("colours", [(RED, BLUE), (RED, RED)])
def test_two_people_who_cross_keep_their_identities(rate, colours):
    def hidden_behind(share):  # the one in front covers the other while they are close
        return None if 0.44 < share < 0.56 else standing(500 - 400 * share, 236)

    stamps = np.arange(0, 3, 1 / rate)
    ids = walk(Tracker(), lambda share: standing(100 + 400 * share, 240), hidden_behind, stamps=stamps, colours=colours)
    assert set(ids[:, 0].tolist()) == {1}
    assert set(ids[:, 1].tolist()) == {0, 2}


def test_someone_out_of_sight_for_a_second_is_recognised_by_the_clothes():
    tracker = Tracker()
    for stamp in (0.0, 0.1, 0.2):
        tracker.step(stamp, found(standing(100, 240), standing(400, 240), colours=[RED, BLUE]))
    tracker.step(0.3, found(standing(400, 240), colours=[BLUE]))
    assert tracker.step(1.2, found(standing(400, 240), standing(140, 240), colours=[BLUE, RED])).tolist() == [2, 1]


@pytest.mark.parametrize(("stamp", "x", "colour"), [(1.2, 140, GREEN), (1.2, 600, RED), (0.4 + FORGET, 100, RED)])
def test_someone_new_gets_a_new_identity(stamp, x, colour):
    tracker = Tracker()
    for before in (0.0, 0.1, 0.2):
        tracker.step(before, found(standing(100, 240), colours=[RED]))
    for between in np.arange(0.3, stamp - 0.05, 0.1):
        tracker.step(between, found(colours=[]))
    assert tracker.step(stamp, found(standing(x, 240), colours=[colour])).tolist() == [2]


def test_an_unsure_person_carries_on_a_track_but_founds_none():
    tracker = Tracker()
    weak = [CONFIDENT / 2]
    assert tracker.step(0.0, found(standing(100, 240), scores=weak)).tolist() == [0]
    assert tracker.step(0.1, found(standing(100, 240))).tolist() == [1]
    assert tracker.step(0.2, found(standing(102, 240), scores=weak)).tolist() == [1]


def test_a_flicker_is_soon_forgotten_and_someone_settled_is_not():
    tracker = Tracker()
    for stamp in (0.0, 0.1, 0.2):
        tracker.step(stamp, found(standing(100, 240)))
    tracker.step(0.3, found(standing(400, 240)))
    for stamp in (0.4, 0.5, 0.6, 0.7):
        tracker.step(stamp, found())
    assert list(tracker.tracks) == [1]


def test_a_track_is_expected_where_it_is_going():
    tracker = Tracker()
    for stamp in (0.0, 0.1, 0.2, 0.3):
        tracker.step(stamp, found(standing(100 + 300 * stamp, 240)))
    ids, joints, boxes = tracker.predict(0.4, ACTIVE)
    assert ids == [1]
    np.testing.assert_allclose(joints[0, :, :2], standing(220, 240)[:, :2], atol=3)
    np.testing.assert_allclose(boxes[0], extents(standing(220, 240)[None])[0], atol=3)
    for stamp in (0.4, 0.5, 0.6):
        tracker.step(stamp, found())
    assert tracker.predict(0.7, ACTIVE)[0] == []


def test_time_that_jumps_back_does_not_break_the_tracks():
    tracker = Tracker()
    tracker.step(5.0, found(standing(100, 240)))
    assert tracker.step(0.0, found(standing(100, 240))).tolist() == [1]
    assert np.isfinite(tracker.tracks[1].velocity).all()


def test_a_camera_that_begins_anew_knows_nobody_and_counts_on():
    tracker = Tracker()
    tracker.step(5.0, found(standing(100, 240)))
    tracker.begin_anew()
    again = Tracker()
    again.memory = tracker.memory
    assert again.step(0.0, found(standing(100, 240))).tolist() == [2]


def test_the_same_people_get_the_same_identities_again():
    def run():
        rng = np.random.default_rng(0)
        tracker = Tracker()
        return [
            tracker.step(k / 10, found(*(standing(100 * n + rng.normal(0, 5), 240) for n in range(1, 5))))
            for k in range(20)
        ]

    np.testing.assert_array_equal(run(), run())


def test_what_never_gets_clear_again_is_given_up():
    tracker = Tracker()
    stamps = np.arange(0, 4, 0.1)
    ids = [
        tracker.step(s, found(standing(100, 240), scores=[0.9 if s < 0.5 else CONFIDENT / 2])).tolist() for s in stamps
    ]
    assert ids[10] == [1]
    assert ids[-1] == [0]


def test_clothes_first_seen_behind_someone_are_learned_anew():
    """Someone comes out from behind another, wearing the other's colour as far as could be told."""
    tracker = Tracker()
    for step in range(5):
        tracker.step(0.1 * step, found(standing(300, 240), standing(310 + 10 * step, 240), colours=[RED, RED]))
    assert not tracker.tracks[2].clear
    for step in range(5):
        x = 350 + 25 * step
        tracker.step(0.5 + 0.1 * step, found(standing(300, 240), standing(x, 240), colours=[RED, BLUE]))
    assert tracker.tracks[2].clear
    np.testing.assert_allclose(tracker.tracks[2].appearance, dressed(BLUE)[0])
    tracker.step(1.0, found(standing(425, 240), standing(450, 240), colours=[RED, RED]))
    np.testing.assert_allclose(tracker.tracks[2].appearance, dressed(BLUE)[0])


def test_clothes_that_were_never_seen_clearly_decide_nothing():
    for colours, expected in (([RED, RED], [1, 2]), ([RED, BLUE], [1, 2])):
        tracker = Tracker()
        tracker.step(0.0, found(standing(300, 240), standing(330, 240), colours=colours))
        assert (
            tracker.step(0.1, found(standing(300, 240), standing(330, 240), colours=colours[::-1])).tolist() == expected
        )


# ---- slow cameras, cameras that were away, pictures of another size


@pytest.mark.parametrize("rate", [3, 2, 1, 0.5])
def test_people_who_stay_keep_their_identity_however_slow_the_camera_is(rate):
    rng, tracker = np.random.default_rng(0), Tracker()
    for number in range(10):
        poses = [standing(x + rng.normal(0, 5), 240) for x in (100, 300, 500)]
        assert tracker.step(number / rate, found(*poses, colours=[RED, BLUE, RED])).tolist() == [1, 2, 3]


def test_a_slow_camera_may_miss_someone_in_one_frame():
    tracker = Tracker()
    for number in range(8):
        seen = [standing(100, 240)] if number not in (3, 5) else []
        ids = tracker.step(float(number), found(*seen, colours=[RED] * len(seen))).tolist()
        assert ids == [1] * len(seen)


def test_a_slow_camera_forgets_who_has_left():
    tracker = Tracker()
    for number in range(4):
        tracker.step(float(number), found(standing(100, 240), standing(400, 240)))
    for number in range(4, 8):
        tracker.step(float(number), found(standing(400, 240)))
    assert list(tracker.tracks) == [2]


@pytest.mark.parametrize(("gap", "identity"), [(1.0, 1), (GAP + 1, 2)])
def test_an_identity_survives_a_short_gap_and_no_long_one(gap, identity):
    tracker = Tracker()
    for stamp in (0.0, 0.1, 0.2):
        tracker.step(stamp, found(standing(100, 240), colours=[RED]))
    assert tracker.step(0.2 + gap, found(standing(105, 240), colours=[RED])).tolist() == [identity]
    assert list(tracker.tracks) == [identity]


def test_tracks_follow_a_change_of_the_picture_s_size():
    tracker = Tracker()
    for number in range(4):
        tracker.fit(640, 480)
        tracker.step(number / 10, found(standing(100 + 20 * number, 240)))
    tracker.fit(320, 240)
    _, joints, _ = tracker.predict(0.4, ACTIVE)
    np.testing.assert_allclose(joints[0, :, :2], standing(90, 120, 100)[:, :2], atol=2)
    assert tracker.step(0.4, found(standing(90, 120, 100))).tolist() == [1]


def test_pictures_of_another_shape_show_somebody_new():
    tracker = Tracker()
    tracker.fit(640, 480)
    tracker.step(0.0, found(standing(100, 240)))
    tracker.fit(640, 360)
    assert tracker.step(0.1, found(standing(100, 240))).tolist() == [2]


# ---- who would else be somebody new


def lying(x, y):
    """No joint is where it is of somebody who stands."""
    pose = standing(x, y, 160)
    pose[:, :2] = (x, y) + (pose[:, 1::-1] - (y, x))
    return pose


def after_standing(colour, x=300, other=400):
    """A tracker that has seen somebody in this colour at x, 1, and somebody in blue beside, 2, for half a second."""
    tracker = Tracker()
    for stamp in np.arange(0, 0.45, 0.1):
        tracker.step(stamp, found(standing(x, 240), standing(other, 240), colours=[colour, BLUE]))
    return tracker


def test_someone_whose_pose_and_box_change_at_once_keeps_the_identity():
    """As in a somersault before the sun: neither joints nor boxes fit, and the colours hardly."""
    tracker = after_standing(RED, other=600)
    fallen = found(lying(360, 320), colours=[PALE_RED])
    assert tracker.affinity(0.5, fallen)[1].max() < MIN_AFFINITY
    assert tracker.step(0.5, fallen).tolist() == [1]
    assert tracker.step(0.6, found(standing(340, 240), colours=[RED])).tolist() == [1]


def test_someone_in_other_clothes_near_the_end_of_a_track_is_new():
    assert after_standing(RED, other=600).step(0.5, found(lying(360, 320), colours=[GREEN])).tolist() == [3]


def test_someone_far_from_the_end_of_a_track_is_new():
    assert after_standing(RED, other=600).step(0.5, found(lying(460, 320), colours=[RED])).tolist() == [3]


@pytest.mark.parametrize(("stamp", "identity"), [(0.5, 1), (1.2, 3)])
def test_clothes_that_somebody_overlaps_are_not_held_against_who_was_seen_a_moment_ago(stamp, identity):
    tracker = after_standing(RED)
    for between in np.arange(0.5, stamp - 0.05, 0.1):
        tracker.step(between, found(standing(400, 240), colours=[BLUE]))
    behind = found(standing(400, 240), lying(360, 320), colours=[BLUE, GREEN])
    assert tracker.step(stamp, behind).tolist() == [2, identity]


def test_nobody_takes_the_track_of_somebody_who_is_still_seen():
    tracker = after_standing(RED, other=600)
    assert tracker.step(0.5, found(standing(302, 240), lying(360, 320), colours=[RED, RED])).tolist() == [1, 3]


def test_nobody_takes_the_track_of_somebody_who_rests():
    tracker = after_standing(RED, other=600)
    assert tracker.step(0.5, found(lying(360, 320), colours=[PALE_RED]), resting=[1]).tolist() == [3]


@pytest.mark.parametrize(("y", "identity"), [(250, 1), (440, 2)])
def test_who_comes_in_where_another_has_left_is_new_unless_it_is_the_same_place(y, identity):
    """Clothes of one colour are no proof then; in the middle of the picture they are enough."""
    for across, expected in ((590, identity), (300, 1)):
        tracker = Tracker()
        tracker.fit(640, 480)
        for number, x in enumerate(np.linspace(across - 50, across, 5)):
            tracker.step(0.1 * number, found(standing(x, 240), colours=[RED]))
        for stamp in np.arange(0.5, 1.35, 0.1):
            tracker.step(stamp, found(colours=[]))
        assert tracker.step(1.4, found(lying(across - 30, y), colours=[RED])).tolist() == [expected]


def test_somebody_known_who_is_found_twice_is_nobody_new():
    tracker = after_standing(RED)
    again = found(standing(302, 240), standing(400, 240), standing(320, 235), colours=[RED, BLUE, RED])
    assert tracker.step(0.5, again).tolist() == [1, 2, 0]


def test_two_people_who_are_new_may_stand_close():
    """As in a still, where nobody is known."""
    assert Tracker().step(0.0, found(standing(300, 240), standing(320, 235), colours=[RED, RED])).tolist() == [1, 2]
