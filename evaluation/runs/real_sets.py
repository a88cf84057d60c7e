"""Sets of real pictures with known people, a folder each: what is true in them, and what the live program finds.

A folder holds `gt.json` and its pictures or its clip. `format` says what is known of people:

    gt3d-1         joints, metres in the camera's frame
    gt3d-ground-1  a box, and the pelvis above a calibrated ground
    gt3d-boxes-1   a box, and the middle of a lidar's box
"""

import json
from typing import NamedTuple

import numpy as np

from duopose.evaluation.measures import honest, placing
from duopose.evaluation.runs import records, sequences
from duopose.stream.errors import UsageError
from duopose.stream.messages import Camera
from duopose.stream.skeleton import BODY_HIPS, L_SHOULDER, PELVIS, R_SHOULDER
from duopose.training.datasets.reading.errors import reading

POSED, PLACED = ("gt3d-1",), ("gt3d-ground-1", "gt3d-boxes-1")
SHOULDERS = (L_SHOULDER, R_SHOULDER)
UNSURE_SCALE = 0.05  # a set whose scale was assumed: how far the factor common to all its lengths may be off


class Judged(NamedTuple):
    """One labelled frame and what was found in it."""

    frame: dict  # of gt.json
    truth: honest.Truth
    found: records.Found
    match: np.ndarray  # int [P] index of who was found, -1 = nobody


def load(folder, formats=POSED):
    """gt.json of a set, or None if it is of another format or has no pictures."""
    path = folder / "gt.json"
    if not path.exists():
        return None
    with reading(path, "a set of poses"):
        gt = json.loads(path.read_text())
        usable = gt.get("format") in formats and all("video" in gt or frame["image"] for frame in gt["frames"])
    return gt if usable else None


def usable_sets(folder, names=None, formats=POSED):
    """{name: gt} of the sets with pictures of these formats; UsageError if there is none."""
    names = names or sorted(path.name for path in folder.iterdir() if path.is_dir())
    sets = {name: gt for name in names if (gt := load(folder / name, formats))}
    if not sets:
        what = "joints" if formats == POSED else "known people"
        raise UsageError(f"{folder}: no set with {what} and pictures among {', '.join(names) or 'nothing'}")
    return sets


def clips_of(sets, folder):
    """Those of the sets {name: gt} of a folder that are a clip with joints; UsageError if there is none."""
    clips = {name: gt for name, gt in sets.items() if "video" in gt and gt["format"] in POSED}
    if not clips:
        raise UsageError(f"{folder}: no clip with joints among {', '.join(sets)}: --live is for clips")
    return clips


def camera(lens):
    """`stream.messages.Camera` of a set's "camera"."""
    numbers = (float(lens[key]) for key in ("fx", "fy", "cx", "cy"))
    return Camera(*numbers, "file", tuple(map(float, lens["dist_k1k2p1p2k3"])))


def lens_of(gt, frame):
    """`stream.messages.Camera` of a frame."""
    return camera(frame.get("camera") or gt["camera"])


def truth(gt, frame):
    """Annotated people of one frame of a set with joints -> `honest.Truth`.

    Someone without a root, or without a joint in the image, is left out. The root is between the hips, else the given
    pelvis. A set whose skeleton has no hips (people at a desk) is judged from the middle of the shoulders: its pelvis
    would be a guess.
    """
    lens, names = frame.get("camera") or gt["camera"], gt["joint_names"]
    joints = [honest.by_name(names, person["joints_cam"]) for person in frame["persons"]]
    pixels = [honest.by_name(names, person["joints_img"]) for person in frame["persons"]]
    joints, pixels = np.array(joints).reshape(-1, 17, 3), np.array(pixels)[..., :2].reshape(-1, 17, 2)
    inside = (pixels >= 0) & (pixels <= [lens["width"] - 1, lens["height"] - 1])
    scored = inside.all(-1) & np.isfinite(joints).all(-1)
    if {"left_hip", "right_hip"} & set(names):
        anchor, roots = (PELVIS,), joints[:, BODY_HIPS].mean(1)
        given = np.array([person["pelvis_cam"] or [np.nan] * 3 for person in frame["persons"]], float).reshape(-1, 3)
        roots = np.where(np.isfinite(roots), roots, given)
    else:
        anchor, roots = SHOULDERS, joints[:, SHOULDERS].mean(1)
    usable = scored.any(1) & np.isfinite(roots).all(1)
    people = np.array([person.get("id", number) for number, person in enumerate(frame["persons"])], int)
    shown = np.where(scored[..., None], pixels, np.nan)
    return honest.Truth(joints[usable], shown[usable], scored[usable], roots[usable], people[usable], anchor)


