"""Furniture that stands between people and camera: boxes in the materials of photographs."""

from typing import NamedTuple

import numpy as np

from training.synthetic.raster import COLUMNS, PATTERN, RED, REPEAT, TEXTURE, TWO_SIDED
from training.synthetic.wardrobe import linear

# Corners of a box by (x, y, z) bits, and its six sides seen from outside, anticlockwise.
CORNERS = np.array([[n & 1, n >> 1 & 1, n >> 2 & 1] for n in range(8)], np.float32) - [0.5, 0.5, 0]
SIDES = ((0, 1, 5, 4), (1, 3, 7, 5), (3, 2, 6, 7), (2, 0, 4, 6), (4, 5, 7, 6), (2, 3, 1, 0))
KEEP_OFF = 0.15  # m between a joint and the footprint of a thing


class Shape(NamedTuple):
    """The part of look.Figure that the rasteriser needs."""

    rest: np.ndarray
    faces: np.ndarray
    uv_faces: np.ndarray
    uv: np.ndarray
    material: np.ndarray
    table: np.ndarray
    density: np.ndarray
    colour: np.ndarray


class Thing(NamedTuple):
    figure: Shape
    vertices: np.ndarray  # float32 [V, 3]  world
    centre: np.ndarray  # float32 [3]
    size: np.ndarray  # float32 [3]         width, depth, height before it was turned
    yaw: float

    def touches(self, joints):
        """Whether world joints [..., 3] come too near."""
        away = joints - self.centre
        cos, sin = np.cos(self.yaw), np.sin(self.yaw)
        along = np.stack([cos * away[..., 0] + sin * away[..., 1], -sin * away[..., 0] + cos * away[..., 1]], -1)
        return bool(
            ((np.abs(along) < self.size[:2] / 2 + KEEP_OFF).all(-1) & (joints[..., 2] < self.size[2] + KEEP_OFF)).any()
        )


def draw_thing(rng, wardrobe, spot, yaw):
    """A table, counter, pillar, crate or chair at a spot [2] of the floor -> Thing."""
    kind = rng.choice(5)
    if kind == 0:
        width, depth, height, leg = rng.uniform(0.8, 1.8), rng.uniform(0.5, 0.9), rng.uniform(0.6, 0.95), 0.05
        parts = [(0, 0, height - 0.05, width, depth, 0.05)]
        parts += [
            (x * (width - leg) / 2, y * (depth - leg) / 2, 0, leg, leg, height - 0.05) for x in (-1, 1) for y in (-1, 1)
        ]
    elif kind == 1:
        width, depth, height = rng.uniform(0.8, 2.2), rng.uniform(0.3, 0.6), rng.uniform(0.7, 1.15)
        parts = [(0, 0, 0, width, depth, height)]
    elif kind == 2:
        width = depth = rng.uniform(0.1, 0.4)
        height = rng.uniform(1.0, 3.0)
        parts = [(0, 0, 0, width, depth, height)]
    elif kind == 3:
        width, depth, height = rng.uniform(0.3, 0.9, 3)
        parts = [(0, 0, 0, width, depth, height)]
    else:
        width, depth, height, seat = 0.45, 0.45, rng.uniform(0.8, 1.05), 0.45
        parts = [(0, 0, seat - 0.04, width, depth, 0.04), (0, depth / 2, seat, width, 0.04, height - seat)]
        parts += [(x * 0.2, y * 0.2, 0, 0.04, 0.04, seat) for x in (-1, 1) for y in (-1, 1)]
    cos, sin = np.cos(yaw), np.sin(yaw)
    turn = np.array([[cos, sin, 0], [-sin, cos, 0], [0, 0, 1]], np.float32)
    centre = np.array([*spot, 0], np.float32)
    shape = boxes(np.array(parts, np.float32), rng, wardrobe)
    return Thing(shape, (shape.rest @ turn + centre).astype(np.float32), centre, np.array([width, depth, height]), yaw)


def boxes(parts, rng, wardrobe):
    """Boxes [n, 6] (x, y of the middle, z of the bottom, width, depth, height) -> Shape of one material."""
    vertices, uv, faces = [], [], []
    for part in parts:
        corners = part[:3] + CORNERS.astype(np.float32) * part[3:]
        for side in SIDES:
            quad = corners[list(side)]
            start = len(vertices)
            vertices += list(quad)
            wide, high = np.linalg.norm(quad[1] - quad[0]), np.linalg.norm(quad[3] - quad[0])
            uv += [(0, 0), (wide, 0), (wide, high), (0, high)]
            faces += [(start, start + 1, start + 2), (start, start + 2, start + 3)]
    row = np.zeros((1, COLUMNS), np.float32)
    row[0, [TEXTURE, PATTERN]], row[0, REPEAT], row[0, TWO_SIDED] = -1, rng.uniform(0.6, 2.5), 1
    tone = linear(rng.uniform(0.15, 0.95) * rng.normal(1, 0.08, 3).clip(0.7, 1.2))
    row[0, RED:] = tone.clip(0.01, 0.9)
    if rng.random() < 0.7:
        row[0, PATTERN], row[0, RED:] = rng.choice(wardrobe.photo_patterns), rng.uniform(0.6, 1.2)
    faces = np.array(faces, np.int32)
    return Shape(
        rest=np.array(vertices, np.float32),
        faces=faces,
        uv_faces=faces,
        uv=np.array(uv, np.float32),
        material=np.zeros(len(faces), np.int16),
        table=row,
        density=np.array([128 * row[0, REPEAT]], np.float32),
        colour=np.ones((len(vertices), 3), np.float32),
    )
