"""2D poses of real people with a known place and no pictures: three kinds of sets, read into one form.

    pose-distance-1  people.json: COCO joints that a detector found, intrinsics, true depth; everyone stands alone
    gt3d-1           gt.json without images: the 2D pose is the truth's own projection, as far as it lies in the picture
    detections-1     meta.json and detections.npz: unassigned joints of a clip, several cameras

Detections are given to people by the truth: of each kind of joint those nearest to where the true joint is projected,
one to one, at most NEAR away. Face joints, which this truth lacks, are expected between neck and top of the head. So
which joint is whose is known here, and only where it is seen and whether it was found is the detector's.
"""

import json
from typing import NamedTuple

import numpy as np

from duopose.evaluation.measures import honest
from duopose.evaluation.runs import real_sets
from duopose.kernels.assignment import assign
from duopose.stream.messages import Camera
from duopose.stream.skeleton import BODY_HIPS, COCO17, PELVIS
from duopose.training.datasets.reading.errors import reading
from duopose.training.datasets.reading.labelled import projected

NEAR = 0.1  # of a person's height in the picture: how far a detection may lie from the true joint
FACE = ("nose", "left_eye", "right_eye", "left_ear", "right_ear")
NEVER = 1e3


class Shot(NamedTuple):
    """The P people of one picture, or of one moment of a clip before one camera."""

    clip: str | None  # None: a picture by itself
    stamp: float  # s
    camera: Camera
    coco: np.ndarray  # [P, 17, 3] COCO17: x, y pixels, score; 0 0 0 = not found
    truth: honest.Truth


def shots(folder):
    """Shots of a set, or None if it is none of these kinds."""
    readers = {"people.json": distances, "meta.json": detections, "gt.json": projections}
    for name, read in readers.items():
        if (folder / name).exists():
            with reading(folder / name, "2D poses"):
                known = json.loads((folder / name).read_text())
            return read(folder, known)
    return None


def distances(folder, known):
    """A set of "pose-distance-1": of the truth only the depth is known."""
    if known.get("format") != "pose-distance-1":
        return None
    out = []
    for number, person in enumerate(known["people"]):
        camera = Camera(*(float(person[key]) for key in ("fx", "fy", "cx", "cy")), "file")
        nothing = np.full((1, 17, 3), np.nan)
        root = np.array([[np.nan, np.nan, person["depth_z"]]])
        truth = honest.Truth(nothing, nothing[..., :2], np.zeros((1, 17), bool), root, np.array([number]))
        coco = np.array([person["keypoints"]], float)
        out.append(Shot(None, 0.0, camera, np.where(coco[..., 2:] > 0, coco, 0), truth))
    return out


def projections(folder, gt):
    """A set of "gt3d-1" without images."""
    if gt.get("format") != "gt3d-1" or "video" in gt or any(frame["image"] for frame in gt["frames"]):
        return None
    out = []
    for frame in gt["frames"]:
        truth = real_sets.truth(gt, frame)
        by_id = {person["id"]: person for person in frame["persons"]}
        joints = [by_id[who]["joints_img"] for who in truth.people.tolist()]
        pixels = np.array([honest.by_name(gt["joint_names"], places, COCO17) for places in joints]).reshape(-1, 17, 2)
        lens = frame.get("camera") or gt["camera"]
        shown = ((pixels >= 0) & (pixels <= [lens["width"] - 1, lens["height"] - 1])).all(-1, keepdims=True)
        coco = np.where(shown, np.concatenate([pixels, np.ones_like(shown)], -1), 0)
        out.append(Shot(None, 0.0, real_sets.lens_of(gt, frame), coco, truth))
    return out


def detections(folder, meta):
    """A set of "detections-1": every moment at which somebody is labelled, camera by camera."""
    if meta.get("format") != "detections-1":
        return None
    names = meta["gt_joint_names"]
    kinds = [meta["peak_joint_names"].index(name) for name in COCO17]
    out = []
    with np.load(folder / "detections.npz") as file:
        for number, lens in meta["cameras"].items():
            camera, size = real_sets.camera(lens), np.array([lens["width"], lens["height"]])
            peaks, people = file[f"cam{number}_peaks"], file[f"cam{number}_people"]
            for frame in np.unique(people[:, 0]):
                labelled = people[people[:, 0] == frame]
                joints = labelled[:, 2:].reshape(-1, len(names), 3).astype(float)
                pixels = projected(joints, camera).astype(float)
                seen = peaks[peaks[:, 0] == frame]
                coco = assigned(expected(names, pixels), heights(pixels), [seen[seen[:, 1] == k, 2:] for k in kinds])
                truth = truth_of(names, joints, pixels, size, labelled[:, 1].astype(int))
                out.append(Shot(f"camera {number}", float(frame) / meta["fps"], camera, coco, truth))
    return out


def truth_of(names, joints, pixels, size, people):
    """Everyone labelled at one moment -> `honest.Truth`; the pelvis, which is the root, is not scored."""
    body = np.array([honest.by_name(names, one) for one in joints]).reshape(-1, 17, 3)
    places = np.array([honest.by_name(names, one) for one in pixels]).reshape(-1, 17, 2)
    scored = ((places >= 0) & (places <= size - 1)).all(-1) & np.isfinite(body).all(-1)
    scored[:, PELVIS] = False
    return honest.Truth(body, places, scored, body[:, BODY_HIPS].mean(1), people)


def heights(pixels):
    """Height in the picture of people [P, J, 2] -> [P] pixels."""
    return np.nanmax(pixels[..., 1], 1) - np.nanmin(pixels[..., 1], 1)


def expected(names, pixels):
    """Where joints of COCO17 should be found, from the true ones [P, J, 2] -> [P, 17, 2]"""
    head = pixels[:, [names.index("neck"), names.index("head_top")]].mean(1)
    places = [head if name in FACE else pixels[:, names.index(name)] for name in COCO17]
    return np.stack(places, 1).reshape(-1, 17, 2)


def assigned(places, tall, peaks):
    """Detections -> whose they are.

    places  [P, 17, 2] where joints are expected, pixels; NaN = anywhere
    tall    [P] pixels, height of each person
    peaks   17 arrays [N, 3] of x, y, score
    ->      [P, 17, 3]; 0 0 0 = not found
    """
    out = np.zeros((len(places), 17, 3))
    for joint, found in enumerate(peaks):
        away = np.linalg.norm(places[:, None, joint] - found[None, :, :2], axis=-1) / tall[:, None]
        cost = np.where(away <= NEAR, away, NEVER).astype(float)
        for person, column in enumerate(assign(np.ascontiguousarray(cost))):
            if column >= 0 and cost[person, column] < NEVER:
                out[person, joint] = found[column]
    return out
