import threading
from collections import Counter

import numpy as np
import pytest

from duopose.nodes.capture import live
from duopose.nodes.capture.live import Live, Lost, paced
from duopose.nodes.capture.sources import Picture
from duopose.stream.errors import UsageError
from tests.waiting import until


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self):
        self.now = 1000.0

    def monotonic(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


class Source:
    """A Live of one connection after the other, each the name of a method here; the last one again and again."""

    def __init__(self, *connections, give_up=1.0):
        self.connections, self.made = connections, 0
        self.said, self.counts = [], Counter()
        self.clock, self.late, self.over = Clock(), threading.Event(), threading.Event()
        give_up += self.clock.now
        self.live = Live("camera", self.connect, self.counts, give_up, self.said.append, self.clock)

    def connect(self, answered):
        self.made += 1
        self.answered = answered
        return getattr(self, self.connections[min(self.made, len(self.connections)) - 1])()

    def picture(self, stamp=0.0):
        return Picture(stamp, self.clock.now, None, 4, 4, lambda: np.zeros((4, 4, 3), np.uint8))

    def next(self):
        """The next picture, None at the end."""
        found = []
        until(lambda: found.append(self.live.newest(0.02)) or found[-1] is not None or self.live.finished)
        return found[-1]

    # ---- connections

    def one(self):
        yield self.picture(7)

    def five(self):
        yield from (self.picture(stamp) for stamp in range(5))
        self.over.wait()

    def one_then_fault(self):
        yield self.picture()
        raise Lost("the stream ended")

    def one_then_bug(self):
        yield self.picture()
        raise ZeroDivisionError

    def one_then_silence(self):
        yield self.picture(1)
        self.late.wait()
        yield self.picture(2)

    def refused(self):
        raise Lost("Connection refused")
        yield

    def never(self):
        self.over.wait()
        yield self.picture()

    def answered_then_silence(self):
        self.answered()
        self.over.wait()
        yield self.picture()

    def answered_then_five(self):
        self.answered()
        self.late.wait()
        yield from self.five()

    def slow(self):
        yield self.picture(1)
        self.clock.sleep(1.5)
        yield self.picture(2)
        self.late.wait()

    def for_ever(self):
        while not self.over.wait(0.005):
            yield self.picture()


@pytest.fixture
def source():
    """Makes a Source; at the end nothing of it hangs any more."""
    made = []

    def source(*connections, **options):
        made.append(Source(*connections, **options))
        return made[-1]

    yield source
    for one in made:
        one.live.close()
        one.late.set()
        one.over.set()


def test_only_the_newest_picture_waits_and_the_others_are_counted(source):
    camera = source("five")
    camera.live.watch()
    until(lambda: camera.counts["read"] == 5)
    assert camera.next().stamp == 4
    assert camera.counts == {"read": 5, "dropped": 4}


def test_a_source_that_refuses_at_the_start_is_an_error_at_once(source):
    camera = source("refused", give_up=60.0)
    start = camera.clock.now
    with pytest.raises(UsageError, match="camera: Connection refused"):
        camera.next()
    assert camera.clock.now == start


def test_a_source_that_never_answers_is_an_error_in_time_though_it_still_hangs(source):
    camera = source("never", give_up=3.0)
    camera.clock.sleep(2.9)
    assert camera.live.newest(0) is None
    camera.clock.sleep(0.2)
    with pytest.raises(UsageError, match="camera: no answer"):
        camera.live.newest(0)
    assert camera.live.reader.is_alive()


def test_a_source_that_has_answered_gets_longer_until_its_first_picture(source):
    camera = source("answered_then_five", give_up=3.0)
    camera.live.watch()
    until(lambda: camera.live.reader.has_answered)
    camera.clock.sleep(live.PICTURE - 0.1)
    assert camera.live.newest(0) is None
    camera.late.set()
    assert camera.next() is not None


def test_a_source_that_has_answered_and_gives_no_picture_is_an_error_in_time(source):
    camera = source("answered_then_silence", give_up=3.0)
    camera.live.watch()
    until(lambda: camera.live.reader.has_answered)
    camera.clock.sleep(live.PICTURE + 0.1)
    with pytest.raises(UsageError, match="camera: no picture for 25 s"):
        camera.live.newest(0)


def test_of_the_pictures_that_come_at_once_with_the_answer_the_newest_is_taken(source):
    camera = source("answered_then_five")
    camera.late.set()
    camera.live.watch()
    until(lambda: camera.counts["read"] == 5)
    assert camera.live.newest(0.1) is None
    assert camera.next().stamp == 4


def test_a_slow_camera_that_misses_one_picture_is_not_lost(source):
    camera = source("slow")
    camera.live.watch()
    until(lambda: camera.counts["read"] == 2)
    camera.next()
    camera.clock.sleep(live.PACES * 1.5 - 0.1)
    assert camera.live.newest(0) is None
    assert camera.said == []
    camera.clock.sleep(0.2)
    camera.live.newest(0)
    assert len(camera.said) == 1


def test_a_stream_that_ends_is_a_fault_and_comes_back(source):
    camera = source("one_then_fault", "refused", "refused", "for_ever")
    start = camera.clock.now
    assert camera.next() is not None
    assert camera.next() is not None
    assert camera.made == 4
    assert camera.counts["interrupted"] == 1
    assert camera.said[0] == "camera is lost (the stream ended), trying again"
    assert camera.said[-1].startswith("camera is back after 1.")
    assert camera.clock.now - start == pytest.approx(sum(live.PAUSES[:3]), abs=0.2)


def test_a_camera_that_hangs_is_left_and_connected_again_while_it_still_hangs(source):
    camera = source("one_then_silence", "for_ever")
    assert camera.next().stamp == 1
    hanging = camera.live.reader
    camera.clock.sleep(live.SILENCE - 0.1)
    assert camera.live.newest(0) is None
    assert camera.said == []
    camera.clock.sleep(0.2)
    assert camera.next().stamp == 0
    assert camera.said[0] == "camera is lost (no picture for 2 s), trying again"
    assert hanging.is_alive()


def test_a_lost_source_is_told_now_and_then_but_not_with_each_attempt(source):
    camera = source("one_then_fault", "refused")
    camera.next()
    end = camera.clock.now + 60
    while camera.clock.now < end:
        camera.live.newest(0.1)
    assert 12 <= camera.made <= 20
    assert 6 <= len(camera.said) <= 7  # one each ten seconds


def test_hanging_connections_do_not_pile_up(source):
    camera = source("one_then_fault", "never")
    camera.next()
    camera.live.reader.join(30)
    for _ in range(500):
        camera.live.newest(0)
        camera.clock.sleep(0.5)
    assert camera.made == 1 + live.LEFT_BEHIND


def test_what_a_left_connection_still_gives_is_not_taken(source):
    camera = source("one_then_silence", "for_ever")
    camera.next()
    left = camera.live.reader
    camera.clock.sleep(live.SILENCE + 0.1)
    camera.next()
    camera.late.set()
    left.join(30)
    assert not left.is_alive()
    assert {camera.next().stamp for _ in range(5)} == {0.0}


def test_a_source_that_is_at_its_end_ends_after_its_last_picture(source):
    camera = source("one")
    assert camera.next().stamp == 7
    assert camera.next() is None
    assert camera.said == []


def test_a_bug_is_no_fault_of_the_camera(source):
    camera = source("one_then_bug")
    camera.next()
    with pytest.raises(ZeroDivisionError):
        camera.next()


def test_a_file_at_its_own_pace_gives_each_picture_when_its_time_has_come():
    clock = Clock()
    pictures = (Picture(stamp, 0.0, None, 4, 4, None) for stamp in (2.0, 2.5, 4.0))
    assert [picture.read_at for picture in paced(pictures, clock)] == [1000.0, 1000.5, 1002.0]


def test_a_gap_in_a_file_at_its_own_pace_is_cut_short():
    clock = Clock()
    pictures = (Picture(stamp, 0.0, None, 4, 4, None) for stamp in (0.0, 1.0, 1e5, 1e5 + 1))
    waits = [picture.read_at - 1000 for picture in paced(pictures, clock)]
    assert waits == pytest.approx([0, 1, 1 + live.LONGEST_WAIT, 2 + live.LONGEST_WAIT])
