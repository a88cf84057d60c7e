"""A pack of bodies made of boxes."""

import json

import cv2
import numpy as np

from duopose.stream.skeleton import COCO17
from tests.training.synthetic.skeletons import LABELS, rest_body

CUBE = np.array([[n & 1, n >> 1 & 1, n >> 2 & 1] for n in range(8)]) - 0.5
QUADS = ((0, 1, 5, 4), (1, 3, 7, 5), (3, 2, 6, 7), (2, 0, 4, 6), (4, 5, 7, 6), (2, 3, 1, 0))
BOXES = {  # bone -> where its box ends, half sizes
    "spine05": ("spine02", 0.3), "spine02": ("neck01", 0.34), "head": (None, 0.2), "upperleg01": ("lowerleg01", 0.14),
    "lowerleg01": ("foot", 0.11), "foot": (None, 0.1), "upperarm01": ("lowerarm01", 0.1),
    "lowerarm01": ("wrist", 0.08), "wrist": (None, 0.09),
}  # fmt: skip
KEYPOINT = {"nose": "head", "eye": "head", "ear": "head", "shoulder": "upperarm01", "elbow": "lowerarm01",
            "wrist": "wrist", "hip": "upperleg01", "knee": "lowerleg01", "ankle": "foot"}  # fmt: skip


def box_people(folder):
    """Write a pack with one body: a box for each limb, COCO joints at the bone heads."""
    heads, _, _, bone = rest_body()
    vertices, faces, bones, first = [], [], [], {}
    for name, row in bone.items():
        base, _, end = name.partition(".")
        if base not in BOXES:
            continue
        until, width = BOXES[base]
        start = heads[row]
        stop = (
            heads[bone[until + ("." + end if end else "")]]
            if until
            else start + [0, -0.05, 0.12 if base == "head" else -0.05]
        )
        middle, size = (start + stop) / 2, np.maximum(np.abs(stop - start), width)
        first[name] = len(vertices)
        faces += [[len(vertices) + quad[i] for i in corners] for quad in QUADS for corners in ((0, 1, 2), (0, 2, 3))]
        vertices += list(middle + CUBE * size)
        bones += [row] * 8
    count = len(vertices)
    faces += [[first["head"]] * 3] * 2  # eyes of no size, left and right
    group = np.zeros(len(faces), np.uint8)
    group[-2:] = 2
    faces[-2:] = [[first["head"], first["head"], first["head"]], [first["head"] + 1] * 3]
    regressor = np.zeros((17, count), np.float16)
    for row, name in enumerate(COCO17):
        side, _, part = name.rpartition("_")
        label = KEYPOINT[part] + ("." + side[0].upper() if side and KEYPOINT[part] != "head" else "")
        regressor[row, first[label] : first[label] + 8] = 1
    phenotype = ("gender", "age", "african", "asian")
    np.savez(
        folder / "body.npz", mean_v=np.array(vertices, np.float32), mean_h=heads,
        basis_v=np.zeros((1, count, 3), np.float16), basis_h=np.zeros((1, len(LABELS), 3), np.float32),
        coef=np.zeros((3, 1), np.float32), phen=np.full((3, 4), 0.6, np.float32), phen_labels=np.array(phenotype),
        height=np.full(3, 1.7, np.float32), w=np.eye(1, 9, dtype=np.float16).repeat(count, 0),
        wi=np.array(bones, np.uint8)[:, None].repeat(9, 1), labels=np.array(LABELS), parents=parents(bone),
        F=np.array(faces, np.uint16), FT=np.zeros((len(faces), 3), np.uint16), UV=np.zeros((1, 2), np.float32),
        fg=group, kreg=regressor, klab=np.array(COCO17),
    )  # fmt: skip
    kinds = {"clothes_female_suit": "clothes", "clothes_male_suit": "clothes", "clothes_fedora": "clothes",
             "hair_afro01": "hair", "hair_long": "hair", **{f"clothes_shoes0{n}": "clothes" for n in range(1, 7)},
             **{f"eyebrows_eyebrow{n:03d}": "eyebrows" for n in range(1, 13)}}  # fmt: skip
    span = {axis: [0, 7, 0.1] for axis in "xyz"}
    chest = first["spine02"]
    for name in kinds:
        np.savez(
            folder / f"{name}.npz", vi=np.arange(chest, chest + 8)[:, None].repeat(3, 1),
            ww=np.full((8, 3), 1 / 3, np.float32), dd=(CUBE * 0.05).astype(np.float32),
            F=np.array(faces[:12], np.uint16) - first[next(iter(first))], FT=np.array(faces[:12], np.uint16) % 8,
            UV=np.tile(CUBE[:, :2].astype(np.float32) + 0.5, (1, 1)), dele=np.zeros(0, np.uint16),
            comp=np.zeros(8, np.uint8),
        )  # fmt: skip
    index = {}
    for name, kind in kinds.items():
        tags = ["Female"] * (name == "hair_long")
        index[name] = {"kind": kind, "name": name.split("_", 1)[1], "tags": tags, "sc": span, "tex": None, "ao": None}
    index["clothes_female_suit"]["tex"] = "cloth.jpg"
    cv2.imwrite(str(folder / "cloth.jpg"), np.full((64, 64, 3), 120, np.uint8))
    (folder / "index.json").write_text(json.dumps(index))


def parents(bone):
    """The chain of the made-up bones: limbs hang on the trunk, each link on the one before."""
    up = {"spine05": "root", "spine04": "spine05", "spine03": "spine04", "spine02": "spine03", "spine01": "spine02",
          "neck01": "spine01", "neck02": "neck01", "neck03": "neck02", "head": "neck03", "eye": "head",
          "pelvis": "root", "upperleg01": "pelvis", "upperleg02": "upperleg01", "lowerleg01": "upperleg02",
          "lowerleg02": "lowerleg01", "foot": "lowerleg02", "toe1-1": "foot", "clavicle": "spine01",
          "shoulder01": "clavicle", "upperarm01": "shoulder01", "upperarm02": "upperarm01", "lowerarm01": "upperarm02",
          "lowerarm02": "lowerarm01", "wrist": "lowerarm02"}  # fmt: skip
    out = []
    for name in bone:
        base, _, end = name.partition(".")
        parent = up.get(base, "wrist") if base != "root" else None
        out.append(-1 if parent is None else bone[parent if parent in bone else f"{parent}.{end}"])
    return np.array(out)
