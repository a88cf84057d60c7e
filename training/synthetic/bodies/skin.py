"""What is painted on the body itself: skin, face, scalp, and cloth that lies close."""

import numpy as np

from duopose.training.synthetic.bodies.wardrobe import cloth_colour, linear

BEARD = 0.35  # share of men
TOP, LEGS, SHOES = 1, 2, 3  # parts of painted cloth
SHAFT = 0.06  # of the height that a painted shoe reaches up
SKIN = (
    np.array([[240, 205, 182], [226, 180, 150], [205, 152, 118], [168, 114, 80], [121, 78, 54], [78, 50, 38]]) / 255.0
)
HAIR = (
    np.array([[18, 15, 14], [42, 28, 20], [76, 50, 32], [118, 82, 50], [176, 138, 88], [120, 52, 26], [140, 138, 134]])
    / 255.0
)


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


def paint_brows(pack, colour, hair):
    """Skin colours with brows in the colour of the hair, for packs without meshes of brows."""
    x, y, z = pack.mean_vertices.T
    eye, nose = pack.mean_heads[pack.bone["eye.L"]], pack.mean_vertices[pack.nose]
    along = (np.abs(x) - np.abs(eye[0])) / 0.018
    share = 0.8 * np.exp(-(along**4) - ((z - eye[2] - 0.022 + 0.003 * along**2) / 0.0045) ** 2) * (y < nose[1] + 0.06)
    return (colour + share[:, None] * (hair - colour)).astype(np.float32)


def painted_cloth(pack, shoes, rng):
    """Cloth on the body itself -> metres each vertex is inflated [V], its linear colour [V, 3], what it is [V]: 0 bare,
    TOP, LEGS, SHOES."""
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
    feet = np.isin(bone, ["foot", "toe"]) & (height < SHAFT) & shoes
    part = np.select([top, feet, legs], [TOP, SHOES, LEGS])
    depth = np.array([0, thick, thick * rng.uniform(0.5, 1.3), 0.006], np.float32)
    tones = np.stack([np.zeros(3), *(linear(cloth_colour(rng)) for _ in range(3))]).astype(np.float32)
    return depth[part], tones[part], part
