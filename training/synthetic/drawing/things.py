"""Things about people: furniture before them, seats under them, what they hold, and unsharp shapes close to the camera.

All are boxes or flat outlines in the materials of photographs.
"""

from typing import NamedTuple

import numpy as np

from duopose.stream.skeleton import BODY17
from duopose.training.synthetic.bodies.wardrobe import linear
from duopose.training.synthetic.drawing.raster import COLUMNS, PATTERN, RED, REPEAT, TEXTURE, TWO_SIDED

# Corners of a box by (x, y, z) bits, and its six sides seen from outside, anticlockwise.
CORNERS = np.array([[n & 1, n >> 1 & 1, n >> 2 & 1] for n in range(8)], np.float32) - [0.5, 0.5, 0]
SIDES = ((0, 1, 5, 4), (1, 3, 7, 5), (3, 2, 6, 7), (2, 0, 4, 6), (4, 5, 7, 6), (2, 3, 1, 0))
KEEP_OFF = 0.15  # m between a joint and the footprint of a thing
SINK = 0.04  # m that flesh gives way on a seat
OUTLINE = 40  # corners of a flat shape


class Shape(NamedTuple):
    """The part of figure.Figure that the rasteriser needs."""

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
    return stand(boxes(np.array(parts, np.float32), rng, wardrobe), [*spot, 0], (width, depth, height), yaw)


def stand(shape, centre, size, yaw):
    """A shape at rest -> Thing turned by `yaw` rad at `centre` [3] (the middle of its underside)."""
    cos, sin = np.cos(yaw), np.sin(yaw)
    turn = np.array([[cos, sin, 0], [-sin, cos, 0], [0, 0, 1]], np.float32)
    centre = np.array(centre, np.float32)
    return Thing(shape, (shape.rest @ turn + centre).astype(np.float32), centre, np.array(size), yaw)


def sits(body):
    """Whether body17 joints [17, 3] in the world sit as on a chair: trunk upright, thighs about level, room for a
    seat."""
    at = dict(zip(BODY17, body, strict=True))
    trunk = at["thorax"] - at["pelvis"]
    thighs = [at[f"{side}_knee"] - at[f"{side}_hip"] for side in ("left", "right")]
    ahead = np.cross(at["left_hip"] - at["right_hip"], [0.0, 0, 1])
    before = min((at[f"{side}_ankle"] - at["pelvis"]) @ ahead for side in ("left", "right")) / np.linalg.norm(ahead)
    level = all(-0.55 < thigh[2] / np.linalg.norm(thigh) < 0.3 for thigh in thighs)
    return bool(level and trunk[2] / np.linalg.norm(trunk) > 0.7 and before > 0.15 and 0.35 < at["pelvis"][2] < 0.9)


def draw_seat(rng, wardrobe, person):
    """A stool, chair, bench or block under someone [render.Posed] who sits -> Thing."""
    pelvis, across = person.body[0], person.body[4] - person.body[1]
    facing = np.arctan2(across[1], across[0])
    under = person.vertices[person.figure.used]
    under = under[np.linalg.norm(under[:, :2] - pelvis[:2], axis=1) < 0.14]
    top = float(under[:, 2].min()) + SINK
    kind, leg = rng.choice(4), rng.uniform(0.03, 0.06)
    width, depth = rng.uniform(0.38, 0.55), rng.uniform(0.36, 0.46)
    if kind == 3:
        width = rng.uniform(1.0, 2.0)
    if kind in (0, 3):
        parts = [(0, 0, 0, width, depth, top)]
    else:
        legs = [(x * (width - leg) / 2, y * (depth - leg) / 2, 0, leg, leg, top) for x in (-1, 1) for y in (-1, 1)]
        parts = [(0, 0, top - 0.05, width, depth, 0.05), *legs]
    if kind in (2, 3):
        parts.append((0, depth / 2 + 0.06, top, width, 0.05, rng.uniform(0.3, 0.55)))
    behind = np.array([-np.sin(facing), np.cos(facing)]) * 0.05
    return stand(
        boxes(np.array(parts, np.float32), rng, wardrobe), [*(pelvis[:2] + behind), 0], (width, depth, top), facing
    )


def draw_held(rng, wardrobe, person):
    """Something in one hand: a phone, cup, book, bag -> Thing."""
    side = rng.choice(["left", "right"])
    elbow, wrist = (person.body[BODY17.index(f"{side}_{part}")] for part in ("elbow", "wrist"))
    size = np.array(
        [(0.08, 0.02, 0.15), (0.08, 0.08, 0.1), (0.17, 0.03, 0.24), (0.32, 0.14, 0.3), (0.04, 0.04, 0.5)][
            rng.integers(5)
        ]
    )
    size = size * rng.uniform(0.8, 1.3)
    hand = wrist + (wrist - elbow) / np.linalg.norm(wrist - elbow) * 0.09
    hang = size[2] if size[2] > 0.28 and size[0] > 0.2 else size[2] * rng.uniform(0.2, 0.8)  # bags hang down
    parts = np.array([(0, 0, 0, *size)], np.float32)
    return stand(boxes(parts, rng, wardrobe), hand - [0, 0, hang], size, rng.uniform(0, 2 * np.pi))


def draw_shape(rng, wardrobe, spot):
    """A flat shape without a straight edge, upright before the camera at `spot` [3], like a plant or someone's back ->
    Thing."""
    angle = np.arange(OUTLINE) / OUTLINE * 2 * np.pi
    radius = 1 + sum(rng.normal(0, 0.35 / k) * np.sin(k * angle + rng.uniform(0, 6.3)) for k in (2, 3, 5, 8))
    size = np.array([rng.uniform(0.08, 0.3), rng.uniform(0.12, 0.45)])
    rim = np.stack([np.cos(angle), np.sin(angle)], 1) * radius.clip(0.25)[:, None] * size
    flat = np.concatenate([[[0.0, 0.0]], rim])
    rest = np.stack([flat[:, 0], np.zeros(len(flat)), flat[:, 1]], 1).astype(np.float32)
    corner = np.arange(OUTLINE)
    faces = np.stack([np.zeros(OUTLINE), corner + 1, (corner + 1) % OUTLINE + 1], 1).astype(np.int32)
    shape = shape_of(rest, faces, flat, rng, wardrobe)
    return stand(shape, spot, (2 * size[0], 0.02, spot[2] + size[1]), rng.normal(0, 0.3))


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
    return shape_of(np.array(vertices, np.float32), np.array(faces, np.int32), np.array(uv), rng, wardrobe)


def shape_of(vertices, faces, uv, rng, wardrobe):
    """A mesh of one drawn material; uv in metres."""
    row = np.zeros((1, COLUMNS), np.float32)
    row[0, [TEXTURE, PATTERN]], row[0, REPEAT], row[0, TWO_SIDED] = -1, rng.uniform(0.6, 2.5), 1
    tone = linear(rng.uniform(0.15, 0.95) * rng.normal(1, 0.08, 3).clip(0.7, 1.2))
    row[0, RED:] = tone.clip(0.01, 0.9)
    if rng.random() < 0.7:
        row[0, PATTERN], row[0, RED:] = rng.choice(wardrobe.photo_patterns), rng.uniform(0.6, 1.2)
    return Shape(
        rest=vertices,
        faces=faces,
        uv_faces=faces,
        uv=uv.astype(np.float32),
        material=np.zeros(len(faces), np.int16),
        table=row,
        density=np.array([128 * row[0, REPEAT]], np.float32),
        colour=np.ones((len(vertices), 3), np.float32),
    )
