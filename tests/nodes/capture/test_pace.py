"""The controller on machines that are made up: how long a frame takes at each step is known, no clock is read."""

import pytest

from duopose.nodes.capture.pace import CALM, ENOUGH, LATE, LONGEST, PROVEN, STEPS, Pace

RATE = 30.0  # frames/s of the source
IN_FLIGHT = 2


class Machine:
    """Works on one frame after the other; `seconds`: name of a step -> s that it takes for a frame of that step."""

    def __init__(self, seconds):
        self.seconds, self.pace = seconds, Pace()
        self.now, self.number, self.free_at = 0.0, 0, 0.0
        self.under_way = []  # (s when done, number)
        self.history = []  # (s, name of the step) at each change
        self.latencies = []  # (s when done, s)

    def run(self, until):
        """Play the source up to this time."""
        while self.now < until:
            while self.under_way and self.under_way[0][0] <= self.now:
                done_at, number, read_at = self.under_way.pop(0)
                self.latencies.append((done_at, done_at - read_at))
                if self.pace.done(number, done_at, round(done_at * RATE)):
                    self.history.append((done_at, self.pace.effort.name))
            if len(self.under_way) < IN_FLIGHT:
                self.free_at = max(self.free_at, self.now) + self.seconds(self.pace.effort.name)
                self.under_way.append((self.free_at, self.number, self.now))
                self.pace.published(self.number, self.now)
                self.number += 1
            self.now += 1 / RATE
        return self.pace.effort.name

    def rate(self, since):
        done = [at for at, _ in self.latencies if at >= since]
        return len(done) / (self.now - since)


def costs(**seconds):
    return {step.name: seconds.get(step.name.replace(" ", "_").replace("-", "_"), 0.02) for step in STEPS}.get


def test_a_fast_machine_does_everything_all_the_time():
    machine = Machine(costs(full=0.03))
    assert machine.run(20) == "full"
    assert machine.history == []


@pytest.mark.parametrize("slow", [0.045, 0.08, 0.2, 0.4])
def test_a_slow_machine_finds_the_step_that_keeps_up_within_three_seconds(slow):
    machine = Machine(costs(full=slow, half_bottom_up=0.8 * slow, smaller_crops=0.7 * slow))
    machine.run(3)
    assert machine.pace.effort.name != "full"
    assert machine.run(CALM) != "full"
    assert machine.rate(since=2.5) >= ENOUGH * RATE


def test_a_machine_that_is_too_slow_for_every_step_stays_at_the_last():
    machine = Machine(lambda name: 0.5)
    machine.run(5)
    assert machine.run(60) == STEPS[-1].name
    assert len(machine.history) <= len(STEPS)


def test_where_there_is_room_again_it_goes_up_to_everything():
    machine = Machine(costs(full=0.1, half_bottom_up=0.1, smaller_crops=0.1, small_crops=0.1))
    machine.run(10)
    assert machine.pace.step >= STEPS.index(next(step for step in STEPS if step.name == "half people"))
    machine.seconds = lambda name: 0.01
    assert machine.run(10 + len(STEPS) * (PROVEN + CALM) + 5) == "full"


def test_a_step_that_fails_is_tried_less_and_less_often():
    machine = Machine(costs(full=0.1))
    machine.run(300)
    tries = [at for at, name in machine.history if name == "full"]
    assert 3 <= len(tries) <= 12
    assert tries[-1] - tries[-2] > 5 * (tries[1] - tries[0])
    assert machine.pace.waits[0] <= LONGEST


def test_one_slow_moment_changes_nothing():
    machine = Machine(costs(full=0.02))
    machine.run(5)
    machine.free_at = machine.now + 0.35  # another program had the cores
    assert machine.run(20) == "full"
    assert machine.history == []


def test_latency_counts_where_the_rate_is_enough():
    pace = Pace()
    for number in range(60):
        pace.published(number, number / 5)
        pace.done(number, number / 5 + LATE + 0.1, number)
    assert pace.step > 0


def test_what_was_published_before_a_change_says_nothing_of_the_new_step():
    pace = Pace()
    for number in range(8):
        pace.published(number, number * 0.1)
    changed = [pace.done(number, 1 + number, 60 * number) for number in range(8)]
    assert sum(changed) <= 1
