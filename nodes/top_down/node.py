"""Top-down branch: boxes -> the joints of everyone in the enlarged crops -> identity -> a 3D pose per track.

in   boxes     the detector's boxes of a frame; sets the pace
out  people    everyone's joints in the image, with identity: what the bottom-up branch starts from, so it comes first
out  pose_top  everyone's pose in metres in the camera's frame
"""

from duopose.nodes import profile
from duopose.nodes.checkpoint import Checkpoint
from duopose.nodes.top_down.delayed import Delayed
from duopose.nodes.tracking import Tracker, Tracks
from duopose.stream.messages import People, empty


def main(bus, settings):
    chosen = profile.find(settings.profile, settings.device)
    node = chosen.top_down(settings.max_people, () if settings.every_frame or settings.fixed else ("top_down_lean",))
    delayed = Delayed(chosen.lifting(settings.lookahead), settings.waiting)
    bus.name_backends(chosen.backends)
    checkpoint = Checkpoint(bus.folder, bus.node.name, Tracks)
    if (kept := checkpoint.load()) is not None:
        node.tracker = Tracker()
        node.tracker.memory = kept
    for _, boxes in bus.each(tick=settings.lookahead > 0):
        if boxes is None:  # quiet: the clip has ended, or the camera hangs
            poses = delayed.rest()
        else:
            image = bus.pixels(boxes.frame)
            people = empty(People, boxes.frame) if image is None else node.step(image, boxes)
            if node.tracker is not None:  # before anybody hears of a new identity
                checkpoint.save(node.tracker.memory)
            bus.publish("people", people)
            poses = delayed.add(people)
        for message in poses:
            bus.publish("pose_top", message)
