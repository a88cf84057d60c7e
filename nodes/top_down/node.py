"""Top-down branch: boxes -> the joints of everyone in the enlarged crops -> identity -> a 3D pose per track.

in   boxes     the detector's boxes of a frame; sets the pace
out  people    everyone's joints in the image, with identity: what the bottom-up branch starts from, so it comes first
out  pose_top  everyone's pose in metres in the camera's frame
"""

import time

from duopose.nodes import profile
from duopose.nodes.checkpoint import Checkpoint
from duopose.nodes.per_camera import PerCamera
from duopose.nodes.top_down.crops import SIZES
from duopose.nodes.top_down.delayed import Delayed
from duopose.nodes.top_down.sizes import OnDemand, Sizes
from duopose.nodes.top_down.top_down import prepare
from duopose.nodes.tracking import Tracker, Tracks
from duopose.stream.bus import TICK
from duopose.stream.graph import name_of
from duopose.stream.messages import People, empty


class Branch:
    """The branch of one camera.

    chosen    profile
    bus       of the node
    settings  of the camera
    """

    def __init__(self, chosen, bus, settings):
        self.node = chosen.top_down(settings.max_people, prepared=not settings.adapts)
        self.delayed = Delayed(chosen.lifting(settings.lookahead), settings.waiting)
        self.bus, self.checkpoint = bus, None
        self.rename(settings)
        self.heard_at = 0.0  # s, time.monotonic() of its newest boxes
        if (kept := self.checkpoint.load()) is not None:
            self.node.tracker = Tracker()
            self.node.tracker.memory = kept

    def rename(self, settings):
        """The camera is called so."""
        self.checkpoint = Checkpoint(self.bus.folder, name_of(self.bus.node.name, settings.name), Tracks)
        return self

    def close(self):
        """The camera leaves. If one of its name comes later, it counts on."""
        if self.node.tracker is not None:
            self.node.tracker.begin_anew()
            self.checkpoint.save(self.node.tracker.memory)

    def step(self, bus, boxes):
        """Publish what the boxes lead to."""
        wanted = self.node.wants(boxes)
        image = bus.pixels(boxes.frame) if wanted else None
        lost = wanted and image is None
        people = empty(People, boxes.frame) if lost else self.node.step(image, boxes)
        if self.node.tracker is not None:  # before anybody hears of a new identity
            self.checkpoint.save(self.node.tracker.memory, nobody=not self.node.tracker.tracks)
        bus.publish("people", people)
        self.lift(bus, self.delayed.add(people))
        self.heard_at = time.monotonic()

    def lift(self, bus, poses):
        for message in poses:
            bus.publish("pose_top", message)


def on_demand(bus, settings, network):
    """-> OnDemand of the network; a graphics card compiles for minutes and not beside its work: all sizes now."""
    numbers = range(len(SIZES))
    first = numbers[-1:] if settings.device == "cpu" else numbers
    return OnDemand(Sizes(bus.folder), lambda number: prepare(network, number), first)


def main(bus, settings):
    chosen = profile.find(settings.profile, settings.device)
    branches = PerCamera(bus, settings, lambda own: Branch(chosen, bus, own), Branch.rename, Branch.close)
    bus.name_backends(chosen.backends)
    sizes = on_demand(bus, settings, next(iter(branches)).node.network) if settings.adapts else None
    for _, boxes in bus.each(tick=settings.lookahead > 0):
        if sizes is not None:
            sizes.tick()
        quiet = TICK * len(branches)  # s: the cameras take turns
        if boxes is not None:
            branches.of(boxes).step(bus, boxes)
        for branch in branches:
            if time.monotonic() - branch.heard_at >= quiet:  # its clip has ended, or the camera hangs
                branch.lift(bus, branch.delayed.rest())
