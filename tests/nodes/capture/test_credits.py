from duopose.nodes.capture.credits import Credits


def taken(limit, *numbers, patience=None):
    credits = Credits(limit, patience)
    for number in numbers:
        credits.take(number, now=float(number))
    return credits


def test_a_frame_that_is_done_gives_its_credit_back():
    credits = taken(2, 0, 1)
    assert credits.free == 0
    credits.done(0)
    assert credits.free == 1
    assert not credits.lost


def test_an_earlier_frame_that_was_passed_is_lost():
    credits = taken(3, 0, 1, 2)
    credits.done(1)
    assert credits.lost == {0}
    assert list(credits.taken) == [2]


def test_live_frames_are_given_up_after_a_while():
    credits = taken(3, 0, 1, 2, patience=2.0)
    credits.expire(now=3.5)
    assert credits.lost == {0, 1}


def test_offline_frames_are_never_given_up_by_the_clock():
    credits = taken(1, 0)
    credits.expire(now=1e9)
    assert credits.free == 0


def test_a_restarted_node_frees_everything_and_what_still_comes_was_not_lost():
    credits = taken(3, 0, 1, 2)
    credits.restarted()
    assert credits.free == 3
    credits.take(3, 3.0)
    credits.done(1)
    assert credits.lost == {0, 2}
    credits.done(3)
    assert credits.lost == {0, 2}
