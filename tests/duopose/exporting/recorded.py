"""Records of people who move with bones of constant length, written by the recorder's own lines."""

import numpy as np
from scipy.spatial.transform import Rotation

from duopose.nodes.recorder.record_format import header_line, record_line
from duopose.stream.settings import Settings
from duopose.stream.skeleton import (
    BODY_PARENTS,
    L_ELBOW,
    L_HIP,
    L_KNEE,
    L_SHOULDER,
    NOSE,
    PELVIS,
    R_ELBOW,
    R_HIP,
    R_KNEE,
    R_SHOULDER,
    THORAX,
)  # fmt: skip
from tests.viewer.scenes import STANDING, make_scene

RATE = 30.0
CAMERA_HEIGHT = 1.4  # m
LEFT, UP, FORWARD = np.eye(3)  # of someone who faces the camera


def walker(times, x=0.0, depth=4.0, facing=0.0, tilt=0.0):
    """Someone who turns, bends knees and elbows, nods and waves with the right hand, in the camera frame.

    facing  degrees away from the camera, to the left as they see it
    tilt    degrees, how far the camera looks down
    ->      float64 [T, 17, 3]
    """
    swing = np.sin(2 * np.pi * times)[:, None]
    turns = {
        PELVIS: UP * (0.4 * swing + np.radians(facing)),
        THORAX: UP * (0.2 * swing),
        NOSE: LEFT * (0.2 * swing),
        R_HIP: LEFT * (-0.4 - 0.4 * swing), R_KNEE: LEFT * (0.6 + 0.5 * swing),
        L_HIP: LEFT * (-0.4 + 0.4 * swing), L_KNEE: LEFT * (0.6 - 0.5 * swing),
        R_SHOULDER: FORWARD * (-1.5 + 0.3 * swing), R_ELBOW: FORWARD * (0.6 * swing - 1),
        L_SHOULDER: LEFT * (0.5 * swing), L_ELBOW: LEFT * (-0.8 + 0.4 * swing),
    }  # fmt: skip
    rest = STANDING * (1, 1, -1)  # right, up, towards the camera
    joints, world = np.zeros((len(times), 17, 3)), {}
    for joint, parent in enumerate(BODY_PARENTS):
        own = Rotation.from_rotvec(turns.get(joint, np.zeros((len(times), 3))))
        world[joint] = own if parent < 0 else world[parent] * own
        start = rest[0] if parent < 0 else joints[:, parent]
        offset = np.zeros(3) if parent < 0 else rest[joint] - rest[parent]
        joints[:, joint] = start + (np.zeros(3) if parent < 0 else world[parent].apply(offset))
    joints[..., 1] -= joints[..., 1].min(1, keepdims=True) - 0.09  # the lower foot stands on the floor
    joints = joints * (1, -1, -1) + (x, CAMERA_HEIGHT, depth)
    joints[..., 0] += 0.3 * times[:, None]  # they walk to the right
    return Rotation.from_euler("x", tilt, degrees=True).apply(joints.reshape(-1, 3)).reshape(-1, 17, 3)


def write_record(path, people, count, begin=0, rate=RATE, stills=False, header=True):
    """Append a run to a record.

    people   {identity: (first frame, joints [T, 17, 3], frames in which they are missing)}
    """
    lines = []
    for number in range(begin, begin + count):
        there = {
            identity: joints[number - first]
            for identity, (first, joints, missing) in people.items()
            if first <= number < first + len(joints) and number not in missing
        }
        scene = make_scene(list(there.values()), ids=list(there), number=number, stamp=number / rate)
        if not lines and header:
            lines.append(header_line(Settings(source="clip.mp4", version="0", stills=stills), scene))
        lines.append(record_line(scene))
    with open(path, "ab") as file:
        file.write(b"".join(line + b"\n" for line in lines))
