"""MakeHuman's clothes, shoes, hats, hair, brows and lashes -> the items of a pack (body.Item).

An item is a folder with NAME.mhclo (how its mesh hangs on the body), an .obj and a .mhmat that names textures. In a
.mhclo, after the keyword `verts`, the n-th line says where vertex n of the mesh is: `v` at that vertex of the body, or
`v1 v2 v3 w1 w2 w3 dx dy dz` at the weighted mean of three, shifted by d times the scale of `x_scale a b distance`
(body.fit).
"""

import cv2
import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from tqdm import tqdm

SKIRT, WAIST = "helper-skirt", 0.85  # a part of the base mesh; share of its height below which it hides the legs
# Body vertices whose distance along each axis scales the offsets; the skirt has none.
NO_SCALE = {"x": [5399, 11998, 1.0], "z": [962, 5320, 1.0], "y": [791, 881, 1.0]}
KINDS = ("clothes", "hair", "eyebrows", "eyelashes")  # folders of makehuman-assets
SIDES = {"clothes": 1024, "hair": 512, "eyebrows": 256, "eyelashes": 256}  # px of a texture
SHOES_SIDE = 512


def read_clothes(text):
    """A .mhclo file -> {keyword: words after it}, tags, vertices [n, 3], weights [n, 3], offsets [n, 3], hidden body
    vertices [k].

    >>> about, tags, vertices, weights, offsets, hidden = read_clothes('''name hat
    ... tag Red
    ... x_scale 1 2 0.5
    ... verts 0
    ... 7
    ... 1 2 3 0.5 0.25 0.25 0.1 0 0
    ... material hat.mhmat
    ... delete_verts
    ... 4 - 6 9''')
    >>> about["material"], tags, vertices.tolist(), hidden.tolist()
    ('hat.mhmat', ['Red'], [[7, 7, 7], [1, 2, 3]], [4, 5, 6, 9])
    """
    about, tags, rows, hidden, section = {}, [], [], [], None
    for line in text.splitlines():
        words = line.split("#")[0].split()
        if not words:
            continue
        number = words[0].lstrip("-").replace(".", "", 1).isdigit()
        if number and section == "verts":
            rows.append([float(word) for word in words])
        elif number and section == "delete_verts":
            hidden += ranges(words)
        elif words[0] in ("verts", "delete_verts"):
            section = words[0]
        elif words[0] == "tag":
            tags.append(" ".join(words[1:]))
        elif not number:
            about[words[0]] = " ".join(words[1:])
    full = np.array([row if len(row) == 9 else [row[0]] * 3 + [1, 0, 0, 0, 0, 0] for row in rows])
    return about, tags, full[:, :3].astype(int), full[:, 3:6], full[:, 6:], np.array(hidden, int)


def ranges(words):
    """["4", "-", "6", "9"] -> [4, 5, 6, 9]"""
    out, words = [], iter(words)
    for word in words:
        if word == "-":
            out += range(out[-1] + 1, int(next(words)) + 1)
        else:
            out.append(int(word))
    return out


def read_mesh(text):
    """An .obj file -> number of vertices, faces [t, 3], texture faces [t, 3], texture coordinates [u, 2] (v
    upwards)."""
    lines = [line.split("#")[0].split() for line in text.splitlines()]
    uv = [[float(word) for word in words[1:3]] for words in lines if words[:1] == ["vt"]]
    groups = mesh_groups(text).values()
    faces, uv_faces = (np.concatenate(parts) for parts in zip(*groups, strict=True))
    return sum(words[:1] == ["v"] for words in lines), faces, uv_faces, np.array(uv or [[0.0, 0.0]])


def mesh_groups(text):
    """An .obj file -> {group: (faces [t, 3], texture faces [t, 3])}, "" the name of the first group if it has none."""
    found, triangles = {}, None
    for line in text.splitlines():
        key, _, rest = line.split("#")[0].strip().partition(" ")
        if key == "g" or (key == "f" and triangles is None):
            triangles = found.setdefault(rest.strip() if key == "g" else "", [])
        if key == "f":
            corners = [[int(part or 1) - 1 for part in (word + "/").split("/")[:2]] for word in rest.split()]
            triangles += [(corners[0], corners[k], corners[k + 1]) for k in range(1, len(corners) - 1)]
    arrays = {name: np.array(triangles, int) for name, triangles in found.items() if triangles}
    return {name: (array[..., 0], array[..., 1]) for name, array in arrays.items()}


