"""A scene as one line of JSON: the format of `--record`.

    {"frame": 17, "file": "0017.jpg" or null, "stamp": s, "width": px, "height": px,
     "camera": {"fx", "fy", "cx", "cy", "distortion": [k1, k2, p1, p2, k3],
                "from": "file" | "fov" | "exif" | "default", each with "+height" where --camera-height was used,
                "pose": [12 numbers], the matrix [3, 4] from the camera frame into the world, where it is known},
     "camera_name": of the run's camera, where they have names,
     "latency_ms": from reading to the fused pose,
     "people": [{"id", "score", "source": "both" | "top_down" | "bottom_up", "box": [x, y, w, h],
                 "coco2d": [[x, y, score], ... 17], "joints2d": [[x, y, score], ... 17],
                 "joints3d": [[x, y, z], ... 17],
                 "branches": {"top_down": [[x, y, z], ... 17], "bottom_up": ...},
                 "depth_sd": of log(Z) of the root, "joint_sd": [mm, ... 17], relative to the root,
                 "measured": false, or lacking}]}

2D is in pixels of the upright frame, a joint that was not found is [0, 0, 0]; 3D is in metres in the camera frame.
`joints2d` and 3D are BODY17. `branches` holds each branch's own pose, where it has one. `depth_sd` and `joint_sd` say
how sure the pose is: 68 % of errors are smaller; they lack where nobody says. `measured` is false where nobody looked
at this person in this frame: what is said of them was predicted.

Above the first line of a run, and of each file that it goes on in, stands a header, which has no "frame":

    {"duopose": 1, "started": when the run was, "written": when this line was, both as "2026-11-29T21:30:05.123Z",
     "continued": false, true below the first header of a run, "version", "source": without passwords,
     "stamp": s, "read": when the picture with this stamp was read, "camera": as above,
     "settings": {what else decides what is found: "profile", "device", "fov", ...}}
"""

import datetime
import time

import msgspec
import numpy as np

from duopose.stream.messages import arrays_of
from duopose.stream.skeleton import coco_to_body

DECIMALS = 4
SOURCES = {1: "top_down", 2: "bottom_up", 3: "both"}

FORMAT = 1  # of the record, in its headers
DECIDING = (  # settings that stand in a header
    "kind", "every_frame", "stills", "profile", "device", "camera_file", "fov", "person_height", "camera_height",
    "camera_size", "camera_fps", "lookahead", "max_people", "smooth", "also",
)  # fmt: skip

_encode = msgspec.json.Encoder().encode


def record_line(scene):
    """stream.messages.Scene -> bytes, without the end of line."""
    frame = scene.frame
    return _encode(
        {
            "frame": frame.number,
            "file": frame.file,
            "stamp": round(frame.stamp, DECIMALS),
            "width": frame.width,
            "height": frame.height,
            "camera": _camera(frame.camera),
            "latency_ms": round(latency_ms(scene), DECIMALS),
            "people": _people(scene),
        }
        | ({"camera_name": frame.camera_name} if frame.camera_name else {})
    )


def header_line(settings, scene, continued=False):
    """What stands above the line of `scene`, the first one of a run or of a file that it goes on in -> bytes."""
    now, clock = time.time(), time.monotonic()
    return _encode(
        {
            "duopose": FORMAT,
            "started": _wall_clock(now - (clock - settings.started_at)),
            "written": _wall_clock(now),
            "continued": continued,
            "version": settings.version,
            "source": settings.shown_source,
            "stamp": round(scene.frame.stamp, DECIMALS),
            "read": _wall_clock(now - (clock - scene.frame.read_at)),
            "camera": _camera(scene.frame.camera),
            "settings": {name: getattr(settings, name) for name in DECIDING},
        }
    )


def _wall_clock(seconds):
    """s since the epoch -> ISO 8601, UTC, milliseconds."""
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def _camera(camera):
    numbers = {name: round(getattr(camera, name), DECIMALS) for name in ("fx", "fy", "cx", "cy")}
    pose = {} if camera.pose is None else {"pose": [round(number, DECIMALS) for number in camera.pose]}
    return numbers | {"distortion": camera.distortion, "from": camera.origin} | pose


def without_broken(scene):
    """-> the scene without people whose numbers are not finite, how many those were."""
    whole = np.ones(len(scene.ids), bool)
    for array in (scene.scores, scene.boxes, scene.coco, scene.joints):
        whole &= np.isfinite(array).all(axis=tuple(range(1, array.ndim)))
    if whole.all():
        return scene, 0
    arrays = {name: getattr(scene, name)[whole] for name in arrays_of(type(scene))}
    return msgspec.structs.replace(scene, **arrays), int((~whole).sum())


def latency_ms(scene):
    """From reading the picture to its fused poses."""
    return 1000 * (scene.fused_at - scene.frame.read_at)


def _people(scene):
    ids, sources = scene.ids.tolist(), scene.sources.tolist()
    scores, boxes, coco, joints = map(_plain, (scene.scores, scene.boxes, scene.coco, scene.joints))
    body = _plain(coco_to_body(scene.coco))
    branches = {"top_down": scene.top_down, "bottom_up": scene.bottom_up}
    complete = {name: np.isfinite(poses).all((1, 2)).tolist() for name, poses in branches.items()}
    plain = {name: _plain(poses) for name, poses in branches.items()}
    depth_sd, joint_sd = _plain(scene.depth_sd), _plain(1000 * scene.joint_sd)
    sure = np.isfinite(scene.depth_sd).tolist()
    return [
        {
            "id": ids[person],
            "score": scores[person],
            "source": SOURCES[sources[person]],
            "box": boxes[person],
            "coco2d": coco[person],
            "joints2d": body[person],
            "joints3d": joints[person],
            "branches": {name: plain[name][person] for name in branches if complete[name][person]},
        }
        | ({"depth_sd": depth_sd[person], "joint_sd": joint_sd[person]} if sure[person] else {})
        | ({"measured": False} if ids[person] in scene.predicted else {})
        for person in range(len(ids))
    ]


def _plain(array):
    """float32 -> nested lists of rounded numbers. In float64: a rounded float32 prints as 0.8700000047683716."""
    return np.round(array.astype(np.float64), DECIMALS).tolist()
