"""CMU Panoptic (github.com/CMU-Perceptual-Computing-Lab/panoptic-toolbox): groups of people inside a dome of cameras.

    DIR/160906_pizza1/calibration_160906_pizza1.json                     cameras: panel, node, K, distCoef, R, t (cm),
                                                                         resolution
                      hdPose3d_stage1_coco19/body3DScene_00000000.json   bodies: id, joints19 [x, y, z, confidence] *
                                                                         19, world, cm
                      hdImgs/00_16/00_16_00000000.jpg ...                or hdVideos/hd_00_16.mp4
    DIR/160226_haggling1 ...                                             (or one such folder by itself)

Older sequences have hdPose3d_stage1 with joints15 instead, whose second joint is the top of the head, not the nose.
BODY17's thorax is the set's neck, and its pelvis the set's body centre; there is no spine. Who hides whom is estimated
by `occlusion`.
"""

from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np

from duopose.stream.errors import UsageError
from duopose.stream.messages import Camera
from duopose.training.datasets.reading.labelled import Origin, People, projected, sample
from duopose.training.datasets.reading.names import Joints
from duopose.training.datasets.reading.occlusion import hidden
from duopose.training.datasets.reading.sample import HIDDEN, SEEN, folder_of

SIDE = ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
LIMBS = [f"{side}_{joint}" for side in ("left", "right") for joint in SIDE]
ALSO = {"thorax": "neck"}
JOINTS = {
    19: Joints(["neck", "nose", "pelvis", *LIMBS, "left_eye", "left_ear", "right_eye", "right_ear"], ALSO),
    15: Joints(["neck", "head_top", "pelvis", *LIMBS], ALSO),
}
KNOWN = 0.1  # confidence above which a joint counts
RATE = 29.97
POSES = {"hdPose3d_stage1_coco19": 19, "hdPose3d_stage1": 15}  # folder -> joints


class View(NamedTuple):
    """One camera of one sequence, and the frames it shows."""

    camera: Camera
    rotation: np.ndarray  # [3, 3] world to camera
    move: np.ndarray  # [3] cm
    size: tuple
    poses: Path  # folder of body3DScene files
    pictures: Path  # folder, or a video
    frames: list  # numbers, from 0, that are both labelled and pictured


class Panoptic:
    """Every labelled picture of the high-definition cameras that are there. sequences: {"160906_pizza1/00_16": range of
    its indices}

    cameras   numbers of the cameras to take, default all
    """

    def __init__(self, folder, cameras=range(31)):
        self.folder = folder_of(folder, "CMU Panoptic")
        found = sorted([*self.folder.glob("calibration_*.json"), *self.folder.glob("*/calibration_*.json")])
        self.views, self.sequences, self.places = {}, {}, []
        for path in found:
            for node, view in _views(path, cameras):
                name = f"{path.parent.name}/00_{node:02d}"
                self.views[name] = view
                self.sequences[name] = range(len(self.places), len(self.places) + len(view.frames))
                self.places += [(name, frame) for frame in view.frames]
        if not self.places:
            wanted = "poses with pictures of these cameras" if found else "160906_pizza1/calibration_160906_pizza1.json"
            raise UsageError(f"{folder} is not CMU Panoptic: no {wanted} in it (docs/datasets.md shows the tree)")

    def __len__(self):
        return len(self.places)

    def joints_of(self, index):
        """The `Joints` of a picture's sequence: 19 or 15."""
        return JOINTS[POSES[self.views[self.places[index][0]].poses.name]]

    def people(self, index):
        """`People` of a picture: everyone in the dome, whether the camera sees them or not."""
        name, frame = self.places[index]
        view, joints = self.views[name], self.joints_of(index)
        ids, world = _bodies(view.poses / f"body3DScene_{frame:08d}.json", len(joints.names))
        world[world[..., 3] <= KNOWN] = np.nan
        points = (world[..., :3] @ view.rotation.T + view.move) / 100
        covered = hidden(joints.body(points), points, view.camera)
        return People(ids, points, projected(points, view.camera), np.where(covered, HIDDEN, SEEN))

    def __getitem__(self, index):
        name, frame = self.places[index]
        view = self.views[name]
        pictured = view.pictures.is_dir()
        origin = Origin(
            file=view.pictures / f"{view.pictures.name}_{frame:08d}.jpg" if pictured else view.pictures,
            frame=None if pictured else frame,
            size=view.size,
            camera=view.camera,
            complete=True,
            sequence=name,
            number=frame,
            rate=RATE,
        )
        return sample(self.people(index), self.joints_of(index), origin)


def _views(calibration, wanted):
    """(number, `View`) of the cameras of a sequence whose pictures are there."""
    folder = calibration.parent
    poses = next((folder / name for name in POSES if (folder / name).is_dir()), None)
    if poses is None:
        return
    labelled = sorted(int(file.stem.rpartition("_")[2]) for file in poses.glob("body3DScene_*.json"))
    try:
        cameras = msgspec.json.decode(calibration.read_bytes())["cameras"]
        cameras = sorted((camera for camera in cameras if camera["panel"] == 0), key=lambda camera: camera["node"])
        for values in cameras:
            node, k = values["node"], np.array(values["K"], float)
            pictures, video = folder / "hdImgs" / f"00_{node:02d}", folder / "hdVideos" / f"hd_00_{node:02d}.mp4"
            if node not in wanted or not (pictures.is_dir() or video.exists()):
                continue
            frames = labelled
            if pictures.is_dir():
                there = {int(file.stem.rpartition("_")[2]) for file in pictures.glob("*.jpg")}
                frames = [frame for frame in labelled if frame in there]
            lens = tuple(float(value) for value in np.ravel(values["distCoef"]))
            yield node, View(
                Camera(k[0, 0], k[1, 1], k[0, 2], k[1, 2], "file", lens), np.array(values["R"], float).reshape(3, 3),
                np.array(values["t"], float).reshape(3), tuple(values["resolution"]), poses,
                pictures if pictures.is_dir() else video, frames,
            )  # fmt: skip
    except (OSError, KeyError, ValueError, TypeError, msgspec.MsgspecError) as error:
        raise UsageError(f"{calibration} is not a calibration of CMU Panoptic: {error!r}") from None


def _bodies(path, count):
    """ids [N], joints and confidences [N, count, 4] of one scene."""
    try:
        bodies = msgspec.json.decode(path.read_bytes())["bodies"]
        values = np.array([body[f"joints{count}"] for body in bodies], float).reshape(-1, count, 4)
        return np.array([body["id"] for body in bodies], int), values
    except (OSError, KeyError, ValueError, TypeError, msgspec.MsgspecError) as error:
        raise UsageError(f"{path} is not a pose file of CMU Panoptic: {error!r}") from None
