"""JTA (github.com/fabbrimatteo/JTA-Dataset): crowds in streets of a computer game, 512 clips of 900 frames, 1920x1080,
30 a second.

    DIR/annotations/train, val, test/seq_0.json       rows of frame (from 1), person, joint, x, y, X, Y, Z, hidden,
                                                      hidden by itself
    DIR/videos/train, val, test/seq_0.mp4             or, extracted: DIR/frames/train, val, test/seq_0/1.jpg ...

Metres in the camera's frame; one pinhole for all clips. Pixels are counted from the corner of the picture: half a pixel
is taken off. The skeleton has no pelvis and no nose; spine0 to spine4 lead from the neck to the hips, and spine2 stands
for BODY17's spine.
"""

from functools import lru_cache

import av
import msgspec
import numpy as np

from duopose.stream.errors import UsageError
from duopose.stream.messages import Camera
from duopose.training.datasets.reading.labelled import Origin, People, sample
from duopose.training.datasets.reading.names import Joints
from duopose.training.datasets.reading.sample import HIDDEN, SEEN, folder_of
from duopose.training.datasets.reading.video import video

SIZE, RATE = (1920, 1080), 30.0
CAMERA = Camera(1158.0, 1158.0, 959.5, 539.5, "file")  # the set's 960 and 540 are counted from the corner
JOINTS = Joints(
    ["head_top", "head_center", "neck", "right_clavicle", "right_shoulder", "right_elbow", "right_wrist",
     "left_clavicle", "left_shoulder", "left_elbow", "left_wrist", "spine0", "spine1", "spine2", "spine3", "spine4",
     "right_hip", "right_knee", "right_ankle", "left_hip", "left_knee", "left_ankle"],
    {"thorax": "neck", "spine": "spine2", "pelvis": {"left_hip": 0.5, "right_hip": 0.5}},
)  # fmt: skip


class Jta:
    """Every frame of one split's clips. sequences: {clip: range of its indices}"""

    def __init__(self, folder, split="train"):
        self.folder, self.split = folder_of(folder, "JTA", f"annotations/{split}"), split
        labels = sorted((self.folder / "annotations" / split).glob("seq_*.json"), key=lambda path: int(path.stem[4:]))
        self.sequences, self.places = {}, []
        for path in labels:
            frames = self._count(path.stem)
            self.sequences[path.stem] = range(len(self.places), len(self.places) + frames)
            self.places += [(path.stem, frame) for frame in range(frames)]
        if not self.places:
            folder_of(folder, "JTA", f"annotations/{split}/seq_0.json")

    def _count(self, name):
        """How many frames of a clip there are: pictures, or in its video."""
        pictures = self.folder / "frames" / self.split / name
        if pictures.is_dir():
            return sum(file.stem.isdigit() for file in pictures.iterdir())
        path = self.folder / "videos" / self.split / f"{name}.mp4"
        try:
            with av.open(str(path)) as container:
                return container.streams.video[0].frames or len(video(path))
        except (av.error.FFmpegError, OSError, IndexError):
            raise UsageError(f"{path} is missing or is not a video, and there is no {pictures}") from None

    def __len__(self):
        return len(self.places)

    def people(self, index):
        """`People` of a frame: also those outside the picture and behind walls."""
        name, frame = self.places[index]
        rows = _rows(self.folder / "annotations" / self.split / f"{name}.json")
        rows = rows[slice(*np.searchsorted(rows[:, 0], [frame + 1, frame + 2]))]
        ids, person = np.unique(rows[:, 1].astype(int), return_inverse=True)
        values = np.full((len(ids), len(JOINTS.names), 7), np.nan)
        values[person, rows[:, 2].astype(int)] = rows[:, 3:10]
        scores = np.where(values[..., 5:].any(-1), HIDDEN, SEEN)
        return People(ids, values[..., 2:5], values[..., :2] - 0.5, scores)

    def __getitem__(self, index):
        name, frame = self.places[index]
        pictures = self.folder / "frames" / self.split / name
        if pictures.is_dir():
            files = [pictures / f"{frame + 1}.jpg", pictures / f"{frame + 1}.png"]
            file, number = files[not files[0].exists()], None
        else:
            file, number = self.folder / "videos" / self.split / f"{name}.mp4", frame
        origin = Origin(
            file=file,
            frame=number,
            size=SIZE,
            camera=CAMERA,
            complete=True,
            sequence=f"{self.split}/{name}",
            number=frame,
            rate=RATE,
        )
        return sample(self.people(index), JOINTS, origin)


@lru_cache(maxsize=2)
def _rows(path):
    """The rows of one clip's annotation, sorted by frame -> float64 [N, 10]."""
    try:
        rows = np.array(msgspec.json.decode(path.read_bytes(), type=list[list[float]]), float).reshape(-1, 10)
        if not ((rows[:, 2] >= 0) & (rows[:, 2] < len(JOINTS.names))).all():
            raise ValueError("joints that JTA does not have")
    except (OSError, ValueError, msgspec.DecodeError) as error:
        raise UsageError(f"{path} is not an annotation of JTA: {error}") from None
    return rows[np.argsort(rows[:, 0], kind="stable")]
