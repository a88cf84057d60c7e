"""What is known about each person of a frame."""

from typing import NamedTuple

import numpy as np

from duopose.stream.skeleton import COCO17

OUTSIDE, HIDDEN, SEEN = 0, 1, 2
OWN_DEPTH = {
    "nose": 0.05,
    "eye": 0.06,
    "ear": 0.07,
    "shoulder": 0.16,
    "elbow": 0.1,
    "wrist": 0.09,
    "hip": 0.2,
    "knee": 0.13,
    "ankle": 0.1,
}
TOLERANCE = np.array([OWN_DEPTH[name.split("_")[-1]] for name in COCO17], np.float32)  # m of own flesh before a joint
OTHER = 0.03  # m: anything else that much nearer hides a joint


class Label(NamedTuple):
    coco2d: np.ndarray  # float32 [17, 2]     px
    visibility: np.ndarray  # uint8 [17]      0 outside the picture, 1 hidden, 2 seen
    coco3d: np.ndarray  # float32 [17, 3]     camera axes, m
    body3d: np.ndarray  # float32 [17, 3]     body17, camera axes, m
    box: np.ndarray  # float32 [4]            x, y, w, h of what is seen; zeros if nothing is
    whole_box: np.ndarray  # float32 [4]      x, y, w, h of the whole person, may reach outside
    pixels: int  # px seen
    share: float  # of the person's pixels inside the picture that are seen
    stature: float  # m


def label(camera, person, rendered, number):
    """Label of one person (render.Posed), who is `number` among those of the picture (render.Rendered)."""
    nearness, owner, alone = rendered.nearness, rendered.owner, rendered.alone[number]
    seen = camera.see(person.coco)
    pixels = camera.project(seen).astype(np.float32)
    inside = (seen[:, 2] > 0.05) & (pixels > -0.5).all(1) & (pixels < [camera.width - 0.5, camera.height - 0.5]).all(1)
    column, row = (
        ((pixels + 0.5) * 2 - 0.5).round().astype(int).clip(0, np.array([nearness.shape[1], nearness.shape[0]]) - 1)
    ).T
    surface = 1 / np.maximum(nearness[row, column], 1e-6)
    own = owner[row, column] == number
    hidden = seen[:, 2] - surface > np.where(own, TOLERANCE, OTHER)
    visibility = np.where(inside, np.where(hidden, HIDDEN, SEEN), OUTSIDE).astype(np.uint8)
    mine = owner == number
    rows, columns = np.flatnonzero(mine.any(1)), np.flatnonzero(mine.any(0))
    box = np.zeros(4, np.float32)
    if len(rows):
        box[:] = (
            columns[0] / 2 - 0.5,
            rows[0] / 2 - 0.5,
            (columns[-1] - columns[0] + 1) / 2,
            (rows[-1] - rows[0] + 1) / 2,
        )
    outline = camera.see(person.vertices[person.figure.used])
    outline = camera.project(outline[outline[:, 2] > 0.1])
    low, high = (outline.min(0), outline.max(0)) if len(outline) else (np.zeros(2), np.zeros(2))
    count = int(mine.sum())
    return Label(
        pixels, visibility, seen.astype(np.float32), camera.see(person.body).astype(np.float32), box,
        np.concatenate([low, high - low]).astype(np.float32), count // 4, count / max(alone, count, 1),
        person.figure.stature,
    )  # fmt: skip
