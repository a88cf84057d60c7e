"""People, and networks that give known answers about them, for the nodes of the profile `released`."""

import numpy as np
import torch

from duopose.kernels.camera import constants, project
from duopose.networks.released.skeletons import MUCO14, MUPOTS17
from duopose.nodes.released.bottom_up import FOCAL, ROOT_MEAN, ROOT_UNIT
from duopose.stream.skeleton import COCO17
from tests import painted
from tests.painted import CAMERA


def numpy(call):
    """A module as the nodes call it."""

    def run(*arrays):
        with torch.inference_mode():
            out = call(*map(torch.from_numpy, arrays))
        return tuple(o.numpy() for o in (out if isinstance(out, tuple) else (out,)))

    return run


def pictured(x, z):
    """Someone as tests.painted pictures them, without eyes and ears, which lie on the nose there."""
    body, coco = painted.pictured(x, z)
    coco[1:5] = 0
    return body, coco


class Known:
    """A network that gives a known answer and remembers what it was shown."""

    def __init__(self, answer):
        self.answer, self.seen = answer, []

    def __call__(self, *arrays):
        self.seen.append(arrays)
        return (self.answer(*arrays),)


def someone(x=0.0, z=4.0):
    """BODY17 2D joints [1, 17, 3] of someone who stands x m to the right, z m away, and the pose [17, 3] in metres."""
    body, _ = pictured(x, z)
    points = np.ones((1, 17, 3), np.float32)
    points[0, :, :2] = project(body, *constants(CAMERA))
    return points, body


class Painted:
    """The authors' bottom-up network for painted pictures: maps of half the input's size, flat people, known depths."""

    def __init__(self, depths):
        self.depths = depths

    def __call__(self, frames, guides):
        self.guides = guides[0]
        height, width = frames.shape[1] // 2, frames.shape[2] // 2
        heatmaps, tags = np.zeros((2, 14, height, width), np.float32)
        v, u = np.mgrid[:height, :width]
        focal = painted.FOCAL * frames.shape[1] / painted.HEIGHT
        root = np.zeros((height, width), np.float32)
        for person in range(len(self.depths)):
            at = {COCO17[joint]: np.array([x, y]) for who, joint, x, y in painted.discs(frames[0]) if who == person}
            at["pelvis"], at["head"] = (at["left_hip"] + at["right_hip"]) / 2, at["nose"]
            for joint, name in enumerate(MUCO14):
                x, y = (at[name] - 0.5) / 2 + 0.1  # between cells, so that enlarging gives one highest pixel
                peak = 0.8 * np.exp(-((u - x) ** 2 + (v - y) ** 2) / 8)
                tags[joint][peak > np.maximum(heatmaps[joint], 0.05)] = 3 * person
                heatmaps[joint] = np.maximum(heatmaps[joint], peak)
            x = (at["pelvis"][0] - 0.5) / 2
            root[:, int(x) - 4 : int(x) + 5] = self.depths[person] * FOCAL / focal / ROOT_UNIT - ROOT_MEAN
        return heatmaps[None], tags[None], root[None, None], np.zeros((1, 13, height, width), np.float32)


def turned(body):
    """A Transform that knows the pose but for where it looks and how large it is."""
    turn = np.linalg.qr(np.random.default_rng(1).normal(size=(3, 3)))[0]
    turn *= np.sign(np.linalg.det(turn))
    return lambda x: (np.repeat(2.5 * (body @ turn)[None, MUPOTS17], len(x), 0).astype(np.float32),)
