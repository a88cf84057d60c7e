import pytest

from duopose.viewer.controls.film import Recent
from duopose.viewer.controls.player import Player
from tests.viewer.scenes import make_scene


class Recorded(Recent):
    """A film whose end stands still."""

    live = False


def player(stamps=(), kind=Recent):
    film = kind()
    for number, stamp in enumerate(stamps):
        film.add(make_scene([], number=number, stamp=stamp), None)
    return Player(film)


@pytest.mark.parametrize("kind", [Recent, Recorded])
def test_there_is_nothing_to_show_of_nothing(kind):
    empty = player((), kind)
    empty.step(-1)
    empty.jump(1.0)
    empty.seek(0.5)
    assert (empty.due(0.0), empty.share) == (None, 1.0)


def test_a_live_film_shows_its_newest_until_it_is_paused():
    live = player([0.0, 0.1, 0.2])
    assert live.due(0.0) == 2
    live.film.add(make_scene([], number=3, stamp=0.3), None)
    assert live.due(0.0) == 3
    live.step(-1)
    assert (live.paused, live.due(9.0)) == (True, 2)
    for _ in range(9):
        live.step(-1)
    assert live.due(9.0) == 0
    live.toggle()
    assert (live.paused, live.due(9.0)) == (False, 3)


def test_a_recording_plays_by_its_stamps_and_begins_again_after_its_end():
    recorded = player([5.0, 5.1, 5.2, 6.0], Recorded)
    assert [recorded.due(now) for now in (100.0, 100.11, 100.15, 100.99, 101.01, 150.0)] == [0, 1, 1, 2, 3, 3]
    recorded.toggle()
    assert [recorded.due(now) for now in (200.0, 200.11)] == [0, 1]
    recorded.toggle()
    assert [recorded.due(now) for now in (200.2, 300.0)] == [1, 1]
    recorded.toggle()
    assert [recorded.due(now) for now in (400.0, 400.11)] == [1, 2]


def test_steps_seconds_and_shares():
    recorded = player([0.0, 0.5, 1.0, 1.5, 2.0], Recorded)
    recorded.jump(1.0)
    assert recorded.due(0.0) == 2
    recorded.jump(-0.7)
    assert recorded.due(0.0) == 0
    recorded.jump(9.0)
    assert recorded.due(0.0) == 4
    recorded.seek(0.5)
    assert (recorded.due(0.0), recorded.share, recorded.paused) == (2, 0.5, True)
    recorded.toggle()
    recorded.seek(0.0)
    assert not recorded.paused  # it plays on from there
    assert [recorded.due(now) for now in (10.0, 10.6)] == [0, 1]


def test_going_somewhere_stops_a_live_film():
    live = player([0.0, 1.0, 2.0])
    live.seek(0.0)
    assert (live.paused, live.due(0.0)) == (True, 0)
