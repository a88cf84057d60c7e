"""Scenes as the page takes them: JSON of whole numbers, with the floor, rate and latency found on the way.

{"frame", "from": name of the run's camera, "stamp": s, "size": [width, height], "camera": [fx, fy, cx, cy],
 "lens": "file" | "fov" | "default",
 "floor": camera to world, 3 rows of 4, "rate": frames/s or null, "latency": ms,
 "people": [{"id", "name": the identity behind the camera's name, "colour": [r, g, b], "both": seen by both branches,
             "joints": BODY17, x y z in mm, camera frame, "measured": bit j is set where joint j was measured,
             "coco": x y in pixels, each joint that was found and null for the others,
             "away": m from the camera, "sd": of the log of the depth, null where nobody says}],
 "cameras": in the one space of several, what stands for each: {"name", "size", "camera", "floor", "colour"}; else null}
"""

import msgspec
import numpy as np

from duopose.stream.overlay import SHOWN
from duopose.stream.skeleton import BODY_BONES, COCO_BONES, HEAD_TOP, NOSE, PELVIS, THORAX, coco_to_body
from duopose.viewer.controls.pace import Pace
from duopose.viewer.drawing import bodies
from duopose.viewer.drawing.together import Together, colours_of, distances_of, frames_of, name_of
from duopose.viewer.floor import Floor

to_json = msgspec.json.Encoder().encode

SHAPE = {  # how the page draws a person: as the window does
    "bones": [bone for bone in BODY_BONES if NOSE not in bone],
    "pelvis": PELVIS,
    "thorax": THORAX,
    "nose": NOSE,
    "headTop": HEAD_TOP,
    "radii": np.round(bodies.RADII.astype(float), 4).tolist(),  # m
    "headRadius": bodies.HEAD_RADIUS,
    "longestHead": bodies.LONGEST_HEAD,
    "swell": bodies.JOINT_SWELL,
    "tint": bodies.JOINT_TINT,
    "thinner": bodies.THINNER,
    "darker": bodies.UNSEEN,
    "cocoBones": COCO_BONES,
}


class SceneWriter:
    """Turns the scenes of a run, one after the other, into what the page takes."""

    def __init__(self):
        self.floor, self.pace = Floor(), Pace()

    def write(self, scene, now):
        """Scene and s when it is shown -> bytes, JSON as above."""
        self.floor.update(scene)
        self.pace.add(scene, now)
        frame, camera, rate, matrix = scene.frame, scene.frame.camera, self.pace.rate, self.floor.camera_to_world()
        return to_json(
            {
                "frame": frame.number,
                "from": frame.camera_name,
                "stamp": round(frame.stamp, 3),
                "size": (frame.width, frame.height),
                "camera": _lens(camera),
                "lens": camera.origin,
                "floor": _rounded(matrix),
                "rate": None if rate is None else round(rate, 1),
                "latency": round(1000 * self.pace.latency),
                "people": _people(scene),
                "cameras": _cameras(scene, matrix) if isinstance(scene, Together) else None,
            }
        )


def _lens(camera):
    return [round(number, 1) for number in (camera.fx, camera.fy, camera.cx, camera.cy)]


def _rounded(matrix):
    """Its upper 3 rows."""
    return np.round(matrix[:3], 4).tolist()


def _cameras(scene, floor):
    """floor: from the scene's frame into the page's world."""
    return [
        {
            "name": frame.camera_name,
            "size": (frame.width, frame.height),
            "camera": _lens(frame.camera),
            "floor": _rounded(floor @ matrix),
            "colour": [round(255 * part) for part in colour],
        }
        for frame, matrix, colour in frames_of(scene)
    ]


def _people(scene):
    joints = np.rint(1000 * scene.joints).astype(int).reshape(-1, 51).tolist()
    measured = ((coco_to_body(scene.coco)[..., 2] > 0) @ (1 << np.arange(17))).tolist()
    points = np.rint(scene.coco[..., :2]).astype(int).tolist()
    found = (scene.coco[..., 2] >= SHOWN).tolist()
    colours = np.rint(255 * colours_of(scene.ids, scene)).astype(int).tolist()
    away = np.round(distances_of(scene).astype(float), 3).tolist()
    return [
        {
            "id": identity,
            "name": name_of(identity, scene),
            "colour": colours[person],
            "both": int(scene.sources[person]) == bodies.BOTH,
            "joints": joints[person],
            "measured": measured[person],
            "coco": [point if seen else None for point, seen in zip(points[person], found[person], strict=True)],
            "away": away[person],
            "sd": round(float(scene.depth_sd[person]), 3) if np.isfinite(scene.depth_sd[person]) else None,
        }
        for person, identity in enumerate(scene.ids.tolist())
    ]
