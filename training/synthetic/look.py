"""Who a person is: body, clothes, colours, hair, as one mesh with materials.

Clothes keep their texture, are tinted (light and dark of the texture times a drawn colour) or patterned (stripes, checks,
dots, patches of photographs). Skin is painted on the vertices. One in eight wears cloth painted on the body instead of a
garment: other sleeve and hem lengths than the pack's twelve outfits have.
"""

from typing import NamedTuple

import cv2
import numpy as np

from training.synthetic.body import fit
from training.synthetic.light import LINEAR
from training.synthetic.raster import (
    COLUMNS,
    CUT_OUT,
    GLOSS,
    PATTERN,
    RED,
    REPEAT,
    TEXTURE,
    TINT,
    TWO_SIDED,
    normals,
)  # fmt: skip

PAINTED, BAREFOOT, HAT, BEARD, SHAVED = 0.13, 0.06, 0.06, 0.35, 0.12  # shares of people
SKIN = (
    np.array([[240, 205, 182], [226, 180, 150], [205, 152, 118], [168, 114, 80], [121, 78, 54], [78, 50, 38]]) / 255.0
)
HAIR = (
    np.array([[18, 15, 14], [42, 28, 20], [76, 50, 32], [118, 82, 50], [176, 138, 88], [120, 52, 26], [140, 138, 134]])
    / 255.0
)
CLOTH = np.array(
    [[22, 22, 24], [235, 235, 232], [120, 122, 125], [60, 62, 68], [38, 48, 82], [92, 72, 54], [176, 164, 140],
     [128, 38, 40], [52, 86, 60], [70, 110, 160], [196, 180, 70], [180, 90, 120]]
) / 255.0  # fmt: skip
CLOTH_ODDS = np.array([5, 5, 4, 3, 3, 2, 2, 1.5, 1.5, 1.5, 0.7, 0.7])
PATTERN_SIDE, TEXTURE_SIDE = 128, 512


class Figure(NamedTuple):
    """A person at rest, ready to be posed; the first 19,158 vertices are the body's."""

    rest: np.ndarray  # float32 [V, 3]
    heads: np.ndarray  # float32 [104, 3]
    bones: np.ndarray  # int32 [V, 9]
    weights: np.ndarray  # float32 [V, 9]
    faces: np.ndarray  # int32 [T, 3]
    uv_faces: np.ndarray  # int32 [T, 3]
    uv: np.ndarray  # float32 [U, 2]
    material: np.ndarray  # int16 [T]      row of the table
    table: np.ndarray  # float32 [M, COLUMNS]
    density: np.ndarray  # float32 [M]     texels per metre
    colour: np.ndarray  # float32 [V, 3]   linear
    used: np.ndarray  # int32              vertices of visible faces
    stature: float  # m
    curl: float  # rad a finger link is bent


