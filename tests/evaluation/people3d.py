"""People annotated in a camera's frame, and lines of a record that found them."""

import numpy as np

from duopose.stream.skeleton import BODY17

LENS = {
    "width": 1000,
    "height": 800,
    "fx": 1000.0,
    "fy": 1000.0,
    "cx": 500.0,
    "cy": 400.0,
    "dist_k1k2p1p2k3": [0, 0, 0, 0, 0],
}
NAMES = ["left_hip", "right_hip", "left_knee", "right_knee", "left_wrist", "left_eye"]  # BODY17 has no eye


def pose(x, z):
    """BODY17 [17, 3] metres: random joints within half a metre, the pelvis between the hips."""
    joints = np.random.default_rng(0).uniform(-0.5, 0.5, (17, 3)) + [x, 0, z]
    joints[0] = (joints[BODY17.index("left_hip")] + joints[BODY17.index("right_hip")]) / 2
    return joints


def pixels(joints):
    return joints[..., :2] / joints[..., 2:] * 1000 + [500, 400]


def person(joints):
    places = [None if name not in BODY17 else joints[BODY17.index(name)].tolist() for name in NAMES]
    return {
        "id": 0,
        "joints_cam": places,
        "joints_img": [None if place is None else pixels(np.array(place)).tolist() for place in places],
        "pelvis_cam": joints[0].tolist(),
    }


def gt(*frames):
    frames = [{"image": f"{i}.jpg", "camera": LENS, "persons": list(people)} for i, people in enumerate(frames)]
    return {"format": "gt3d-1", "joint_names": NAMES, "frames": frames}


def line(number, *poses, branches=("top_down", "bottom_up")):
    people = [
        {
            "id": i + 1,
            "score": 0.9,
            "box": [0, 0, 1, 1],
            "coco2d": np.zeros((17, 3)).tolist(),
            "joints2d": np.zeros((17, 3)).tolist(),  # nothing measured: the projection stands in
            "joints3d": joints.tolist(),
            "branches": {branch: joints.tolist() for branch in branches},
        }
        for i, joints in enumerate(poses)
    ]
    return {"frame": number, "file": f"{number}.jpg", "stamp": 0.0, "width": 1000, "height": 800, "people": people}
