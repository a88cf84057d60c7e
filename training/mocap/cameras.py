"""Cameras that film people of motion capture.

World frame of the motion capture: Y up, right-handed, metres. Camera frame: x right, y down, z forward.
B windows of S frames, oldest first, 17 joints in BODY17 order.
"""

from typing import NamedTuple

import numpy as np

from duopose.stream.skeleton import L_HIP, PELVIS, R_HIP, THORAX
from duopose.training.mocap.rotations import rotation_x, rotation_y, rotation_z, turned

DESK = 0.2  # share of the cameras that stand on a desk, 0.45 to 1.5 m from the chest, about as high as the head
NEAREST, FARTHEST = 0.45, 1.5  # m, of these


class Cameras(NamedTuple):
    heading: np.ndarray  # rad [B], how the person is turned about the vertical
    distance: np.ndarray  # m [B], on the ground
    aside: np.ndarray  # m [B], to the side of the optical axis' vertical plane
    height: np.ndarray  # m [B], over the ground
    pitch: np.ndarray  # rad [B], looking down
    roll: np.ndarray  # rad [B]


def filmed(joints, cameras, at=-1):
    """World -> camera frame: the pelvis of frame `at` stands in front of the camera as `cameras` says."""
    ground = joints[:, at, PELVIS].copy()[:, None, None]
    ground[..., 1] = 0
    joints = turned(joints - ground, rotation_y(cameras.heading))
    joints = joints * np.array([-1, -1, 1], np.float32)  # Y up, right-handed -> y down, right-handed
    joints += np.stack([cameras.aside, cameras.height, cameras.distance], -1)[:, None, None].astype(np.float32)
    turn = rotation_z(cameras.roll) @ rotation_x(cameras.pitch)
    return turned(joints, turn)


def standard_cameras(joints, rng):
    """Cameras of the standard protocol: eye height, level but for what aims them at the person, 1.8 to 9 m away."""
    batch = len(joints)
    distance = np.exp(rng.uniform(np.log(1.8), np.log(9), batch))
    height = rng.uniform(0.5, 2.5, batch)
    aim = np.arctan2(height - joints[:, -1, PELVIS, 1], distance)
    return Cameras(
        heading=rng.uniform(0, 2 * np.pi, batch),
        distance=distance,
        aside=rng.uniform(-0.5, 0.5, batch) * distance,
        height=height,
        pitch=np.radians(rng.normal(0, 3, batch)) + rng.random(batch) * aim,
        roll=np.radians(rng.normal(0, 2.3, batch)),
    )


def any_cameras(joints, rng):
    """Cameras as users have them: webcams at 1.2 m, cameras under the ceiling that look down, phones held askew.

    What looks down is seldom aimed at the person: on the samples of Human3.6M, MPI-INF-3DHP and pose2sim people lean 16
    to 25 degrees towards the camera, wherever they are in the picture.
    """
    batch = len(joints)
    distance = np.exp(rng.uniform(np.log(1.2), np.log(12), batch))
    root = joints[:, -1, PELVIS, 1]
    looking_down = rng.random(batch) < 0.45
    depression = np.radians(rng.uniform(0, 40, batch))
    height = np.where(looking_down, root + distance * np.tan(depression), rng.uniform(0.4, 2.4, batch))
    aim = np.arctan2(height - root, distance)
    askew = np.where(rng.random(batch) < 0.25, 8.0, 2.5)
    stray = np.radians(rng.normal(0, np.where(looking_down, 8, 4)))
    return Cameras(
        heading=rng.uniform(0, 2 * np.pi, batch),
        distance=distance,
        aside=rng.uniform(-0.55, 0.55, batch) * distance,
        height=height,
        pitch=stray + np.where(looking_down, rng.uniform(0.6, 1.1, batch), rng.random(batch)) * aim,
        roll=np.radians(rng.normal(0, 1, batch) * askew),
    )


def desk_cameras(joints, rng):
    """Webcams before whom somebody sits or stands, mostly turned towards them, aimed between the chest and the head."""
    batch = len(joints)
    across = joints[:, -1, L_HIP] - joints[:, -1, R_HIP]  # who looks along z has the left at x
    heading = np.pi - np.arctan2(-across[:, 2], across[:, 0]) + rng.normal(0, 0.7, batch)
    chest = turned((joints[:, -1, THORAX] - joints[:, -1, PELVIS])[:, None, None], rotation_y(heading))[:, 0, 0]
    away = np.exp(rng.uniform(np.log(NEAREST), np.log(FARTHEST), batch))
    over = rng.uniform(-0.3, 0.5, batch)  # m, of the camera over the chest
    return Cameras(
        heading=heading,
        distance=away - chest[:, 2],
        aside=rng.uniform(-0.35, 0.35, batch) * away + chest[:, 0],
        height=joints[:, -1, THORAX, 1] + over,
        pitch=np.arctan2(over - rng.uniform(-0.1, 0.3, batch), away) + np.radians(rng.normal(0, 5, batch)),
        roll=np.radians(rng.normal(0, 2, batch)),
    )


def any_cameras_and_desks(joints, rng):
    """For people who are alone in their picture: a share of DESK of the cameras stands on a desk."""
    desk = rng.random(len(joints)) < DESK
    pairs = zip(any_cameras(joints, rng), desk_cameras(joints, rng), strict=True)
    return Cameras(*(np.where(desk, near, wide) for wide, near in pairs))


def rays_of(joints):
    """Camera frame [..., 3] -> x / z, y / z; what lies behind the camera is put far outside."""
    return joints[..., :2] / np.maximum(joints[..., 2:], 0.1)