class Wardrobe:
    """All textures in one array: `texels` uint8 [K, 4] RGBA, `textures` int32 [n, 3] first row, side, levels."""

    def __init__(self, pack, photos, seed=0):
        rng = np.random.default_rng(seed)
        self.blocks, rows, self.number, self.start = [], [], {}, 0
        self.textures = rows
        for key in pack.index:
            item = pack.item(key)
            if item.texture or item.shading:
                self.number[item.name] = self.add(item_texture(item))
        self.patterns = [self.add(pattern) for pattern in drawn_patterns(rng, 28)]
        self.photo_patterns = [self.add(patch) for patch in photo_patches(photos, rng, 36)]
        self.patterns += self.photo_patterns
        self.texels = np.concatenate(self.blocks)
        self.textures = np.array(rows, np.int32)
        del self.blocks

    def add(self, image):
        """RGBA [S, S, 4], S a power of two -> its number; halved down to 8."""
        first, side, levels = self.start, image.shape[0], 0
        while image.shape[0] >= 8:
            self.blocks.append(np.ascontiguousarray(image).reshape(-1, 4))
            self.start += len(self.blocks[-1])
            levels += 1
            image = cv2.resize(image, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        self.textures.append((first, side, levels))
        return len(self.textures) - 1

    def image(self, number):
        first, side, _ = self.textures[number]
        return self.texels[first : first + side * side].reshape(side, side, 4)


def item_texture(item):
    """Colour, times the baked folds where there are any -> RGBA uint8 [512, 512, 4]."""
    image = np.full((TEXTURE_SIDE, TEXTURE_SIDE, 4), 255, np.uint8)
    if item.texture:
        read = cv2.resize(
            cv2.imread(str(item.texture), cv2.IMREAD_UNCHANGED),
            (TEXTURE_SIDE, TEXTURE_SIDE),
            interpolation=cv2.INTER_AREA,
        )
        image[..., :3] = read[..., 2::-1]
        if read.shape[2] == 4:
            image[..., 3] = read[..., 3]
    if item.shading:
        folds = cv2.resize(
            cv2.imread(str(item.shading), cv2.IMREAD_GRAYSCALE),
            (TEXTURE_SIDE, TEXTURE_SIDE),
            interpolation=cv2.INTER_AREA,
        )
        image[..., :3] = image[..., :3] * (0.45 + 0.55 * folds[..., None] / 255.0)
    return image


def drawn_patterns(rng, count):
    """Stripes, checks, plaid, dots, camouflage and noise that repeat -> RGBA uint8 [128, 128, 4] each."""
    s = PATTERN_SIDE
    y, x = np.mgrid[:s, :s] / s
    for n in range(count):
        a, b, c = (cloth_colour(rng)[:, None, None] for _ in range(3))
        k = 2 ** rng.integers(1, 5)
        kind = n % 7
        if kind in (0, 1):
            mask = ((x if kind else y) * k % 1 < rng.uniform(0.2, 0.6)).astype(float)
        elif kind == 2:
            mask = ((x * k).astype(int) + (y * k).astype(int)) % 2.0
        elif kind == 3:
            mask = 0.5 * (x * k % 1 < 0.4) + 0.5 * (y * k % 1 < 0.4)
        elif kind == 4:
            mask = (np.hypot(x * k % 1 - 0.5, y * k % 1 - 0.5) < rng.uniform(0.2, 0.4)).astype(float)
        else:
            grain = cv2.GaussianBlur(np.tile(rng.normal(size=(s, s)), (3, 3)), (0, 0), 9 if kind == 5 else 1.5)[
                s : 2 * s, s : 2 * s
            ]
            mask = (grain > 0).astype(float) if kind == 5 else (0.5 + 0.2 * grain / grain.std()).clip(0, 1)
        colour = a * (1 - mask) + b * mask
        if kind == 5:
            colour = np.where(np.roll(mask, s // 3, (0, 1)) > 0, colour, c)
        yield rgba(np.moveaxis(colour, 0, -1))


def photo_patches(photos, rng, count):
    for n in range(count):
        photo = cv2.resize(photos[n % len(photos)], None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        y, x = (int(rng.integers(0, side - PATTERN_SIDE)) for side in photo.shape[:2])
        yield rgba(photo[y : y + PATTERN_SIDE, x : x + PATTERN_SIDE] / 255.0)


def rgba(colour):
    """RGB 0..1 [S, S, 3] -> uint8 [S, S, 4], opaque."""
    return np.dstack([(colour * 255).clip(0, 255).astype(np.uint8), np.full(colour.shape[:2], 255, np.uint8)])


def cloth_colour(rng):
    colour = (
        CLOTH[rng.choice(len(CLOTH), p=CLOTH_ODDS / CLOTH_ODDS.sum())]
        if rng.random() < 0.8
        else rng.uniform(0.05, 0.95, 3)
    )
    return (colour + rng.normal(0, 0.03, 3)).clip(0.02, 0.97)


def linear(colour):
    return (np.asarray(colour) ** 2.2).astype(np.float32)


def dress(pack, wardrobe, rng):
    """Draw a person -> Figure."""
    person = draw_body(pack, rng)
    rest, heads = pack.rest(person)
    female = pack.phenotype["gender"][person] > 0.5
    colour, covered = paint_skin(pack, person, rng)
    items, hair = choose_items(pack, female, rng)
    painted = not any(key.startswith("clothes_") and "suit" in key for key in items)
    if painted:
        inflate, cloth = painted_cloth(pack, rng)
        colour = np.where(inflate[:, None] > 0, cloth, colour)
        rest = rest + normals(rest, pack.faces) * inflate[:, None]
    faces = pack.faces
    hidden = np.zeros(len(rest), bool)
    parts, builder = [rest], Builder(pack, wardrobe, rng)
    colours = [colour]
    for key in items:
        item = pack.item(key)
        hidden[item.hides] = True
        parts.append(fit(item, rest))
        tone = np.ones((len(item.vertices), 3), np.float32)
        if item.kind in ("hair", "eyebrows"):
            tone[:] = linear(hair)
        colours.append(tone)
        builder.add(item, parts[-1], len(rest) + sum(len(part) for part in parts[1:-1]))
    if any(pack.item(key).kind == "hair" for key in items) or rng.random() < 0.9:
        colour[:] = colour * (1 - covered[:, None]) + linear(hair * 0.8) * covered[:, None]
    faces = faces[~hidden[faces].all(1)]
    skin = np.zeros((1, COLUMNS), np.float32)
    skin[0, [TEXTURE, PATTERN]] = -1
    skin[0, GLOSS], skin[0, RED:] = 0.05, 1
    every = np.concatenate([faces] + builder.faces)
    return Figure(
        rest=np.concatenate(parts),
        heads=heads,
        bones=np.concatenate([pack.bones] + builder.bones),
        weights=np.concatenate([pack.weights] + builder.weights),
        faces=every,
        uv_faces=np.concatenate([np.zeros_like(faces)] + builder.uv_faces),
        uv=np.concatenate([np.zeros((1, 2), np.float32)] + builder.uv),
        material=np.concatenate([np.zeros(len(faces), np.int16)] + builder.material),
        table=np.concatenate([skin] + builder.table),
        density=np.array([1.0] + builder.density, np.float32),
        colour=np.concatenate(colours).astype(np.float32),
        used=np.unique(every),
        stature=float(pack.stature[person]),
        curl=float(rng.uniform(0.05, 0.6)),
    )


class Builder:
    """Collects the items of one person as faces and materials."""

    def __init__(self, pack, wardrobe, rng):
        self.wardrobe, self.rng = wardrobe, rng
        self.faces, self.uv_faces, self.uv, self.bones, self.weights = [], [], [], [], []
        self.material, self.table, self.density = [], [], []
        self.uv_count, self.material_count = 1, 1

    def add(self, item, vertices, offset):
        number = self.wardrobe.number.get(item.name, -1)
        component = item.component if item.kind == "clothes" and "suit" in item.name else np.zeros_like(item.component)
        rows = [self.row(item, number, component == part) for part in range(component.max() + 1)]
        self.faces.append(item.faces + np.int32(offset))
        self.uv_faces.append(item.uv_faces + np.int32(self.uv_count))
        self.uv.append(item.uv)
        self.bones.append(item.bones)
        self.weights.append(item.weights)
        self.material.append((component[item.faces[:, 0]] + self.material_count).astype(np.int16))
        self.table.append(np.stack(rows))
        self.density += [texel_density(item, vertices)] * len(rows)
        self.uv_count += len(item.uv)
        self.material_count += len(rows)

    def row(self, item, number, mine):
        """The material of one connected part (`mine`: its vertices) of an item."""
        rng, row = self.rng, np.zeros(COLUMNS, np.float32)
        row[TEXTURE], row[PATTERN], row[TWO_SIDED], row[RED:] = number, -1, 1, 1
        if item.kind in ("hair", "eyebrows"):
            row[CUT_OUT] = float(number >= 0)
            row[GLOSS] = 0.1
            row[TINT] = self.mean_light(item, number, mine)
            return row
        row[GLOSS] = rng.choice([0.0, 0.02, 0.2], p=[0.6, 0.3, 0.1])
        style = rng.random()
        if item.texture and style < (0.65 if "shoes" in item.name else 0.3):
            row[RED:] = rng.uniform(0.75, 1.15, 3)
            return row
        row[TINT] = self.mean_light(item, number, mine)
        if style < 0.75 or "shoes" in item.name:
            row[RED:] = linear(cloth_colour(rng))
        else:
            row[PATTERN], row[REPEAT] = rng.choice(self.wardrobe.patterns), rng.choice([1, 2, 3, 4, 6])
        return row

    def mean_light(self, item, number, mine):
        """Mean linear light of the texels a part uses (at least 0.05), 0 without a texture."""
        if number < 0:
            return 0.0
        image = self.wardrobe.image(number)
        u, v = item.uv[item.uv_faces[mine[item.faces[:, 0]]].ravel()].T
        side = image.shape[0]
        texels = image[((1 - v) * side).astype(int) % side, (u * side).astype(int) % side]
        texels = texels[texels[:, 3] > 128][:, :3]
        return max(float((LINEAR[texels] @ [0.3, 0.6, 0.1]).mean()), 0.05) if len(texels) else 1.0


def texel_density(item, vertices):
    """Texels of its texture per metre of an item, from the areas of its faces."""
    a, b, c = (vertices[item.faces[:, k]] for k in range(3))
    area = np.linalg.norm(np.cross(b - a, c - a), axis=1).sum()
    (ux, uy), (vx, vy) = ((item.uv[item.uv_faces[:, k]] - item.uv[item.uv_faces[:, 0]]).T for k in (1, 2))
    return float(TEXTURE_SIDE * np.sqrt(np.abs(ux * vy - uy * vx).sum() / max(area, 1e-9)))


def draw_body(pack, rng):
    """A stored body: children as they come in the pack, adults by a normal law of stature."""
    while True:
        person = int(rng.integers(len(pack.stature)))
        adult = pack.phenotype["age"][person] > 0.45
        if not adult or rng.random() < np.exp(
            -0.5 * ((pack.stature[person] - (1.765 - 0.13 * pack.phenotype["gender"][person])) / 0.085) ** 2
        ):
            return person


def choose_items(pack, female, rng):
    """-> keys of the items worn, colour of the hair."""
    keys = list(pack.index)
    suits = [key for key in keys if f"clothes_{'female' if female else 'male'}_" in key]
    if rng.random() < 0.25:
        suits = [key for key in keys if "suit" in key and "elegant" not in key]
    items = [] if rng.random() < PAINTED else [suits[rng.integers(len(suits))]]
    if rng.random() > BAREFOOT and not (items and "male_elegant" in items[0] and "female" not in items[0]):
        items.append(f"clothes_shoes0{rng.integers(1, 7)}")
    hats = [key for key in keys if "fedora" in key]
    # The untextured bob is a closed helmet over half the face.
    styles = [
        key
        for key in keys
        if key.startswith("hair_") and female == ("Female" in pack.index[key]["tags"]) and "bob01" not in key
    ]
    if rng.random() < HAT:
        items.append(hats[rng.integers(len(hats))])
    elif female or rng.random() > SHAVED:
        items.append(styles[rng.integers(len(styles))] if rng.random() < 0.9 else "hair_afro01")
    items.append(f"eyebrows_eyebrow{rng.integers(1, 13):03d}")
    hair = HAIR[rng.choice(len(HAIR), p=[0.3, 0.22, 0.16, 0.1, 0.1, 0.04, 0.08])] * rng.uniform(0.7, 1.25)
    return items, hair.clip(0.02, 0.95)


def paint_skin(pack, person, rng):
    """-> colour of each body vertex, linear float32 [V, 3]; share of it that hair covers [V]."""
    shade = pack.phenotype["african"][person] * 3.5 + pack.phenotype["asian"][person] * 1.2 + rng.normal(0.4, 0.6)
    shade = np.clip(shade, 0, len(SKIN) - 1.001)
    tone = SKIN[int(shade)] * (1 - shade % 1) + SKIN[int(shade) + 1] * (shade % 1)
    x, y, z = mean = pack.mean_vertices.T
    waves = sum(np.sin(rng.normal(0, 25, 3) @ mean + rng.uniform(0, 6.3)) for _ in range(4)) / 4
    colour = np.repeat(tone[None], len(x), 0) * (1 + 0.05 * waves[:, None]) * rng.uniform(0.97, 1.03, 3)

    eye, nose = pack.mean_heads[pack.bone["eye.L"]], pack.mean_vertices[pack.nose]

    def ball(point, radius):
        """1 at `point`, fading over `radius` [3]: a hard edge would read as a mask over the face."""
        return np.exp(-(((mean - np.asarray(point)[:, None]) / np.asarray(radius)[:, None]) ** 2).sum(0))

    def blend(share, target):
        return colour + share[:, None] * (np.asarray(target) - colour)

    for side in (-1, 1):
        colour = blend(
            0.35 * ball((0.038 * side, nose[1] + 0.02, nose[2] - 0.012), (0.02, 0.03, 0.018)), tone * [1.0, 0.75, 0.72]
        )
    lips = ball((0, nose[1] + 0.025, nose[2] - 0.040), (0.024, 0.02, 0.008))
    colour = blend(0.8 * lips, tone * [0.85, 0.55, 0.55])
    if pack.phenotype["gender"][person] < 0.4 and pack.phenotype["age"][person] > 0.5 and rng.random() < BEARD:
        jaw = ball((0, nose[1] + 0.035, nose[2] - 0.065), (0.065, 0.06, 0.038)) * (1 - lips)
        colour = blend((rng.uniform(0.3, 0.9) * jaw).clip(0, 1), HAIR[rng.integers(3)])
    eyes = np.unique(pack.faces[pack.face_group == 2])
    colour[eyes] = 0.82
    iris = np.array([[60, 40, 25], [90, 110, 130], [70, 90, 50], [30, 20, 14]])[rng.integers(4)] / 255.0
    for side in (-1, 1):
        centre = eyes[np.sign(x[eyes]) == side]
        front = centre[y[centre].argmin()]
        away = np.hypot(x[centre] - x[front], z[centre] - z[front])
        colour[centre[away < 0.0065]] = iris
    head = z > eye[2] - 0.14
    above = z - (eye[2] + 0.066) + 0.8 * (y - (eye[1] + 0.005))
    covered = head / (1 + np.exp(-(above / 0.004).clip(-30, 30)))
    covered[eyes] = 0
    return linear(colour.clip(0.01, 0.97)), covered.astype(np.float32)


def painted_cloth(pack, rng):
    """Cloth on the body itself -> metres each vertex is inflated [V], 0 on bare skin; its linear colour [V, 3]."""
    z = pack.mean_vertices[:, 2]
    bone = np.array([label.split(".")[0].rstrip("0123456789-") for label in pack.labels])[pack.bones[:, 0]]
    height = (z - z[pack.skin_vertices].min()) / np.ptp(z[pack.skin_vertices])
    elbow, wrist = (abs(pack.mean_heads[pack.bone[name], 0]) for name in ("lowerarm01.L", "wrist.L"))
    reach = np.abs(pack.mean_vertices[:, 0])
    sleeve = rng.choice([0.21, elbow - 0.06, elbow, wrist - 0.02], p=[0.15, 0.35, 0.1, 0.4])
    hem = rng.choice([0.42, 0.3, 0.09], p=[0.2, 0.25, 0.55])
    trunk = np.isin(bone, ["spine", "clavicle", "shoulder", "breast", "root", "pelvis", "upperarm", "lowerarm", "neck"])
    neck = pack.mean_heads[pack.bone["neck01"], 2]
    top = trunk & (reach < sleeve) & (height > rng.uniform(0.5, 0.57)) & (z < neck - 0.005)
    legs = np.isin(bone, ["root", "pelvis", "upperleg", "lowerleg", "spine"]) & (height > hem) & (height < 0.6) & ~top
    thick = rng.uniform(0.004, 0.012)
    inflate = np.where(top, thick, np.where(legs, thick * rng.uniform(0.5, 1.3), 0)).astype(np.float32)
    cloth = np.where(top[:, None], linear(cloth_colour(rng)), linear(cloth_colour(rng)))
    return inflate, cloth.astype(np.float32)
