"""Records of people who walk about before a camera that is known: each a few sticks with swinging legs."""

import math

import numpy as np

from duopose.nodes.recorder.record_format import record_line
from duopose.stream.messages import Camera, Frame, Scene
from duopose.stream.skeleton import COCO17, coco_to_body

WIDTH, HEIGHT, RATE = 1280, 720, 10.0  # pixels; frames/s
STRIDE, SPEED = 1.3, 1.1  # m of two steps, m/s
PIXELS = 2.0  # that a joint in the picture errs by


def walker(tall, gone):
    """COCO17 [17, 3] of a person who has walked `gone` metres along +y; z up, the floor at z = 0, the hips at y = 0."""
    phase = 2 * np.pi * gone / STRIDE
    joints = {"nose": (0, 0.1, 0.92)}
    for side, sign in (("left", -1), ("right", 1)):
        swing, lift = np.sin(phase + sign * np.pi / 2), max(np.cos(phase + sign * np.pi / 2), 0)
        joints |= {
            f"{side}_eye": (0.02 * sign, 0.08, 0.93), f"{side}_ear": (0.04 * sign, 0.02, 0.93),
            f"{side}_shoulder": (0.11 * sign, 0.02, 0.82), f"{side}_elbow": (0.13 * sign, 0.01, 0.63),
            f"{side}_wrist": (0.13 * sign, 0.04, 0.48), f"{side}_hip": (0.06 * sign, 0, 0.52),
            f"{side}_knee": (0.06 * sign, 0.07 * swing + 0.03, 0.28),
            f"{side}_ankle": (0.06 * sign, 0.18 * swing, 0.045 + 0.06 * lift),
        }  # fmt: skip
    return tall * np.array([joints[name] for name in COCO17])


def camera_axes(tilt):
    """Degrees down -> float64 [3, 3], rows: the camera's x, y, z in the world."""
    cos, sin = np.cos(np.radians(tilt)), np.sin(np.radians(tilt))
    return np.array([[1, 0, 0], [0, -sin, -cos], [0, cos, -sin]])


def focal_of(field):
    """Horizontal field of view in degrees -> pixels."""
    return WIDTH / 2 / math.tan(math.radians(field / 2))


def scenes(tilt, field=65.0, people=3, seconds=30, high=2.6, sit=False, seed=0):
    """Yield a Scene for each frame; the true lens is `field` degrees wide, the record takes it for 60."""
    rng = np.random.default_rng(seed)
    focal, lens = focal_of(field), Camera(focal_of(60.0), focal_of(60.0), 639.5, 359.5, "default")
    axes, talls = camera_axes(tilt), rng.uniform(1.6, 1.9, people)
    places, aims = rng.uniform((-1, 3), (1, 7), (people, 2)), rng.uniform((-1, 3), (1, 7), (people, 2))
    gone = rng.uniform(0, STRIDE, people)
    for number in range(int(seconds * RATE)):
        coco, joints = np.zeros((people, 17, 3), np.float32), np.zeros((people, 17, 3), np.float32)
        for n in range(people):
            way = aims[n] - places[n]
            if np.linalg.norm(way) < 0.2:
                aims[n] = rng.uniform((-1, 3), (1, 7))
            way /= np.linalg.norm(way)
            places[n] += SPEED / RATE * way
            gone[n] += SPEED / RATE
            turned = np.array([[way[1], way[0], 0], [-way[0], way[1], 0], [0, 0, 1]])
            pose = walker(talls[n], gone[n])
            if sit:
                pose[13:15, 1] += 0.4  # the knees
            seen = (pose @ turned.T + [*places[n], -high]) @ axes.T
            pixels = seen[:, :2] / seen[:, 2:] * focal + [lens.cx, lens.cy] + rng.normal(0, PIXELS, (17, 2))
            inside = (pixels > 0).all(1) & (pixels < [WIDTH - 1, HEIGHT - 1]).all(1)
            coco[n] = np.column_stack([pixels, np.ones(17)]) * inside[:, None]
            joints[n] = coco_to_body(np.column_stack([seen, np.ones(17)]))[:, :3]
        frame = Frame(number, None, number / RATE, 0.0, WIDTH, HEIGHT, lens, "", 0, 0, False)
        ids, ones, boxes = np.arange(1, people + 1, dtype=np.int32), np.ones(people, np.float32), np.ones((people, 4))
        sd = np.ones((people, 17), np.float32)
        yield Scene(frame, 0.0, ids, ones, ones.astype(np.uint8), boxes, coco, joints, joints, joints, ones, sd)


def record_of(said, path):
    """Write these scenes as a record."""
    path.write_bytes(b"".join(record_line(scene) + b"\n" for scene in said))
    return str(path)
