"""Who a person is: body, clothes, colours, hair, as one mesh with materials.

Clothes keep their texture, are tinted (light and dark of the texture times a drawn colour) or patterned (stripes,
checks, dots, patches of photographs). One in eight wears cloth painted on the body instead of a garment: other sleeve
and hem lengths than the pack's twelve outfits have.
"""

from typing import NamedTuple

import numpy as np

from duopose.training.synthetic.bodies.body import fit
from duopose.training.synthetic.bodies.skin import HAIR, LEGS, TOP, paint_brows, paint_skin, painted_cloth
from duopose.training.synthetic.bodies.wardrobe import PATTERN_SIDE, TEXTURE_SIDE, cloth_colour, linear
from duopose.training.synthetic.drawing.light import LINEAR
from duopose.training.synthetic.drawing.raster import (
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
)

PAINTED, BAREFOOT, HAT, SHAVED, SKIRT = 0.13, 0.06, 0.06, 0.12, 0.35  # shares of people; skirts: of painted women
PATTERNED = 0.35  # share of painted shirts and trousers
ATLAS = 2.2  # m of the body across the square of its texture coordinates


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


def dress(pack, wardrobe, rng):
    """Draw a person -> Figure."""
    person = draw_body(pack, rng)
    rest, heads = pack.rest(person)
    female = pack.phenotype["gender"][person] > 0.5
    colour, covered = paint_skin(pack, person, rng)
    items, hair = choose_items(pack, female, rng)
    painted = not any(key.startswith("clothes_") and "suit" in key for key in items)
    if painted:
        shod = any("shoes" in key for key in items) or rng.random() < BAREFOOT
        inflate, cloth, part = painted_cloth(pack, not shod, rng)
        colour = np.where(part[:, None] > 0, cloth, colour)
        if not any(key.startswith("hair_") for key in pack.index):
            inflate = inflate + covered * rng.uniform(0.003, 0.02)
        rest = rest + normals(rest, pack.faces) * inflate[:, None]
    if not any(pack.item(key).kind == "eyebrows" for key in items):
        colour = paint_brows(pack, colour, linear(hair))
    hidden = np.zeros(len(rest), bool)
    parts, builder = [rest], Builder(pack, wardrobe, rng)
    material = np.zeros(len(pack.faces), np.int16)
    for piece in (TOP, LEGS) if painted else ():
        if rng.random() < PATTERNED:
            colour[part == piece] = rng.uniform(0.6, 1.1)
            material[(part[pack.faces] == piece).any(1)] = builder.add_pattern()
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
    shown = ~hidden[pack.faces].all(1)
    faces = pack.faces[shown]
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
        uv_faces=np.concatenate([pack.uv_faces[shown]] + builder.uv_faces),
        uv=np.concatenate([pack.uv] + builder.uv),
        material=np.concatenate([material[shown]] + builder.material),
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
        self.uv_count, self.material_count = len(pack.uv), 1

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

    def add_pattern(self):
        """A drawn pattern on the body's own texture coordinates -> the number of the material."""
        row = np.zeros(COLUMNS, np.float32)
        row[TEXTURE], row[PATTERN] = -1, self.rng.choice(self.wardrobe.patterns)
        row[REPEAT], row[RED:] = self.rng.choice([4, 8, 12]), 1
        self.table.append(row[None])
        self.density.append(PATTERN_SIDE * row[REPEAT] / ATLAS)
        self.material_count += 1
        return self.material_count - 1

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
    """-> keys of the items worn, colour of the hair. A pack may lack any of them."""
    keys = list(pack.index)
    suits = [key for key in keys if f"clothes_{'female' if female else 'male'}_" in key]
    if rng.random() < 0.25:
        suits = [key for key in keys if "suit" in key and "elegant" not in key]
    items = [] if rng.random() < PAINTED or not suits else [suits[rng.integers(len(suits))]]
    skirts = [key for key in keys if "skirt" in key]
    if not items and female and skirts and rng.random() < SKIRT:
        items.append(skirts[rng.integers(len(skirts))])
    shoes = [key for key in keys if "shoes" in key]
    if shoes and rng.random() > BAREFOOT and not (items and "clothes_male_elegant" in items[0]):
        items.append(shoes[rng.integers(len(shoes))])
    hats = [key for key in keys if "fedora" in key]
    # The untextured bob is a closed helmet over half the face.
    hair = [key for key in keys if key.startswith("hair_") and "bob01" not in key]
    styles = [key for key in hair if female == ("Female" in pack.index[key]["tags"])] or hair
    if hats and rng.random() < HAT:
        items.append(hats[rng.integers(len(hats))])
    elif styles and (female or rng.random() > SHAVED):
        afro = [key for key in hair if "afro" in key and rng.random() < 0.1]
        items.append((afro or styles)[rng.integers(len(afro or styles))])
    brows = [key for key in keys if key.startswith("eyebrows_")]
    if brows:
        items.append(brows[rng.integers(len(brows))])
    hair = HAIR[rng.choice(len(HAIR), p=[0.3, 0.22, 0.16, 0.1, 0.1, 0.04, 0.08])] * rng.uniform(0.7, 1.25)
    return items, hair.clip(0.02, 0.95)
