"""MuCo-3DHP: people of MPI-INF-3DHP, up to four cut out and put into one picture of 2048x2048. Two layouts are read:

As composited by the authors of 3DMPPE (github.com/mks0601/3DMPPE_POSENET_RELEASE), with 2D, 3D and cameras:

    DIR/MuCo-3DHP.json              COCO's style. images: file_name, width, height, f [2], c [2];
                                    annotations: image_id, keypoints_img [21][2] px, keypoints_cam [21][3] mm,
                                    keypoints_vis [21]
    DIR/augmented_set/, DIR/unaugmented_set/

As the owners' MATLAB script (gvv.mpi-inf.mpg.de/projects/SingleShotMultiPerson) writes it, one of its output folders:

    DIR/chunk_00001_annot.mat ...   img_names, joint_loc2 [2, 21, people, 500] px, joint_loc3 [3, 21, people, 500]
    DIR/000001.jpg ...

There joint_loc3 has lost its distance and is scaled to one height for everybody, so those pictures teach joints and
tags only.

Neither says which pixel (0, 0) is; it is taken for the centre of the first one. Nor who hides whom: `occlusion`
estimates that where there is 3D. Pictures stand alone, people have no identities.
"""

from array import array

import numpy as np
from scipy.io import loadmat
from scipy.io.matlab import MatReadError

from duopose.stream.errors import UsageError
from duopose.stream.messages import Camera
from duopose.training.datasets.reading.entries import entries
from duopose.training.datasets.reading.labelled import Origin, People, sample
from duopose.training.datasets.reading.names import Joints
from duopose.training.datasets.reading.occlusion import hidden
from duopose.training.datasets.reading.sample import HIDDEN, SEEN, folder_of

# The names of MPI-INF-3DHP's "extended" joints. Neck and head stand for thorax and nose of BODY17: the head joint lies
# inside the head, behind the nose. COCO's face is not labelled.
JOINTS = Joints(
    ["head_top", "neck", "right_shoulder", "right_elbow", "right_wrist", "left_shoulder", "left_elbow", "left_wrist",
     "right_hip", "right_knee", "right_ankle", "left_hip", "left_knee", "left_ankle", "pelvis", "spine", "head",
     "right_hand", "left_hand", "right_toe", "left_toe"],
    body={"thorax": "neck", "nose": "head"},
)  # fmt: skip
COUNT = len(JOINTS.names)
SIZE = 2048, 2048  # of the pictures of the owners' script


class Muco:
    """The pictures of MuCo-3DHP in either layout."""

    def __init__(self, folder):
        self.folder = folder_of(folder, "MuCo-3DHP")
        if (self.folder / "MuCo-3DHP.json").exists():
            self._read_json(self.folder / "MuCo-3DHP.json")
        elif chunks := sorted(self.folder.glob("chunk_*_annot.mat")):
            self._read_chunks(chunks)
        else:
            folder_of(folder, "MuCo-3DHP", "MuCo-3DHP.json")

    def _read_json(self, path):
        """files, sizes, cameras of the pictures; people [P, 21, 6]: x, y, visible, x, y, z as in the file; starts
        [pictures + 1]."""
        keys, self.files, self.sizes, cameras = [], [], [], []
        owners, numbers = array("q"), array("f")
        try:
            for name, entry in entries(path, "images", "annotations"):
                if name == "images":
                    keys.append(entry["id"])
                    self.files.append(entry["file_name"])
                    self.sizes.append((entry["width"], entry["height"]))
                    cameras.append((*entry["f"], *entry["c"]))
                else:
                    owners.append(entry["image_id"])
                    person = zip(entry["keypoints_img"], entry["keypoints_vis"], entry["keypoints_cam"], strict=True)
                    for pixels, seen, position in person:
                        numbers.extend((*pixels, seen, *position))
            people = np.frombuffer(numbers, np.float32).reshape(len(owners), COUNT, 6)
            self.cameras = np.array(cameras, np.float64).reshape(-1, 4)
        except (ValueError, KeyError, TypeError) as error:
            raise UsageError(f"{path} is not the annotation of MuCo-3DHP: {error!r}") from None
        if not keys:
            raise UsageError(f"{path} is not the annotation of MuCo-3DHP: it names no picture")
        order = np.argsort(keys)
        place = order[np.searchsorted(keys, owners, sorter=order).clip(0, len(keys) - 1)]  # the picture of each person
        if (np.array(keys)[place] != owners).any():
            raise UsageError(f"{path} is not the annotation of MuCo-3DHP: people without picture")
        self.people = people[np.argsort(place, kind="stable")]
        self.starts = np.concatenate([[0], np.cumsum(np.bincount(place, minlength=len(keys)))])

    def _read_chunks(self, paths):
        self.files, people = [], []
        for path in paths:
            try:
                chunk = loadmat(path)
                names = [str(name.item()) for name in chunk["img_names"].ravel()]
                pixels = chunk["joint_loc2"].reshape(2, COUNT, -1, len(names))
            except (MatReadError, OSError, KeyError, ValueError, NotImplementedError) as error:
                raise UsageError(f"{path} is not a chunk of MuCo-3DHP: {error}") from None
            people.append(pixels.transpose(3, 2, 1, 0).astype(np.float32))
            self.files.extend(names)
        each = [len(picture) for chunk in people for picture in chunk]
        people = np.concatenate([chunk.reshape(-1, COUNT, 2) for chunk in people])
        self.people = np.concatenate([people, np.ones((len(people), COUNT, 1), np.float32)], -1)
        self.starts = np.concatenate([[0], np.cumsum(each)])
        self.sizes, self.cameras = [SIZE] * len(self.files), None

    def __len__(self):
        return len(self.files)

    def __getitem__(self, index):
        size = self.sizes[index]
        people = self.people[self.starts[index] : self.starts[index + 1]]
        scores = np.where(people[..., 2] > 0, SEEN, HIDDEN)
        camera, positions = None, np.full((*people.shape[:2], 3), np.nan, np.float32)
        if self.cameras is not None:
            camera, positions = Camera(*self.cameras[index].tolist(), "file"), people[..., 3:] / 1000
            scores = np.where(hidden(JOINTS.body(positions), positions, camera), HIDDEN, scores)
        people = People(np.full(len(people), -1), positions, people[..., :2], scores)
        origin = Origin(
            file=self.folder / self.files[index],
            size=size,
            camera=camera,
            complete=True,
            sequence=self.files[index],
            number=0,
            rate=np.nan,
        )
        return sample(people, JOINTS, origin)
