"""From everyone whom a data set labels in a picture, in its own joints, to the Sample: one way for the sets with 3D for
everybody."""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from duopose.kernels.camera import constants, project
from duopose.stream.messages import Camera
from duopose.training.datasets.reading.sample import HIDDEN, LEAST, SEEN, Sample, areas, boxes_around, placed


class People(NamedTuple):
    """The N people of a picture, whether they can be seen or not; joints in the set's own order, NaN = unknown."""

    ids: np.ndarray  # int [N]
    joints: np.ndarray  # [N, J, 3] metres, camera frame
    pixels: np.ndarray  # [N, J, 2] wherever they lie, also outside the picture
    scores: np.ndarray  # [N, J] SEEN or HIDDEN


def projected(joints, camera):
    """Where joints [..., 3] (metres) are seen -> [..., 2] pixels, NaN behind the camera."""
    points = np.ascontiguousarray(joints.reshape(-1, 3), np.float32)
    return project(points, *constants(camera)).reshape(*joints.shape[:-1], 2)


class Origin(NamedTuple):
    """Where a picture is from; what is not explained is as in Sample."""

    file: Path
    size: tuple
    camera: Camera | None
    complete: bool
    sequence: str
    number: int
    rate: float  # pictures a second, for the stamp
    frame: int | None = None


def sample(people, joints, origin):
    """`People`, the `training.datasets.reading.names.Joints` of their set and the Origin of their picture -> Sample.

    Who shows less than LEAST joints is ignored.
    """
    coco2d = placed(joints.coco(people.pixels), joints.coco_scores(people.scores), origin.size)
    body2d = placed(joints.body(people.pixels), joints.body_scores(people.scores), origin.size)
    boxes = boxes_around(body2d, origin.size)
    shown = ((body2d[..., 2] == SEEN).sum(1) >= LEAST) & (boxes[:, 2:] > 0).all(1)
    hidden = body2d.copy()
    hidden[..., 2] = np.where(hidden[..., 2] >= HIDDEN, SEEN, hidden[..., 2])
    around = boxes_around(hidden, origin.size)
    return Sample(
        origin.file, origin.frame, tuple(origin.size), origin.camera, coco2d[shown], body2d[shown],
        joints.coco(people.joints)[shown].astype(np.float32), joints.body(people.joints)[shown].astype(np.float32),
        boxes[shown], people.ids[shown].astype(np.int32), areas(around[~shown & (around[:, 2:] > 0).all(1)]),
        origin.complete, origin.sequence, origin.number, origin.number / origin.rate,
    )  # fmt: skip