def read_material(path):
    """A .mhmat file -> {"diffuseTexture": path, "aomapTexture": path}, those that can be read as pictures."""
    found = {}
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines() if path.is_file() else ():
        words = line.split(maxsplit=1)
        if len(words) == 2 and words[0] in ("diffuseTexture", "aomapTexture"):
            picture = path.parent / words[1].strip()
            # In a checkout without Git LFS the textures are a few lines of text.
            if picture.is_file() and cv2.haveImageReader(str(picture)):
                found[words[0]] = picture
    return found


def components(vertices, faces):
    """The connected part of a mesh that each of its vertices is in, int [vertices]."""
    edges = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]]])
    return connected_components(coo_matrix((np.ones(len(edges)), edges.T), (vertices, vertices)), directed=False)[1]


def build_skirt(text, out):
    """The skirt of the base mesh (text of its .obj) as an item in `out`; returns its part of the index."""
    _, _, _, uv = read_mesh(text)
    groups = mesh_groups(text)
    place = np.array([line.split()[1:4] for line in text.splitlines() if line.startswith("v ")], float)
    vertices, faces = np.unique(groups[SKIRT][0], return_inverse=True)
    used, uv_faces = np.unique(groups[SKIRT][1], return_inverse=True)
    hem, waist = place[vertices, 1].min(), place[vertices, 1].max()
    body = np.unique(groups["body"][0])
    inside = (np.abs(place[body, 0]) < np.abs(place[vertices, 0]).max()) & (place[body, 1] > hem)
    hidden = body[inside & (place[body, 1] < hem + WAIST * (waist - hem))]
    hang, weights = np.repeat(vertices[:, None], 3, 1), np.eye(1, 3).repeat(len(vertices), 0)
    save_item(
        out / "clothes_skirt.npz",
        hang,
        weights,
        np.zeros(hang.shape),
        faces.reshape(-1, 3),
        uv_faces.reshape(-1, 3),
        uv[used],
        hidden,
    )
    return {"clothes_skirt": {"kind": "clothes", "name": "skirt", "tags": [], "sc": NO_SCALE, "tex": None, "ao": None}}


def save_item(path, vertices, weights, offsets, faces, uv_faces, uv, hidden):
    """The arrays of body.Item."""
    np.savez_compressed(
        path, vi=vertices.astype(np.uint16), ww=weights.astype(np.float32), dd=offsets.astype(np.float32),
        F=faces.astype(np.uint16), FT=uv_faces.astype(np.uint16), UV=uv.astype(np.float32),
        dele=hidden.astype(np.uint16), comp=components(len(vertices), faces).astype(np.uint8),
    )  # fmt: skip


def build_garments(source, out):
    """Every item below a folder -> .npz and textures in `out`; returns the index."""
    index = {}
    for path in tqdm(sorted(source.rglob("*.mhclo")), unit="item"):
        kind = path.parent.parent.name
        if kind not in KINDS:
            continue
        about, tags, vertices, weights, offsets, hidden = read_clothes(
            path.read_text(encoding="utf-8", errors="replace")
        )
        count, faces, uv_faces, uv = read_mesh((path.parent / about.get("obj_file", path.stem + ".obj")).read_text())
        if count != len(vertices):
            raise ValueError(f"{path}: places {len(vertices)} vertices, its mesh has {count}")
        key = f"{kind}_{path.stem}"
        save_item(out / f"{key}.npz", vertices, weights, offsets, faces, uv_faces, uv, hidden)
        pictures = read_material(path.parent / about.get("material", ""))
        side = SHOES_SIDE if "Shoes" in tags else SIDES[kind]
        scale = {axis: about[f"{axis}_scale"].split() for axis in "xyz"}
        index[key] = {
            "kind": kind,
            "name": path.stem,
            "tags": tags,
            "sc": {axis: [int(a), int(b), float(distance)] for axis, (a, b, distance) in scale.items()},
            "tex": store(pictures.get("diffuseTexture"), out / f"{key}_tex", side),
            "ao": store(pictures.get("aomapTexture"), out / f"{key}_ao", side),
        }
    return index


def store(picture, stem, side):
    """A texture of at most `side` px, as JPEG where it is opaque -> name of its file, None without a picture."""
    if picture is None:
        return None
    image = cv2.imread(str(picture), cv2.IMREAD_UNCHANGED)
    image = image.astype(np.uint8) if image.dtype == np.uint8 else (image / 257).astype(np.uint8)
    scale = side / max(image.shape[:2])
    if scale < 1:
        image = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    clear = image.ndim == 3 and image.shape[2] == 4 and image[..., 3].min() < 250
    path = stem.with_name(stem.name + (".png" if clear else ".jpg"))
    cv2.imwrite(str(path), image if clear or image.ndim == 2 else image[..., :3], [cv2.IMWRITE_JPEG_QUALITY, 90])
    return path.name
