"""One layout for the labelled pictures of every data set.

A loader is a class named after its set: `Loader(folder, ...)` raises UsageError with one line where the folder is not
that set, `len(loader)` counts its pictures and `loader[index]` is a Sample, read without touching pixels. Pictures of
one sequence lie side by side in the order of time.
"""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from duopose.stream.errors import UsageError
from duopose.stream.messages import Camera
from duopose.stream.skeleton import COCO_HIPS, PELVIS
from duopose.training.datasets.reading.video import video
from duopose.training.images.pictures import Picture

SEEN, HIDDEN, ABSENT, UNLABELLED = 1.0, 0.6, 0.0, np.nan  # confidences of a label, see Sample
LEAST = 3  # joints that must be seen of a person; who shows less is ignored


@dataclass(frozen=True)
class Sample:
    """A picture with the N people whom its data set labels.

    Pixels count from the CENTRE of the top-left one, of the picture as it is stored (with its lens distortion). 3D is
    in the camera frame: x right, y down, z forward, metres; NaN = unknown. 2D joints are x, y and the confidence of the
    label:

        1     seen, as far as the set says
        0.6   placed, though something hides it
        0     the set says where this joint would be, and it is not in the picture; or nobody could tell where it is
        NaN   the set does not label this joint: it may be anywhere in the box (x, y are NaN too)
    """

    file: Path  # a picture, or a video
    frame: int | None  # number of the frame in the video, from 0; None = `file` is a picture
    size: tuple[int, int]  # width, height in pixels
    camera: Camera | None  # None = unknown
    coco2d: np.ndarray  # float32 [N, 17, 3]  COCO17: x, y, confidence
    body2d: np.ndarray  # float32 [N, 17, 3]  BODY17: x, y, confidence
    coco3d: np.ndarray  # float32 [N, 17, 3]  COCO17, metres
    body3d: np.ndarray  # float32 [N, 17, 3]  BODY17, metres
    boxes: np.ndarray  # float32 [N, 4]  x, y, width, height of the visible person, within the picture
    ids: np.ndarray  # int32 [N]  who it is, constant within the sequence; -1 = the set does not say
    ignore: np.ndarray  # float32 [M, 4]  x, y, width, height of areas where there may be people without label
    complete: bool  # whether every person is labelled or within `ignore`
    sequence: str  # pictures of one sequence are frames of one video; a name of its own where a picture stands alone
    number: int  # of the frame in its sequence, from 0
    stamp: float  # seconds since the sequence began; NaN = stands alone

    def pixels(self):
        """uint8 [H, W, 3] RGB. Raises UsageError where the file is missing or is not of the size that the labels are
        for."""
        image = read(self.file) if self.frame is None else video(self.file).read(self.frame)
        if image.shape[1::-1] != tuple(self.size):
            found = f"{image.shape[1]}x{image.shape[0]}"
            raise UsageError(f"{self.file} is {found}, its labels are for {self.size[0]}x{self.size[1]}")
        return image

    @property
    def root(self):
        """float32 [N, 3] metres: the pelvis, or the middle of the hips where the set has no pelvis; NaN = unknown."""
        pelvis = self.body3d[:, PELVIS]
        return np.where(np.isnan(pelvis), self.coco3d[:, COCO_HIPS].mean(1), pelvis)


def read(file):
    """A picture file -> uint8 [H, W, 3] RGB, as it is stored: labels know nothing of a note that a camera was held
    upright."""
    flags = cv2.IMREAD_COLOR_RGB | cv2.IMREAD_IGNORE_ORIENTATION
    try:
        image = cv2.imdecode(np.fromfile(file, np.uint8), flags)
    except (OSError, cv2.error):
        image = None
    if image is None:
        raise UsageError(f"{file} is missing or is not a picture")
    return image


def picture(sample):
    """Sample -> what the image networks learn from (`training.images.pictures.Picture`), with its pixels.

    A joint without known depth, a camera without known focal length and a set without 3D leave NaN in `depths`: such
    people teach joints and tags, and no depth.
    """
    joints = sample.coco2d.copy()
    joints[np.isnan(joints[..., 2]), :2] = 0
    focal = np.nan if sample.camera is None else (sample.camera.fx + sample.camera.fy) / 2
    depths = sample.coco3d[..., 2] if np.isfinite(focal) else np.full(joints.shape[:2], np.nan)
    trust = np.ones(len(joints), np.float32)
    depths = depths.astype(np.float32)
    return Picture(sample.pixels(), joints, sample.boxes, trust, sample.ignore, sample.complete, depths, focal)


def unknown3d(count):
    """float32 [count, 17, 3]: a set without 3D."""
    return np.full((count, 17, 3), np.nan, np.float32)


def areas(boxes=()):
    """Boxes in any form, also none at all -> float32 [N, 4]."""
    return np.array(boxes, np.float32).reshape(-1, 4)


# How far a person reaches beyond the hull of BODY17, as a share of the hull's longer side: left, above, right, below.
# Medians over 1,289 rendered people.
MARGINS = np.array([0.049, 0.018, 0.046, 0.087])


def boxes_around(body2d, size):
    """Boxes of what is seen of people, for sets that give none or one of joints: the hull of the joints seen, and
    margins.

    body2d   float32 [N, 17, 3]  BODY17: x, y, confidence;  size  width, height of the picture
    ->       float32 [N, 4]      x, y, width, height within the picture; zeros where no joint is seen

    A joint outside the picture counts where it is known: a leg whose ankle is cut off is seen down to the border.
    """
    edge = np.array(size) - 0.5
    outside = ((body2d[..., :2] < -0.5) | (body2d[..., :2] > edge)).any(-1) & (body2d[..., 2] == ABSENT)
    seen = (body2d[..., 2] >= SEEN)[..., None]
    told = seen | outside[..., None]
    low, high = (np.where(told, body2d[..., :2], far).T for far in (np.inf, -np.inf))  # [2, 17, N]
    low, high = low.min(1).T, high.max(1).T
    with np.errstate(invalid="ignore"):
        reach = (high - low).max(1, keepdims=True) * MARGINS
    low = (low - reach[:, :2]).clip(-0.5, edge)
    high = (high + reach[:, 2:]).clip(-0.5, edge)
    boxes = np.concatenate([low, high - low], 1)
    return np.where(seen.any((1, 2))[:, None], boxes, 0).astype(np.float32)


def placed(pixels, scores, size):
    """Joints [..., J, 2] in pixels and confidences [..., J] -> float32 [..., J, 3], confidence 0 outside the picture.

    >>> placed(np.array([[5.0, 5.0], [-3.0, 5.0], [np.nan, np.nan]]), np.ones(3), (10, 10))[:, 2].tolist()
    [1.0, 0.0, nan]
    """
    edge = np.array(size) - 0.5
    outside = ((pixels < -0.5) | (pixels > edge)).any(-1)
    unlabelled = np.isnan(pixels).any(-1)
    scores = np.where(unlabelled, UNLABELLED, np.where(outside, ABSENT, scores))
    return np.concatenate([pixels, scores[..., None]], -1).astype(np.float32)


def folder_of(path, name, *needed):
    """Path of a data set's folder. Raises UsageError where one of the files or folders it `needed` is not there."""
    path = Path(path)
    if not path.is_dir():
        raise UsageError(f"{path} is not {name}: no such folder")
    if missing := [part for part in needed if not (path / part).exists()]:
        raise UsageError(f"{path} is not {name}: no {missing[0]} in it (docs/datasets.md shows the tree)")
    return path
