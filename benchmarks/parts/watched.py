"""The whole chain in this process, each node and each network with a stopwatch."""

import os
import time
from collections import defaultdict

import numpy as np

from duopose.nodes.chain import MOST_PEOPLE, Chain, networks_of
from duopose.nodes.profile import find
from duopose.stream.camera_file import Cameras
from duopose.stream.messages import Frame

NODES = {  # a node, or a part of one: what of Chain it is, and the method that does a frame's work
    "detection": ("detection", "step"),
    "joints": ("top_down", "step"),
    "lifting": ("lifting", "add"),
    "bottom_up": ("bottom_up", "step"),
    "fusion": ("fusion", "step"),
}


class Stopwatch:
    """CPU ms of what it was told to watch, or ms by the clock where others (a GPU) do the work.

    ms, items   {name: [of each call]}; items: how many rows, or people, a network was given
    """

    def __init__(self, clock=time.process_time):
        self.clock = clock
        self.ms, self.items = defaultdict(list), defaultdict(list)

    def watched(self, name, function):
        """The function, each call of which is noted under that name."""

        def call(*arguments):
            start = self.clock()
            answer = function(*arguments)
            self.ms[name].append(1000 * (self.clock() - start))
            self.items[name].append(len(arguments[0]) if isinstance(arguments[0], np.ndarray) else 1)
            return answer

        return call

    def forget(self):
        self.ms.clear()
        self.items.clear()


class Watched:
    """A network with a stopwatch; all else of it is its own."""

    def __init__(self, network, call):
        self.network, self.call = network, call

    def __call__(self, *arrays):
        return self.call(*arrays)

    def __getattr__(self, name):
        return getattr(self.network, name)


def one_core():
    """Keep this process on one of the cores it may use, the last: the first has the system's own work."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


class WatchedChain:
    """All nodes of a profile in this process.

    profile     a nodes.profile.Profile
    stopwatch   has the networks under "network NAME", the nodes under "node NAME", and "frame"
    """

    def __init__(self, profile, clock=time.process_time, max_people=MOST_PEOPLE):
        self.profile, self.stopwatch = profile, Stopwatch(clock)
        network = profile.network
        profile.network = lambda name: self._watched_network(name, network(name))
        self.networks = networks_of(profile)
        self.max_people = max_people

    def _watched_network(self, name, network):
        return Watched(network, self.stopwatch.watched(f"network {name}", network))

    def play(self, images, rate=30.0, warm=4):
        """The pictures one after the other, by fresh nodes -> people found in each, the first `warm` not counted."""
        chain, found = Chain.of(self.networks, self.max_people), []
        for name, (part, method) in NODES.items():
            node = getattr(chain, part)
            setattr(node, method, self.stopwatch.watched(f"node {name}", getattr(node, method)))
        play = self.stopwatch.watched("frame", chain.play)
        cameras = Cameras()
        for number, image in enumerate(images):
            if number == warm:
                self.stopwatch.forget()
            height, width = image.shape[:2]
            frame = Frame(number, None, number / rate, 0.0, width, height, cameras.of(width, height), "", 0, 0, False)
            found.append(len(play(image, frame).ids))
        return found[warm:]


def chain_of(profile, device="cpu", clock=time.process_time):
    """-> WatchedChain of the profile of that name."""
    chosen = find(profile, device)
    chosen.check(lookahead=0)
    return WatchedChain(chosen, clock)
