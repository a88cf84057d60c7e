"""Three people on a floor, seen by three cameras that know where they stand."""

import msgspec
import numpy as np

from duopose.stream.messages import Scene
from tests.viewer.scenes import STANDING, make_scene


def looking(eye, target):
    """A camera at `eye` that looks at `target`, in a world with z up -> float64 [3, 4], into the world."""
    forward = np.subtract(target, eye) / np.linalg.norm(np.subtract(target, eye))
    right = np.cross(forward, (0, 0, 1)) / np.linalg.norm(np.cross(forward, (0, 0, 1)))
    return np.column_stack([right, np.cross(forward, right), forward, eye])


POSES = {
    "door": looking((-3.6, -3.2, 2.4), (0, 0.4, 0.9)),
    "yard": looking((4.0, -2.4, 2.6), (0.2, 0.6, 0.9)),
    "gate": looking((3.2, 5.6, 2.5), (0, 0.3, 0.9)),
}
PEOPLE = ((-0.9, 0.2, 20), (0.9, -0.1, 130), (0.3, 1.5, 250))  # x, y, degrees
SEES = {"door": (0, 1), "yard": (1, 2), "gate": (0, 2)}


def standing(x, y, degrees):
    """float64 [17, 3], m, world."""
    angle = np.radians(degrees)
    turn = np.array([(np.cos(angle), -np.sin(angle), 0), (np.sin(angle), np.cos(angle), 0), (0, 0, 1)])
    return STANDING[:, [0, 2, 1]] @ turn.T + (x, y, 0)


def seen_by(name, read_at=100.0, number=0, off=0.0) -> Scene:
    """What a camera sees of them. off: m, how wrong it is."""
    pose = POSES[name]
    people = [(standing(*PEOPLE[person]) + off - pose[:, 3]) @ pose[:, :3] for person in SEES[name]]
    scene = make_scene(np.float32(people), number=number, stamp=read_at)
    camera = msgspec.structs.replace(scene.frame.camera, pose=tuple(pose.ravel().tolist()))
    frame = msgspec.structs.replace(scene.frame, camera_name=name, camera=camera, read_at=read_at)
    return msgspec.structs.replace(scene, frame=frame)
