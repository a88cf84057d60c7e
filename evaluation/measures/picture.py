"""Whether a 3D pose lies where the 2D joints were measured in the picture."""

import numpy as np

from duopose.nodes.placement import HEAD
from duopose.training.datasets.reading.labelled import projected


def reprojection(pose, body, box, camera):
    """Mean distance of a pose's projection from the measured joints, in % of the square root of the box's area.

    pose    [17, 3] metres, camera frame
    body    [17, 3] pixels and score; 0 = not measured
    box     [4] pixels x, y, w, h
    camera  stream.messages.Camera
    ->      NaN if nothing was measured

    Nose and head top do not count: people who label pictures and motion capture mean other points by them. The measured
    joints are those of the record, where the bottom-up branch fills in what the top-down branch did not find.

    A joint 3 pixels too far right and one exact, of a person whose box has 100 x 25 pixels:

    >>> pose, body = np.zeros((17, 3)), np.zeros((17, 3))
    >>> pose[:, 2] = 2; body[1], body[2] = [103, 50, 0.8], [100, 50, 0.5]
    >>> from duopose.stream.messages import Camera
    >>> camera = Camera(500.0, 500.0, 100.0, 50.0, "file")
    >>> round(reprojection(pose, body, np.array([0, 0, 100, 25]), camera), 4)
    3.0
    """
    counts = body[:, 2] > 0
    counts[HEAD] = False
    away = np.linalg.norm(projected(pose, camera) - body[:, :2], axis=-1)[counts]
    size = np.sqrt(box[2] * box[3])
    return 100 * float(away.mean() / size) if len(away) and size > 0 else np.nan
