"""People, camera and light -> a picture and what each of its samples shows."""

from typing import NamedTuple

import numpy as np

from duopose.training.synthetic.bodies.body import chain, skin
from duopose.training.synthetic.drawing.ground import darken, eye_of
from duopose.training.synthetic.drawing.light import LINEAR
from duopose.training.synthetic.drawing.raster import CUT_OUT, LEVEL, TWO_SIDED, Surface, fill, normals
from duopose.training.synthetic.drawing.shading import Shadow, Vertices, diffuse, shade
from duopose.training.synthetic.moves.retarget import retarget, turn
from duopose.training.synthetic.moves.rotations import retarget_rotations

SHADOW_SIDE = 512  # texels of the shadow map
NEAR = 0.08  # m: nearer than this is behind the camera


class Posed(NamedTuple):
    """A figure in the world."""

    figure: object  # figure.Figure
    vertices: np.ndarray  # float32 [V, 3]   world
    coco: np.ndarray  # float32 [17, 3]      world
    body: np.ndarray  # float32 [17, 3]      world

    def moved(self, shift):
        """The same, `shift` [3] m away."""
        shift = np.asarray(shift, np.float32)
        return Posed(self.figure, self.vertices + shift, self.coco + shift, self.body + shift)


class Rendered(NamedTuple):
    picture: np.ndarray  # float32 [H, W, 3]    linear light
    nearness: np.ndarray  # float32 [2H, 2W]    1 / m
    owner: np.ndarray  # int16 [2H, 2W]         index of the person, those after the last are things, -1 = nothing
    alone: list  # samples each person would cover alone


def pose(pack, figures, captures, yaws):
    """Figures take captured poses [motion.Capture], turned by yaws [N] rad -> [Posed], pelvis above the origin, on the
    floor."""
    heads = np.stack([figure.heads for figure in figures])
    top, nose = (np.stack([figure.rest[vertex] for figure in figures]) for vertex in (pack.head_top, pack.nose))
    curl = np.array([figure.curl for figure in figures])
    rotations = np.empty((len(figures), len(pack.labels), 3, 3))
    known = np.array([capture.rotations is not None for capture in captures])
    if known.any():
        turned = np.stack([capture.rotations for capture in captures if capture.rotations is not None])
        skeleton = captures[known.argmax()].skeleton
        rotations[known] = retarget_rotations(turned, skeleton, heads[known], pack.bone, curl[known])
    if not known.all():
        joints = np.stack([capture.joints for capture in captures if capture.rotations is None])
        rotations[~known] = retarget(joints, heads[~known], top[~known], nose[~known], pack.bone, curl[~known])
    rotations = (turn([0.0, 0, 1], np.asarray(yaws))[:, None] @ rotations).astype(np.float32)
    out = []
    for figure, rotation in zip(figures, rotations, strict=True):
        positions = chain(figure.heads, pack.parents, rotation)
        vertices = skin(figure.rest, figure.bones, figure.weights, figure.heads, rotation, positions)
        body, coco = pack.body17(vertices, positions), pack.coco(vertices)
        shift = np.array([-body[0, 0], -body[0, 1], -vertices[figure.used, 2].min()], np.float32)
        out.append(Posed(figure, vertices, coco, body).moved(shift))
    return out


class Mesh(NamedTuple):
    """All people of a frame in the arrays that the rasteriser reads."""

    vertices: np.ndarray  # float32 [V, 3]   world
    normal: np.ndarray  # float32 [V, 3]
    colour: np.ndarray  # float32 [V, 3]
    surface: Surface
    first_face: np.ndarray  # int [N + 1]   person n has faces first_face[n] : first_face[n + 1]


