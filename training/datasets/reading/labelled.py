"""From everyone whom a data set labels in a picture, in its own joints, to the Sample: one way for the sets with 3D for everybody."""

from typing import NamedTuple

import numpy as np

from duopose.kernels.camera import constants, project
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


def sample(people, joints, *, file, frame=None, size, camera, complete, sequence, number, rate):
    """`People` and the `training.datasets.reading.names.Joints` of their set -> Sample.

    Who shows less than LEAST joints is ignored. rate: pictures a second, for the stamp; the rest as in Sample.
    """
    coco2d = placed(joints.coco(people.pixels), joints.coco_scores(people.scores), size)
    body2d = placed(joints.body(people.pixels), joints.body_scores(people.scores), size)
    boxes = boxes_around(body2d, size)
    shown = ((body2d[..., 2] == SEEN).sum(1) >= LEAST) & (boxes[:, 2:] > 0).all(1)
    hidden = body2d.copy()
    hidden[..., 2] = np.where(hidden[..., 2] >= HIDDEN, SEEN, hidden[..., 2])
    around = boxes_around(hidden, size)
    return Sample(
        file, frame, tuple(size), camera, coco2d[shown], body2d[shown],
        joints.coco(people.joints)[shown].astype(np.float32), joints.body(people.joints)[shown].astype(np.float32),
        boxes[shown], people.ids[shown].astype(np.int32), areas(around[~shown & (around[:, 2:] > 0).all(1)]),
        complete, sequence, number, number / rate,
    )  # fmt: skip
