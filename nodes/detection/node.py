"""Detection: frame -> boxes of the people in it, without identity.

in   frame  sets the pace
out  boxes  of every frame; where the detector did not run its last ones, marked as not fresh
"""

from duopose.nodes import profile
from duopose.nodes.per_camera import PerCamera


def main(bus, settings):
    chosen = profile.find(settings.profile, settings.device)
    detections = PerCamera(bus, settings, lambda own: chosen.detection())
    bus.name_backends(chosen.backends)
    for _, frame in bus.each():
        node = detections.of(frame)
        bus.publish("boxes", node.step(bus.pixels(frame) if node.wants(frame) else None, frame))
