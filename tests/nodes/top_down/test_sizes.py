"""Sizes of crops that are compiled when they are asked for: what capture and the node tell each other."""

import threading

from duopose.nodes.top_down.sizes import OnDemand, Sizes


class Compiler:
    """Notes which sizes it is told to compile; with `gate`, waits for it."""

    def __init__(self, gate=None):
        self.gate, self.made = gate, []

    def __call__(self, number):
        if self.gate is not None:
            assert self.gate.wait(10)
        self.made.append(number)


def test_the_first_sizes_are_compiled_at_once_and_no_others(tmp_path):
    capture, compiler = Sizes(tmp_path), Compiler()
    OnDemand(Sizes(tmp_path), compiler, [2])
    assert compiler.made == [2]
    assert capture.has(2)


def test_a_size_is_there_when_it_is_compiled_and_not_before(tmp_path):
    capture, compiler = Sizes(tmp_path), Compiler()
    node = OnDemand(Sizes(tmp_path), compiler, [2])
    compiler.gate = threading.Event()
    node.tick()
    assert node.thread is None
    assert not capture.has(0)
    node.tick()
    assert not capture.has(0)
    compiler.gate.set()
    node.thread.join(10)
    assert capture.has(0)
    node.tick()
    assert compiler.made == [2, 0]


def test_sizes_are_compiled_one_after_the_other(tmp_path):
    capture, compiler = Sizes(tmp_path), Compiler()
    node = OnDemand(Sizes(tmp_path), compiler, [2])
    assert [capture.has(1), capture.has(0)] == [False, False]
    node.tick()
    node.thread.join(10)
    assert compiler.made == [2, 0]
    node.tick()
    node.thread.join(10)
    assert compiler.made == [2, 0, 1]


def test_a_node_that_was_restarted_has_what_was_asked_for(tmp_path):
    capture = Sizes(tmp_path)
    before = OnDemand(Sizes(tmp_path), Compiler(), [2])
    capture.has(0)
    before.tick()
    before.thread.join(10)
    compiler = Compiler()
    OnDemand(Sizes(tmp_path), compiler, [2])
    assert compiler.made == [0, 2]
    assert capture.has(0)