def merge(people, camera, wardrobe):
    """People, and things after them, in one list."""
    figures = [person.figure for person in people]
    vertex, uv, material, face = (
        np.cumsum([0] + [len(getattr(figure, name)) for figure in figures]) for name in ("rest", "uv", "table", "faces")
    )
    tables = []
    for person, figure in zip(people, figures, strict=True):
        table = figure.table.copy()
        depth = max(float(camera.see(person.vertices[:: len(person.vertices) // 16]).mean(0)[2]), 0.4)
        table[:, LEVEL] = np.log2(np.maximum(figure.density * depth / camera.focal, 1)).round()
        tables.append(table)
    surface = Surface(
        faces=np.concatenate([figure.faces + np.int32(start) for figure, start in zip(figures, vertex, strict=False)]),
        material=np.concatenate(
            [figure.material + np.int16(start) for figure, start in zip(figures, material, strict=False)]
        ),
        table=np.concatenate(tables),
        uv_faces=np.concatenate(
            [figure.uv_faces + np.int32(start) for figure, start in zip(figures, uv, strict=False)]
        ),
        uv=np.concatenate([figure.uv for figure in figures]),
        texels=wardrobe.texels,
        textures=wardrobe.textures,
    )
    return Mesh(
        vertices=np.concatenate([person.vertices for person in people]),
        normal=np.concatenate([normals(person.vertices, person.figure.faces) for person in people]),
        colour=np.concatenate([figure.colour for figure in figures]),
        surface=surface,
        first_face=face,
    )


def shadow_of(mesh, key):
    """The key light's view of the people -> Shadow."""
    first = np.cross(key, [0.0, 1, 0] if abs(key[1]) < 0.9 else [1.0, 0, 0])
    first /= np.linalg.norm(first)
    axes = np.stack([first, np.cross(key, first), key])
    place = mesh.vertices @ axes.T.astype(np.float32)
    low, high = place.min(0), place.max(0)
    scale = (SHADOW_SIDE - 8) / max(*(high - low)[:2], 0.5)
    view = np.concatenate(
        [axes * [[scale], [scale], [1]], [[4 - low[0] * scale], [4 - low[1] * scale], [1 - low[2]]]], 1
    )
    view = np.ascontiguousarray(view, np.float32)
    points = np.empty_like(place)
    points[:, :2] = ((place[:, :2] - low[:2]) * scale + 4 + 0.5) / 2 - 0.5  # `fill` has two samples a pixel
    points[:, 2] = place[:, 2] - low[2] + 1
    table = mesh.surface.table.copy()
    table[:, TWO_SIDED], table[:, CUT_OUT] = 1, 0
    depth_map = np.zeros((SHADOW_SIDE, SHADOW_SIDE), np.float32)
    triangle = np.full(depth_map.shape, -1, np.int32)
    fill(points, mesh.surface._replace(table=table), depth_map, triangle)
    return Shadow(view, depth_map)


def render(people, camera, background, light, wardrobe, floor=True, things=()):
    """People [Posed] and things before a background uint8 [H, W, 3] -> Rendered.

    floor   the background has a floor at z = 0
    """
    picture = LINEAR[background]
    mesh = merge([*people, *things], camera, wardrobe)
    seen = camera.see(mesh.vertices)
    points = np.empty_like(seen)
    points[:, :2] = camera.project(seen)
    points[:, 2] = np.where(seen[:, 2] > NEAR, 1 / np.maximum(seen[:, 2], NEAR), 0)
    shape = (2 * camera.height, 2 * camera.width)
    nearness, triangle = np.zeros(shape, np.float32), np.full(shape, -1, np.int32)
    fill(points, mesh.surface, nearness, triangle)
    shadow = shadow_of(mesh, light.key)
    if floor:
        up = [diffuse(light.harmonics, c, np.float32(0), np.float32(0), np.float32(1)) for c in range(3)]
        direct = light.key_colour * max(float(light.key[2]), 0)
        ambient = np.array(up, np.float32) + np.float32(0.02)
        darken(picture, eye_of(camera), shadow, ambient, direct.astype(np.float32), contacts(people))
    vertices = Vertices(points, mesh.vertices, mesh.normal, mesh.colour)
    shade(picture, triangle, vertices, mesh.surface, light, shadow, camera.eye)
    whose = np.repeat(np.arange(len(mesh.first_face) - 1, dtype=np.int16), np.diff(mesh.first_face))
    owner = np.where(triangle >= 0, whose[triangle], np.int16(-1))
    return Rendered(picture, nearness, owner, covers(mesh, len(people), points, camera, owner))


def contacts(people):
    """Where bodies touch the floor -> float32 [N, 3] of ground.darken: feet, knees, hands and seat near it."""
    spots = []
    for person in people:
        joints = person.body[[0, 2, 3, 5, 6, 13, 16]]
        strength = np.clip(1.6 - joints[:, 2] / 0.12, 0, 1)
        spots.append(np.column_stack([joints[:, :2], strength])[strength > 0])
    return np.ascontiguousarray(np.concatenate(spots), np.float32)


def covers(mesh, people, points, camera, owner):
    """Samples each of the first `people` would cover alone, found at half the resolution."""
    shapes = len(mesh.first_face) - 1
    counts = np.bincount(owner[owner >= 0], minlength=shapes)[:people].tolist()
    if shapes == 1:
        return counts
    half = points * np.array([0.5, 0.5, 1], np.float32) - np.array([0.25, 0.25, 0], np.float32)
    for n in range(people):
        part = slice(mesh.first_face[n], mesh.first_face[n + 1])
        nearness = np.zeros((camera.height, camera.width), np.float32)
        triangle = np.full(nearness.shape, -1, np.int32)
        own = {name: getattr(mesh.surface, name)[part] for name in ("faces", "material", "uv_faces")}
        fill(half, mesh.surface._replace(**own), nearness, triangle)
        counts[n] = 4 * int((triangle >= 0).sum())
    return counts
