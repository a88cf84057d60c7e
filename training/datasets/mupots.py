"""MuPoTS-3D (gvv.mpi-inf.mpg.de/projects/SingleShotMultiPerson): 20 clips of two or three people. For tests only, never
trained on.

    DIR/TS1 ... TS20/annot.mat                a cell per frame and person: annot2, annot3 (px; mm, camera frame),
                                              isValidFrame
                     occlusion.mat            a cell per frame and person: 17 flags
                     img_000000.jpg ...       (or DIR/MultiPersonTestSet/TS1 ...)

It comes without intrinsics: those that project annot3 to annot2 are fitted per clip. Nor does it say how many pictures
make a second: TS1 to TS5 are taken to have 30 and the others 60, as in vegesm/pose_refinement.
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from scipy.io import loadmat
from scipy.io.matlab import MatReadError

from duopose.stream.errors import UsageError
from duopose.stream.messages import Camera
from duopose.training.datasets.mpi_inf_3dhp import TEST_JOINTS as JOINTS
from duopose.training.datasets.mpi_inf_3dhp import fitted
from duopose.training.datasets.reading.labelled import Origin, People, sample
from duopose.training.datasets.reading.sample import HIDDEN, SEEN, folder_of, read


class Mupots:
    """Every picture of the clips that are there. sequences: {clip: range of its indices}"""

    def __init__(self, folder):
        self.folder = folder_of(folder, "MuPoTS-3D")
        if (self.folder / "MultiPersonTestSet").is_dir():
            self.folder = self.folder / "MultiPersonTestSet"
        names = [f"TS{number}" for number in range(1, 21) if (self.folder / f"TS{number}").is_dir()]
        if not names:
            folder_of(folder, "MuPoTS-3D", "TS1")
        self.sequences, self.places = {}, []
        for name in names:
            folder_of(self.folder / name, "a clip of MuPoTS-3D", "annot.mat", "occlusion.mat", "img_000000.jpg")
            frames = len(_clip(self.folder / name).valid)
            self.sequences[name] = range(len(self.places), len(self.places) + frames)
            self.places += [(name, frame) for frame in range(frames)]

    def __len__(self):
        return len(self.places)

    def people(self, index):
        """`People` of a picture, those with a valid annotation."""
        name, frame = self.places[index]
        clip = _clip(self.folder / name)
        valid = clip.valid[frame]
        scores = np.where(clip.occluded[frame][valid], HIDDEN, SEEN)
        return People(np.flatnonzero(valid), clip.joints[frame][valid], clip.pixels[frame][valid], scores)

    def __getitem__(self, index):
        name, frame = self.places[index]
        clip = _clip(self.folder / name)
        origin = Origin(
            file=self.folder / name / f"img_{frame:06d}.jpg",
            size=clip.size,
            camera=clip.camera,
            complete=False,
            sequence=name,
            number=frame,
            rate=30 if int(name[2:]) <= 5 else 60,
        )
        return sample(self.people(index), JOINTS, origin)


class _Clip(NamedTuple):
    """T frames, P people."""

    size: tuple  # width, height
    camera: Camera
    joints: np.ndarray  # [T, P, 17, 3] metres
    pixels: np.ndarray  # [T, P, 17, 2]
    valid: np.ndarray  # bool [T, P]
    occluded: np.ndarray  # bool [T, P, 17]


@lru_cache(maxsize=20)
def _clip(folder):
    """The annotation of one clip -> `_Clip`."""
    try:
        people, hidden = (
            loadmat(folder / f"{file}.mat")[name]
            for file, name in (("annot", "annotations"), ("occlusion", "occlusion_labels"))
        )
        joints, pixels, valid = (
            np.array([[np.array(person[field][0, 0], float).T for person in frame] for frame in people])
            for field in ("annot3", "annot2", "isValidFrame")
        )
        occluded = np.array([[np.ravel(person) for person in frame] for frame in hidden]).astype(bool)
        if not joints.shape[:-1] == pixels.shape[:-1] == occluded.shape == (*valid.shape[:2], 17):
            raise ValueError(f"{joints.shape[:-1]}, {pixels.shape[:-1]} and {occluded.shape} joints")
    except (MatReadError, NotImplementedError, OSError, ValueError, KeyError, IndexError, TypeError) as error:
        raise UsageError(f"{folder} does not hold annotations of MuPoTS-3D: {error!r}") from None
    valid = valid.reshape(valid.shape[:2]) == 1
    joints /= 1000
    size = read(folder / "img_000000.jpg").shape[1::-1]
    return _Clip(size, fitted(pixels[valid], joints[valid]), joints, pixels, valid, occluded)
