"""Clips with known people, played through all nodes in this process, again and again.

Each network remembers its answers of the first run, so only what is changed afterwards is computed again.
"""

import hashlib
from collections import Counter
from typing import NamedTuple

import msgspec
import numpy as np

from duopose.evaluation import ablation
from duopose.nodes.capture.files import VideoFile
from duopose.nodes.chain import MOST_PEOPLE, Chain
from duopose.nodes.fusion.fusion import Fusion
from duopose.nodes.fusion.integration import Integration
from duopose.stream.camera_file import Cameras
from duopose.stream.messages import Camera, Frame

STILL_STEP = 10  # one of so many frames is played as a still


class Clip(NamedTuple):
    """A clip and who is in it."""

    pictures: list  # (uint8 [H, W, 3] RGB, Frame numbered from 0)
    numbers: list  # of these frames in the file
    people: dict  # as `evaluation.video` reads it
    joints: dict | None  # as `real_sets` reads it, of a rendered clip


def load(path, known, step):
    """Every step-th frame of a clip, with its truth as parsed from JSON -> Clip."""
    cameras, pictures, numbers = Cameras(None, None), [], []
    for number, picture in enumerate(VideoFile(path, Counter()).pictures()):
        if number % step == 0:
            camera = cameras.of(picture.width, picture.height)
            if "camera" in known:
                camera = Camera(*(known["camera"][key] for key in ("fx", "fy", "cx", "cy")), "file")
            frame = Frame(
                len(pictures), None, picture.stamp, 0.0, picture.width, picture.height, camera, "", 0, 0, False
            )
            pictures.append((np.array(picture.pixels()), frame))
            numbers.append(number)
    joints = None
    if "frames" in known:
        joints = ablation.truth(known)
        joints["frames"] = joints["frames"][::step]
    return Clip(pictures, numbers, known, joints)


def as_stills(clip):
    """Some frames of a clip, each as a still -> Clip."""
    pictures = [(image, msgspec.structs.replace(frame, still=True)) for image, frame in clip.pictures[::STILL_STEP]]
    joints = clip.joints and clip.joints | {"frames": clip.joints["frames"][::STILL_STEP]}
    return Clip(pictures, clip.numbers[::STILL_STEP], clip.people, joints)


class Remembering:
    """A network that remembers its answers while `learns` is set. `answers`: {digest of the input: output}"""

    def __init__(self, network):
        self.network, self.arguments = network, network.arguments
        self.answers, self.learns = {}, False

    def __call__(self, *arrays):
        asked = hashlib.blake2b(digest_size=16)
        for array in arrays:
            asked.update(str(array.shape).encode())
            asked.update(np.ascontiguousarray(array))
        key = asked.digest()
        if key in self.answers:
            return self.answers[key]
        answer = self.network(*arrays)
        if self.learns:
            self.answers[key] = answer
        return answer


class Player:
    """Plays clips through the nodes. `networks`: nodes.chain.Networks, loaded once for all clips"""

    def __init__(self, networks):
        parts = networks._replace(lifting=networks.lifting._replace(**remembering(networks.lifting)))
        self.networks = parts._replace(**remembering(parts, "lifting"))
        self.remembering = [*self.networks.lifting, *(n for n in self.networks if isinstance(n, Remembering))]

    def forget(self):
        """Forget the answers, before another clip."""
        for network in self.remembering:
            network.answers.clear()

    def play(self, clip, learns=False):
        """-> list of Scene, and list of the branches' answers: (top-down, bottom-up) Poses."""
        for network in self.remembering:
            network.learns = learns
        chain, scenes, said = Chain.of(self.networks), [], []
        for image, frame in clip.pictures:
            scenes.append(chain.play(image, frame))
            said.append((chain.said["pose_top"], chain.said["pose_bottom"]))
        return scenes, said

    def fuse(self, said):
        """The branches' answers -> list of Scene."""
        node = Fusion(Integration(self.networks.integration).step, MOST_PEOPLE)
        return [node.step(top, bottom) for top, bottom in said]


def remembering(networks, *without):
    """{name: the network, remembering} of a NamedTuple of networks."""
    return {name: Remembering(network) for name, network in networks._asdict().items() if name not in without}
