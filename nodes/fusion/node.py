"""Fusion: the poses of both branches -> the scene, everyone in it once.

in   pose_top     top-down poses of a frame, with identity
in   pose_bottom  bottom-up poses of the same frame
out  scene        fused poses, with identity and source
"""

import time

import msgspec

from duopose.nodes import profile
from duopose.nodes.checkpoint import Checkpoint
from duopose.nodes.fusion.fusion import Fusion
from duopose.nodes.fusion.identities import Known
from duopose.nodes.fusion.pairing import Pairing


def main(bus, settings):
    chosen = profile.find(settings.profile, settings.device)
    node = Fusion(
        chosen.integration().step, settings.max_people, smooth=settings.smooth, height=settings.person_height,
        camera_height=settings.camera_height,
    )  # fmt: skip
    pairing = Pairing()
    bus.name_backends(chosen.backends)
    checkpoint = Checkpoint(bus.folder, bus.node.name, Known)
    if (kept := checkpoint.load()) is not None:
        node.begin(kept)

    def publish(pairs):
        for top, bottom in pairs:
            scene = node.step(top, bottom)
            checkpoint.save(node.identities.memory)  # before anybody hears of a new identity
            bus.publish("scene", msgspec.structs.replace(scene, fused_at=time.monotonic()))

    for topic, poses in bus.each():
        publish(pairing.add(topic, poses))
    publish(pairing.rest())
