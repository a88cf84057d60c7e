"""All nodes in one process, without sockets: a picture goes in, the scene comes out. The live run has the same classes.

>>> pipeline = Pipeline()                                               # doctest: +SKIP
>>> scene = pipeline.step(image, stamp=0.0)                             # doctest: +SKIP
>>> scene.joints[:, 0]                                                  # doctest: +SKIP
"""

import time
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np

from duopose.nodes.bottom_up.bottom_up import BottomUp, is_due
from duopose.nodes.detection.detection import Detection
from duopose.nodes.fusion.fusion import Fusion
from duopose.nodes.fusion.integration import Integration
from duopose.nodes.profile import Profile, find
from duopose.nodes.top_down.delayed import Delayed
from duopose.nodes.top_down.lifting import Lifting
from duopose.nodes.top_down.lifting import Networks as LiftingNetworks
from duopose.nodes.top_down.top_down import TopDown
from duopose.stream.camera_file import Cameras
from duopose.stream.messages import Camera, Frame, Poses, Scene, empty
from duopose.stream.settings import SMOOTH

MOST_PEOPLE = 20


class Networks(NamedTuple):
    """The networks of all nodes: callables on arrays. The class of each node says what its network takes and gives."""

    detector: object
    top_down: object
    lifting: LiftingNetworks
    bottom_up: object
    integration: object


def load_networks(name: str = "lite", device: str = "cpu", without: tuple[str, ...] = ()) -> Networks:
    """The networks of one of our profiles, ready -> Networks. Raises FileNotFoundError that names a missing file.

    without   those that are not needed, or not trained yet: None stands for them
    """
    return networks_of(find(name, device), without)


def networks_of(chosen: Profile, without: tuple[str, ...] = ()) -> Networks:
    """The networks of a profile, ready, as load_networks."""
    ways = {"lifting": chosen.lifting_networks, "integration": chosen.integration_network}

    def loaded(part: str) -> Any:
        return None if part in without else ways[part]() if part in ways else chosen.network(part)

    return Networks(*map(loaded, Networks._fields))


class Chain:
    """The nodes of one run, one after the other, without look-ahead. Each is an attribute that may be replaced.

    said   {topic: message} of the last frame: what each node published
    """

    def __init__(
        self, detection: Detection, top_down: TopDown, lifting: Lifting, bottom_up: BottomUp, fusion: Fusion
    ) -> None:
        self.detection, self.top_down, self.bottom_up, self.fusion = detection, top_down, bottom_up, fusion
        self.lifting = Delayed(lifting)
        self.said: dict[str, Any] = {}

    @classmethod
    def of(cls, networks: Networks, max_people: int = MOST_PEOPLE) -> "Chain":
        """New nodes around these Networks, which several chains may use."""
        return Chain(
            Detection(networks.detector), TopDown(networks.top_down, max_people), Lifting(networks.lifting),
            BottomUp(networks.bottom_up, max_people), Fusion(Integration(networks.integration).step, max_people),
        )  # fmt: skip

    def branches(self, image: np.ndarray, frame: Frame) -> tuple[Poses, Poses]:
        """image uint8 [H, W, 3] RGB, its Frame -> top-down Poses, bottom-up Poses."""
        boxes = self.detection.step(image if self.detection.wants(frame) else None, frame)
        people = self.top_down.step(image, boxes)
        (top,) = self.lifting.add(people)
        bottom = self.bottom_up.step(image, people) if is_due(people) else empty(Poses, frame)
        self.said = {"boxes": boxes, "people": people, "pose_top": top, "pose_bottom": bottom}
        return top, bottom

    def play(self, image: np.ndarray, frame: Frame) -> Scene:
        """image uint8 [H, W, 3] RGB, its Frame -> Scene."""
        scene: Scene = self.fusion.step(*self.branches(image, frame))
        self.said["scene"] = scene = msgspec.structs.replace(scene, fused_at=time.monotonic())
        return scene


class Pipeline(Chain):
    """Duopose in one process, for notebooks and programs with own pictures. The command is faster: it uses all cores.

    profile      "lite", "full", "released", or a folder with weights, written with a /
    device       "cpu" or "cuda"
    max_people   people at most
    camera_file  intrinsics of all pictures, as for --camera; or
    fov          horizontal field of view in degrees; without both, 60 degrees
    smooth       0 (as measured) to 1: less trembling, more lag
    person_height  metres, how tall everybody is, as for --person-height
    camera_height  metres, of the camera over the floor, as for --camera-height
    Raises UsageError where weights or the camera file are missing.
    """

    def __init__(
        self,
        profile: str = "lite",
        device: str = "cpu",
        max_people: int = MOST_PEOPLE,
        camera_file: str | Path | None = None,
        fov: float | None = None,
        smooth: float = SMOOTH,
        person_height: float | None = None,
        camera_height: float | None = None,
    ) -> None:
        chosen = find(profile, device)
        chosen.check(lookahead=0)
        self.cameras = Cameras(camera_file, fov)
        self.number = 0  # of the next picture
        fusion = Fusion(
            chosen.integration().step, max_people, smooth=smooth, height=person_height, camera_height=camera_height
        )
        super().__init__(
            chosen.detection(), chosen.top_down(max_people), chosen.lifting(), chosen.bottom_up(max_people), fusion
        )

    def step(self, image: np.ndarray, stamp: float, camera: Camera | None = None, still: bool = False) -> Scene:
        """One picture -> Scene, everyone in it once; joints in metres in the camera's frame.

        image   uint8 [H, W, 3]  RGB
        stamp   s, media time, growing; tracks and windows use it
        camera  stream.messages.Camera of this picture, if it is not the pipeline's
        still   this is a still: it has nothing to do with the pictures before it
        """
        height, width = image.shape[:2]
        camera = camera or self.cameras.of(width, height)
        frame = Frame(self.number, None, stamp, time.monotonic(), width, height, camera, "", 0, 0, still)
        self.number += 1
        return self.play(image, frame)
