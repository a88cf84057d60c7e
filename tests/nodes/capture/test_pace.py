"""The controller on machines that are made up: how long a frame takes at each step is known, no clock is read."""

import pytest

from duopose.nodes.capture.pace import CALM, ENOUGH, LATE, LONGEST, PROVEN, START, STEPS, WORK, Pace

RATE = 30.0  # frames/s of the source


class Machine:
    """Each core works on one frame after the other; `seconds`: name of a step -> s that it takes for a frame of it."""

    def __init__(self, seconds, cores=1, **pace):
        self.seconds, self.pace = seconds, Pace(cores, **pace)
        self.now, self.number, self.free_at = 0.0, 0, [0.0] * cores
        self.under_way = []  # (s when done, number, s when read)
        self.history = []  # (s, name of the step) at each change
        self.latencies = []  # (s when done, s)
        self.used = set()  # numbers of the sizes of crops that frames had

    def run(self, until):
        """Play the source up to this time."""
        while self.now < until:
            while self.under_way and self.under_way[0][0] <= self.now:
                done_at, number, read_at = self.under_way.pop(0)
                self.latencies.append((done_at, done_at - read_at))
                if self.pace.done(number, done_at, round(done_at * RATE)):
                    self.history.append((done_at, self.pace.effort.name))
            if len(self.under_way) < len(self.free_at):
                core = self.number % len(self.free_at)
                self.free_at[core] = max(self.free_at[core], self.now) + self.seconds(self.pace.effort.name)
                self.free_at[core] = max(self.free_at)  # they come in order
                self.under_way.append((self.free_at[core], self.number, self.now))
                self.pace.published(self.number, self.now)
                self.used.add(self.pace.effort.crop)
                self.number += 1
            self.now += 1 / RATE
        return self.pace.effort.name

    def rate(self, since):
        done = [at for at, _ in self.latencies if at >= since]
        return len(done) / (self.now - since)


def costs(**seconds):
    """{name of a step: s that a frame of it takes}; where nothing is said, so long that `full` can't be hoped for."""
    return {step.name: seconds.get(step.name.replace(" ", "_").replace("-", "_"), 0.02) for step in STEPS}.get


def shares(full):
    """The same of work that a frame of `full` takes so many seconds for."""
    return {step.name: full * share for step, share in zip(STEPS, WORK, strict=True)}.get


def test_each_step_is_less_work_than_the_one_above():
    assert len(WORK) == len(STEPS)
    assert list(WORK) == sorted(WORK, reverse=True)
    assert STEPS[START].crop == max(step.crop for step in STEPS)


@pytest.mark.parametrize("cores", [1, 2, 3])
def test_a_fast_machine_does_everything_after_half_a_second(cores):
    machine = Machine(shares(0.025), cores)
    assert machine.run(20) == "full"
    assert [name for _, name in machine.history] == ["full"]
    assert machine.history[0][0] < 0.6


@pytest.mark.parametrize("full", [0.05, 0.075, 0.1, 0.13])
def test_on_a_slow_machine_the_first_poses_are_live_already(full):
    machine = Machine(shares(full), cores=2)
    assert machine.run(2) != "full" or 2 / full >= ENOUGH * RATE
    assert max(seconds for _, seconds in machine.latencies) <= 0.1
    assert machine.rate(since=0.5) >= ENOUGH * RATE
    assert len(machine.history) <= 2


@pytest.mark.parametrize("slow", [0.045, 0.08, 0.2, 0.4])
def test_a_slow_machine_finds_the_step_that_keeps_up_within_three_seconds(slow):
    machine = Machine(costs(full=slow, half_bottom_up=0.8 * slow, smaller_crops=0.7 * slow))
    machine.run(3)
    assert machine.pace.effort.name != "full"
    assert machine.run(3 + CALM / 2) != "full"
    assert machine.rate(since=3) >= ENOUGH * RATE


def test_a_machine_that_is_too_slow_for_every_step_stays_at_the_last():
    machine = Machine(lambda name: 0.5)
    machine.run(5)
    assert machine.run(60) == STEPS[-1].name
    assert len(machine.history) <= len(STEPS)


def test_where_there_is_room_again_it_goes_up_to_everything():
    machine = Machine(shares(0.2))
    machine.run(10)
    assert machine.pace.step > START
    machine.seconds = lambda name: 0.01
    assert machine.run(10 + len(STEPS) * (PROVEN + CALM) + 5) == "full"


def test_a_step_that_fails_is_tried_less_and_less_often():
    machine = Machine(lambda name: 0.1 if name == "full" else 0.02)  # it looks as if there was room
    machine.run(300)
    tries = [at for at, name in machine.history if name == "full"]
    assert 3 <= len(tries) <= 12
    assert tries[-1] - tries[-2] > 5 * (tries[1] - tries[0])
    assert machine.pace.waits[0] <= LONGEST


def test_a_step_that_can_not_fit_is_not_tried():
    machine = Machine(shares(0.1), cores=2)
    machine.run(60)
    assert not [name for _, name in machine.history if name in ("full", "half bottom-up")]
    assert max(seconds for _, seconds in machine.latencies) <= 0.1


def test_a_size_of_crops_is_used_when_it_is_there_and_not_before():
    there, asked = {STEPS[START].crop}, set()

    def has(crop):
        asked.add(crop)
        return crop in there

    machine = Machine(shares(0.02), has=has)
    assert machine.run(3) == "small crops"
    assert asked == {0}
    assert machine.used == there
    there.add(0)
    assert machine.run(4) == "full"
    machine.seconds = shares(0.05)
    machine.run(8)
    assert asked == {0, 1, 2}
    assert machine.used == there


def test_one_slow_moment_changes_nothing():
    machine = Machine(shares(0.025))
    machine.run(5)
    machine.free_at = [machine.now + 0.35]  # another program had the cores
    assert machine.run(20) == "full"
    assert len(machine.history) == 1


def test_latency_counts_where_the_rate_is_enough():
    pace = Pace(2)
    for number in range(60):
        pace.published(number, number / 5)
        pace.done(number, number / 5 + LATE + 0.1, number)
    assert pace.step > START


def test_what_was_published_before_a_change_says_nothing_of_the_new_step():
    pace = Pace(2)
    for number in range(8):
        pace.published(number, number * 0.1)
    changed = [pace.done(number, 1 + number, 60 * number) for number in range(8)]
    assert sum(changed) <= 1


def test_it_goes_down_though_no_networks_are_there_yet():
    machine = Machine(shares(0.3), has=lambda crop: False)
    assert machine.run(5) == STEPS[-1].name
