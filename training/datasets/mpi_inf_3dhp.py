"""MPI-INF-3DHP (vcai.mpi-inf.mpg.de/3dhp-dataset): one person at a time before 14 cameras, as its download scripts
leave it.

    DIR/S1 ... S8/Seq1, Seq2/annot.mat             annot2, annot3: a row per frame of 28 joints, px and mm in the
                                                   camera's frame
                             camera.calibration    intrinsics of each camera
                             imageSequence/video_0.avi ...       2048x2048, or, as its readme recommends,
                                                                 img_0_000001.jpg ...
    DIR/TS1 ... TS6/annot_data.mat                 the test set (or in DIR/mpi_inf_3dhp_test_set/): 17 joints,
                    valid_frame imageSequence/img_000001.jpg ...

annot2 is the projection of annot3. Which pixel (0, 0) is, is not documented; it is taken for the centre of the first
one. Nothing is said of joints that the person hides: all of them count as seen. Boxes are made from joints.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from scipy.io import loadmat
from scipy.io.matlab import MatReadError

from duopose.stream.errors import UsageError
from duopose.stream.messages import Camera
from duopose.stream.skeleton import mirror
from duopose.training.datasets.muco import JOINTS as EXTENDED
from duopose.training.datasets.reading.labelled import Origin, People, sample
from duopose.training.datasets.reading.names import Joints
from duopose.training.datasets.reading.sample import SEEN, folder_of, read

# Neck and head stand for thorax and nose of BODY17; COCO's face is not labelled (as in MuCo-3DHP).
APART = {"thorax": "neck", "nose": "head"}
JOINTS = Joints(
    ["spine3", "spine4", "spine2", "spine", "pelvis", "neck", "head", "head_top",
     "left_clavicle", "left_shoulder", "left_elbow", "left_wrist", "left_hand",
     "right_clavicle", "right_shoulder", "right_elbow", "right_wrist", "right_hand",
     "left_hip", "left_knee", "left_ankle", "left_foot", "left_toe",
     "right_hip", "right_knee", "right_ankle", "right_foot", "right_toe"],
    body=APART,
)  # fmt: skip
MIRROR = mirror(JOINTS.names)
TEST_JOINTS = Joints(EXTENDED.names[:17], body=APART)
FAST = {(1, 2), (3, 1), (3, 2), (5, 1), (5, 2)}  # subject, sequence at 50 frames/s; the others have 25
RATE = 25.0
# Frames in which left and right of the labels are swapped, as the authors of vegesm/pose_refinement found.
SWAPPED = {(4, 2): slice(3759, 5853)}


class MpiInf3dhp:
    """Training sequences or test set. sequences: {"S1/Seq1/4" or "TS1": range of its indices}

    split   "train" or "test"
    step    take every so many-th frame: neighbours are nearly alike
    """

    def __init__(self, folder, split="train", step=5):
        self.folder = folder_of(folder, "MPI-INF-3DHP")
        self.takes = list(_test(self.folder, step) if split == "test" else _train(self.folder, step))
        if not self.takes:
            wanted = "TS1/annot_data.mat" if split == "test" else "S1/Seq1/annot.mat with pictures"
            raise UsageError(f"{folder} is not MPI-INF-3DHP: no {wanted} in it (docs/datasets.md shows the tree)")
        self.starts = np.cumsum([0] + [len(take.numbers) for take in self.takes])
        self.sequences = {
            take.name: range(start, start + len(take.numbers))
            for take, start in zip(self.takes, self.starts[:-1].tolist(), strict=True)
        }

    def __len__(self):
        return int(self.starts[-1])

    def __getitem__(self, index):
        if not 0 <= index < len(self):
            raise IndexError(index)
        at = int(np.searchsorted(self.starts, index, side="right")) - 1
        return self.takes[at].sample(index - int(self.starts[at]))


@dataclass(frozen=True)
class Take:
    """One sequence of one camera: F labelled frames."""

    name: str
    files: Path  # the video, or a picture's path with {} for its number
    rate: float  # Hz
    size: tuple  # width, height
    camera: Camera
    joints: Joints
    numbers: np.ndarray  # int64 [F]           frames, from 0
    pixels: np.ndarray  # float32 [F, J, 2]
    positions: np.ndarray  # float32 [F, J, 3] metres, camera frame

    def sample(self, index):
        number, video = int(self.numbers[index]), self.files.suffix == ".avi"
        people = People(
            np.zeros(1),
            self.positions[index, None],
            self.pixels[index, None],
            np.full((1, len(self.joints.names)), SEEN),
        )
        origin = Origin(
            file=self.files if video else self.files.with_name(self.files.name.format(number + 1)),
            frame=number if video else None,
            size=self.size,
            camera=self.camera,
            complete=True,
            sequence=self.name,
            number=number,
            rate=self.rate,
        )
        return sample(people, self.joints, origin)


def _train(folder, step):
    """The Takes of S1 to S8, of the cameras whose pictures are there."""
    for path in sorted(folder.glob("S[1-8]/Seq[12]/annot.mat")):
        subject, sequence = int(path.parts[-3][1:]), int(path.parts[-2][3:])
        cameras = calibration(path.with_name("camera.calibration"))
        pictures = {number: files for number in cameras if (files := _pictures(path.parent / "imageSequence", number))}
        if not pictures:
            continue
        labels = _annotations(path)
        frames, columns = labels["frames"].ravel().astype(int), labels["cameras"].ravel().astype(int).tolist()
        for number, (files, count) in pictures.items():
            camera, size = cameras[number]
            pixels, positions = (
                labels[name][columns.index(number), 0].reshape(len(frames), len(JOINTS.names), -1).astype(np.float32)
                for name in ("annot2", "annot3")
            )
            if (subject, sequence) in SWAPPED:
                swapped = SWAPPED[subject, sequence]
                for array in (pixels, positions):
                    array[swapped] = array[swapped][:, MIRROR]
            rows = np.flatnonzero(frames < count)[
                ::step
            ]  # some sequences have labels for frames that were never published
            yield Take(
                f"S{subject}/Seq{sequence}/{number}", files, 2 * RATE if (subject, sequence) in FAST else RATE,
                size, camera, JOINTS, frames[rows], pixels[rows], positions[rows] / 1000,
            )  # fmt: skip


def _annotations(path):
    try:
        labels = loadmat(path, variable_names=["annot2", "annot3", "cameras", "frames"])
        return {name: labels[name] for name in ("annot2", "annot3", "cameras", "frames")}
    except (MatReadError, NotImplementedError, OSError, ValueError, KeyError) as error:
        raise UsageError(f"{path} is not an annotation of MPI-INF-3DHP: {error}") from None


def _pictures(folder, camera):
    """Pattern of a camera's picture files, or its video, and how many frames it has; None where there is neither."""
    if (folder / f"img_{camera}_000001.jpg").exists():
        return folder / f"img_{camera}_{{:06d}}.jpg", sum(1 for _ in folder.glob(f"img_{camera}_*.jpg"))
    path = folder / f"video_{camera}.avi"
    if not path.exists():
        return None
    try:
        with av.open(str(path)) as container:
            return path, container.streams.video[0].frames or np.inf
    except (av.error.FFmpegError, OSError, IndexError):
        raise UsageError(f"{path} is not a video that can be read") from None


