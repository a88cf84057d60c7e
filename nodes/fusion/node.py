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
from duopose.nodes.per_camera import PerCamera
from duopose.stream.graph import name_of


class Fusing:
    """The fusion of one camera.

    integrate  as Fusion takes it
    bus        of the node
    settings   of the camera
    """

    def __init__(self, integrate, bus, settings):
        self.node = Fusion(
            integrate, settings.max_people, smooth=settings.smooth, height=settings.person_height,
            camera_height=settings.camera_height,
        )  # fmt: skip
        self.pairing = Pairing()
        self.bus, self.checkpoint = bus, None
        self.rename(settings)
        if (kept := self.checkpoint.load()) is not None:
            self.node.begin(kept)

    def rename(self, settings):
        """The camera is called so."""
        self.checkpoint = Checkpoint(self.bus.folder, name_of(self.bus.node.name, settings.name), Known)
        return self

    def close(self):
        """The camera leaves. If one of its name comes later, it counts on."""
        if self.node.identities is not None:
            self.node.identities.begin_anew()
            self.checkpoint.save(self.node.identities.memory)

    def publish(self, bus, pairs):
        """The scenes of these frames."""
        for top, bottom in pairs:
            scene = self.node.step(top, bottom)
            known = self.node.identities
            self.checkpoint.save(known.memory, nobody=not known.tracker.tracks)  # before anybody hears of who is new
            bus.publish("scene", msgspec.structs.replace(scene, fused_at=time.monotonic()))


def main(bus, settings):
    chosen = profile.find(settings.profile, settings.device)
    integrate = chosen.integration().step  # knows nothing of earlier frames: one for all cameras
    fusings = PerCamera(bus, settings, lambda own: Fusing(integrate, bus, own), Fusing.rename, Fusing.close)
    bus.name_backends(chosen.backends)
    for topic, poses in bus.each():
        fusing = fusings.of(poses)
        fusing.publish(bus, fusing.pairing.add(topic, poses))
    for fusing in fusings:
        fusing.publish(bus, fusing.pairing.rest())
