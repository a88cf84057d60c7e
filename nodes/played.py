"""Played: the scenes of a record instead of those of the networks. It stands in for fusion when a record is the source.

in   frame   of the record's next line, with its picture
out  scene   what the line says of it
"""

import msgspec

from duopose.nodes.capture.replayed import scenes_of
from duopose.nodes.per_camera import PerCamera


def main(bus, settings):
    records = PerCamera(bus, settings, lambda own: scenes_of(own.source))
    for _, frame in bus.each():
        scene = next((scene for scene in records.of(frame) if scene.frame.number == frame.number), None)
        if scene is not None:
            latency = scene.fused_at - scene.frame.read_at
            bus.publish("scene", msgspec.structs.replace(scene, frame=frame, fused_at=frame.read_at + latency))