def calibration(path):
    """camera.calibration -> {number: (Camera, (width, height))}"""
    out = {}
    try:
        for block in re.split(r"^\s*name\b", path.read_text(), flags=re.MULTILINE)[1:]:
            lines = {words[0]: words[1:] for line in block.splitlines() if (words := line.split())}
            k = [float(word) for word in lines["intrinsic"]]
            size = tuple(int(float(word)) for word in lines["size"])
            out[int(block.split()[0])] = Camera(k[0], k[5], k[2], k[6], "file"), size
    except (OSError, ValueError, KeyError, IndexError) as error:
        raise UsageError(f"{path} is not a camera calibration of MPI-INF-3DHP: {error!r}") from None
    return out


def _test(folder, step):
    """The Takes of TS1 to TS6: valid frames only. Their intrinsics are what projects annot3 to annot2."""
    for path in sorted(
        [*folder.glob("TS[1-6]/annot_data.mat"), *folder.glob("mpi_inf_3dhp_test_set/TS[1-6]/annot_data.mat")]
    ):
        pixels, positions, valid = _test_annotations(path)
        files = path.parent / "imageSequence" / "img_{:06d}.jpg"
        rows = np.flatnonzero(valid)[::step]
        image = read(files.with_name(files.name.format(rows[0] + 1)))
        yield Take(
            path.parent.name, files, RATE, image.shape[1::-1], fitted(pixels, positions), TEST_JOINTS, rows,
            pixels[rows].astype(np.float32), positions[rows].astype(np.float32),
        )  # fmt: skip


def _test_annotations(path):
    """-> pixels [F, 17, 2], positions [F, 17, 3] metres, valid [F]"""
    try:
        import h5py  # MATLAB's newer files are HDF5, which SciPy does not read
    except ImportError:
        raise UsageError(f"{path} needs h5py: pip install 'duopose[train]'") from None
    try:
        with h5py.File(path) as file:
            pixels, positions = (np.array(file[name]).reshape(-1, 17, n) for name, n in (("annot2", 2), ("annot3", 3)))
            return pixels, positions / 1000, np.array(file["valid_frame"]).ravel() > 0
    except (OSError, KeyError, ValueError) as error:
        raise UsageError(f"{path} is not an annotation of MPI-INF-3DHP's test set: {error}") from None


def fitted(pixels, positions):
    """The pinhole camera that projects positions [..., 3] onto pixels [..., 2], by least squares."""
    x, y, z = positions.reshape(-1, 3).T
    (fx, cx), (fy, cy) = (
        np.linalg.lstsq(np.stack([side, z], 1), pixel * z)[0]
        for side, pixel in zip((x, y), pixels.reshape(-1, 2).T, strict=True)
    )
    return Camera(float(fx), float(fy), float(cx), float(cy), "file")
