"""3DPW (virtualhumans.mpi-inf.mpg.de/3DPW): one or two people with sensors on them, out of doors, a camera that moves.
30 a second.

    DIR/sequenceFiles/train, validation, test/downtown_bar_00.pkl ...      (or DIR/train, ...)
    DIR/imageFiles/downtown_bar_00/image_00000.jpg ...

Of the pickle: jointPositions (per person 24 SMPL joints a frame, metres, world), cam_poses (world to camera),
cam_intrinsics, campose_valid (per person and frame). SMPL's joints are not quite ours: its hips lie nearer to each
other and lower than Human3.6M's, neck and spine2 stand for thorax and spine, and it has neither nose nor head top.
Others in the pictures are not labelled.
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from duopose.stream.errors import UsageError
from duopose.stream.messages import Camera
from duopose.training.datasets.reading.arrays import unpickle
from duopose.training.datasets.reading.labelled import Origin, People, projected, sample
from duopose.training.datasets.reading.names import Joints
from duopose.training.datasets.reading.occlusion import hidden
from duopose.training.datasets.reading.sample import HIDDEN, SEEN, folder_of, read

JOINTS = Joints(
    ["pelvis", "left_hip", "right_hip", "spine1", "left_knee", "right_knee", "spine2", "left_ankle", "right_ankle",
     "spine3", "left_foot", "right_foot", "neck", "left_collar", "right_collar", "head", "left_shoulder",
     "right_shoulder", "left_elbow", "right_elbow", "left_wrist", "right_wrist", "left_hand", "right_hand"],
    {"thorax": "neck", "spine": "spine2"},
)  # fmt: skip
RATE = 30.0


class ThreeDpw:
    """Every picture of one split's clips. sequences: {clip: range of its indices}"""

    def __init__(self, folder, split="train"):
        self.folder = folder_of(folder, "3DPW", "imageFiles")
        labels = self.folder / "sequenceFiles" / split
        self.labels = labels if labels.is_dir() else self.folder / split
        self.sequences, self.places = {}, []
        for path in sorted(self.labels.glob("*.pkl")):
            frames = len(_clip(path).moves)
            self.sequences[path.stem] = range(len(self.places), len(self.places) + frames)
            self.places += [(path.stem, frame) for frame in range(frames)]
        if not self.places:
            folder_of(folder, "3DPW", f"sequenceFiles/{split}/*.pkl")

    def __len__(self):
        return len(self.places)

    def people(self, index):
        """`People` of a picture, of those whose place in the camera's frame is known."""
        name, frame = self.places[index]
        clip = _clip(self.labels / f"{name}.pkl")
        valid, move = clip.valid[:, frame], clip.moves[frame]
        joints = clip.joints[valid, frame] @ move[:3, :3].T + move[:3, 3]
        covered = hidden(JOINTS.body(joints), joints, clip.camera)
        return People(np.flatnonzero(valid), joints, projected(joints, clip.camera), np.where(covered, HIDDEN, SEEN))

    def __getitem__(self, index):
        name, frame = self.places[index]
        pictures = self.folder / "imageFiles" / name
        origin = Origin(
            file=pictures / f"image_{frame:05d}.jpg",
            size=_size(pictures),
            camera=_clip(self.labels / f"{name}.pkl").camera,
            complete=False,
            sequence=name,
            number=frame,
            rate=RATE,
        )
        return sample(self.people(index), JOINTS, origin)


class _Clip(NamedTuple):
    """P people, T frames."""

    joints: np.ndarray  # [P, T, 24, 3] metres, world
    moves: np.ndarray  # [T, 4, 4] world to camera
    valid: np.ndarray  # bool [P, T]
    camera: Camera


@lru_cache(maxsize=64)
def _clip(path):
    """What the pickle of one clip says -> `_Clip`."""
    content = unpickle(path)
    try:
        joints = np.array(content["jointPositions"], float)
        moves, k = np.array(content["cam_poses"], float), np.array(content["cam_intrinsics"], float)
        valid = np.array(content["campose_valid"]).astype(bool)
        joints = joints.reshape(*valid.shape, 24, 3)
        if moves.shape != (valid.shape[1], 4, 4):
            raise ValueError(f"{len(moves)} cameras for {valid.shape[1]} frames")
        return _Clip(joints, moves, valid, Camera(k[0, 0], k[1, 1], k[0, 2], k[1, 2], "file"))
    except (KeyError, ValueError, IndexError, TypeError) as error:
        raise UsageError(f"{path} is not an annotation of 3DPW: {error!r}") from None


@lru_cache(maxsize=64)
def _size(pictures):
    """Width and height of a clip's pictures."""
    return read(pictures / "image_00000.jpg").shape[1::-1]