def boxes(frame):
    """People of one frame of a set without joints -> `placing.Known`."""
    corners = [
        person["bbox_img_xywh"] if "bbox_img_xywh" in person else as_xywh(*person["bbox_img_xyxy"])
        for person in frame["persons"]
    ]
    places = [person["pelvis_cam"] if "pelvis_cam" in person else person["centre_cam"] for person in frame["persons"]]
    return placing.Known(np.array(corners, float).reshape(-1, 4), np.array(places, float).reshape(-1, 3)[:, 2])


def as_xywh(left, top, right, bottom):
    return [left, top, right - left, bottom - top]


def labelled(gt, recorded):
    """The annotated frames of a set, each with its `records.Found`."""
    key = "frame" if "video" in gt else "image"
    by_frame = {(f.frame if "video" in gt else f.file): f for f in recorded}
    missing = [frame[key] for frame in gt["frames"] if frame[key] not in by_frame]
    if missing:
        what = f"{len(missing)} of {len(gt['frames'])} labelled pictures of the set, e.g. {missing[0]}"
        raise UsageError(f"the record lacks {what}: a node died or was too slow; delete the record and run again")
    return [(frame, by_frame[frame[key]]) for frame in gt["frames"]]


def judged(gt, recorded):
    """Yields the annotated frames of a set with joints, each with who was found in it, as `Judged`."""
    for frame, found in labelled(gt, recorded):
        true = truth(gt, frame)
        yield Judged(frame, true, found, honest.match(true.pixels, sequences.seen(found, lens_of(gt, frame))))


def camera_file(gt, path):
    """Write the intrinsics of a set as `--camera` wants them: one for a clip, one a picture for pictures."""

    def entry(lens):
        return sequences.intrinsics(camera(lens), (lens["width"], lens["height"]))

    if "video" in gt:
        cameras = entry(gt["camera"])
    else:
        cameras = {frame["image"]: entry(frame.get("camera") or gt["camera"]) for frame in gt["frames"]}
    path.write_text(json.dumps(cameras))
    return path


def record_of(folder, gt, kept, temporary, live):
    """What the live program finds on a set -> list of `records.Found`; its record is, or will be, in the folder
    `kept`."""
    lens = camera_file(gt, temporary / f"{folder.name}.json")
    if "video" in gt:
        source, how = folder / gt["video"], "--every-frame"
    else:
        source, how = only_pictures(gt, folder, temporary / folder.name), "--stills"
    return records.obtain(kept / f"{folder.name}.jsonl", source, how, "--camera", lens, *live)


def live_record_of(folder, gt, kept, temporary, live, offline):
    """The same of a clip that is played at its own pace, as a camera would: the frames that were not dropped, numbered
    as in the record `offline` of all."""
    lens, stamps = camera_file(gt, temporary / f"{folder.name}.json"), np.array([found.stamp for found in offline])
    path = kept / f"{folder.name}.live.jsonl"
    recorded = records.obtain(path, folder / gt["video"], "--realtime", "--camera", lens, *live)
    return [found._replace(frame=offline[np.abs(stamps - found.stamp).argmin()].frame) for found in recorded]


def with_only(gt, recorded):
    """The set without the labelled frames that the record of a live run lacks."""
    there = {found.frame for found in recorded}
    return gt | {"frames": [frame for frame in gt["frames"] if frame["frame"] in there]}


def only_pictures(gt, folder, linked):
    """A folder with links to the pictures of the set and nothing else."""
    linked.mkdir()
    for frame in gt["frames"]:
        (linked / frame["image"]).symlink_to((folder / frame["image"]).resolve())
    return linked
