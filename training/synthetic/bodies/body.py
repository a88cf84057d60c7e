"""Bodies and clothes: a stored index -> rest mesh, a garment -> its place on that mesh, a pose -> posed vertices.

Axes of the pack: metres, z up, the body looks along -y, its left is +x. Vertices keep MakeHuman's order ("hm08"),
helper geometry included, because garments are bound to it. Skinning needs world rotations only: with D_j the rotation
that carries rest bone j to its posed direction, in world axes,

    p_root given,  p_j = p_parent + D_parent (h_j - h_parent),  vertex = sum_k w_k (D_k (x - h_k) + p_k).
"""

import json
from functools import cache, cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numba import njit

from duopose.stream.skeleton import BODY17, COCO17, HEAD_TOP, L_HIP, NOSE, PELVIS, R_HIP, SPINE, THORAX

INFLUENCES = 9  # bones a vertex may follow; six lose up to 30 % of a vertex's weight
# Joints of body17 that are heads of bones; the pelvis is the middle of the hips, nose and head top are vertices.
BONE_OF = {
    "hip": "upperleg01", "knee": "lowerleg01", "ankle": "foot",
    "shoulder": "upperarm01", "elbow": "lowerarm01", "wrist": "wrist",
}  # fmt: skip


class Item(NamedTuple):
    """A garment, shoe, hat, hair style, brow or lash, bound to the body's vertices."""

    name: str
    kind: str
    vertices: np.ndarray  # int32 [n, 3]    the three body vertices each of its vertices hangs on
    shares: np.ndarray  # float32 [n, 3]    their weights
    offsets: np.ndarray  # float32 [n, 3]   MakeHuman axes (y up, z to the front), times the scale below
    scale: dict  # axis -> (body vertex a, body vertex b, reference distance)
    faces: np.ndarray  # int32 [t, 3]
    uv_faces: np.ndarray  # int32 [t, 3]
    uv: np.ndarray  # float32 [u, 2]
    hides: np.ndarray  # int32 [k]          body vertices it covers
    component: np.ndarray  # int32 [n]      connected part (shirt, trousers) of each vertex
    bones: np.ndarray  # int32 [n, 9]
    weights: np.ndarray  # float32 [n, 9]
    texture: Path | None
    shading: Path | None  # baked folds, multiplies the colour


class Pack:
    """The body pack in a folder (body.npz, index.json, one .npz a garment)."""

    def __init__(self, folder):
        self.folder = Path(folder)
        body = np.load(self.folder / "body.npz")
        self.mean_vertices = body["mean_v"]
        self.mean_heads = body["mean_h"]
        self.basis_vertices = body["basis_v"].astype(np.float32).reshape(len(body["basis_v"]), -1)
        self.basis_heads = body["basis_h"].reshape(len(body["basis_h"]), -1)
        self.coefficients = body["coef"]
        self.stature = body["height"]
        self.phenotype = {str(name): body["phen"][:, i] for i, name in enumerate(body["phen_labels"])}
        self.labels = [str(label) for label in body["labels"]]
        self.bone = {label: index for index, label in enumerate(self.labels)}
        self.parents = body["parents"].astype(np.int32)
        weights = body["w"].astype(np.float32)
        self.weights = weights / weights.sum(1, keepdims=True)
        self.bones = body["wi"].astype(np.int32)
        self.faces = body["F"].astype(np.int32)
        self.face_group = body["fg"]  # 0 skin, 2 eyes
        self.uv_faces, self.uv = body["FT"].astype(np.int32), body["UV"].astype(np.float32)
        regressor = body["kreg"].astype(np.float32)
        regressor /= regressor.sum(1, keepdims=True)
        rows = [list(body["klab"]).index(name) for name in COCO17]
        self.coco_rows = [(used, regressor[row, used]) for row in rows for used in [np.flatnonzero(regressor[row])]]
        seen = np.unique(self.faces)
        self.skin_vertices = seen
        self.head_top = int(seen[self.mean_vertices[seen, 2].argmax()])
        head = seen[self.mean_vertices[seen, 2] > self.mean_heads[self.bone["head"], 2]]
        self.nose = int(head[self.mean_vertices[head, 1].argmin()])

    @cached_property
    def index(self):
        return json.loads((self.folder / "index.json").read_text())

    @cache  # noqa: B019  one pack lives as long as the process
    def item(self, key):
        """The item of that name in index.json."""
        entry, data = self.index[key], np.load(self.folder / f"{key}.npz")
        vertices, shares = data["vi"].astype(np.int32), data["ww"].astype(np.float32)
        bones, weights = blend_weights(
            self.bones[vertices], self.weights[vertices] * shares[..., None], len(self.labels)
        )
        return Item(
            name=entry["name"],
            kind=entry["kind"],
            vertices=vertices,
            shares=shares,
            offsets=data["dd"].astype(np.float32),
            scale=entry["sc"],
            faces=data["F"].astype(np.int32),
            uv_faces=data["FT"].astype(np.int32),
            uv=data["UV"].astype(np.float32),
            hides=data["dele"].astype(np.int32),
            component=data["comp"].astype(np.int32),
            bones=bones,
            weights=weights,
            texture=self.folder / entry["tex"] if entry["tex"] else None,
            shading=self.folder / entry["ao"] if entry["ao"] else None,
        )

    def rest(self, index):
        """Body `index` -> rest vertices float32 [19158, 3], bone heads float32 [104, 3]."""
        coefficient = self.coefficients[index]
        vertices = self.mean_vertices + (coefficient @ self.basis_vertices).reshape(-1, 3)
        heads = self.mean_heads + (coefficient @ self.basis_heads).reshape(-1, 3)
        return np.ascontiguousarray(vertices, np.float32), np.ascontiguousarray(heads, np.float32)

    def coco(self, vertices):
        """Posed body vertices [19158, 3] -> COCO17 joints float32 [17, 3]: where annotators put them."""
        return np.stack([weights @ vertices[used] for used, weights in self.coco_rows]).astype(np.float32)

    def body17(self, vertices, positions):
        """Posed body vertices and bone heads [104, 3] -> body17 joints float32 [17, 3]."""
        joints = np.zeros((17, 3), np.float32)
        for row, name in enumerate(BODY17):
            side, _, part = name.partition("_")
            if part in BONE_OF:
                joints[row] = positions[self.bone[f"{BONE_OF[part]}.{side[0].upper()}"]]
        joints[PELVIS] = (joints[L_HIP] + joints[R_HIP]) / 2
        joints[SPINE] = positions[self.bone["spine02"]]
        joints[THORAX] = positions[self.bone["neck01"]]
        joints[NOSE] = vertices[self.nose]
        joints[HEAD_TOP] = vertices[self.head_top]
        return joints


def blend_weights(bones, weights, count):
    """The weights of vertices that hang on several body vertices.

    bones    int [n, 3, 9], weights float32 [n, 3, 9]   of the body vertices, times their share
    count    number of bones
    ->       int32 [n, 9], float32 [n, 9] the strongest nine, summing to 1
    """
    n = len(bones)
    flat = (np.arange(n)[:, None] * count + bones.reshape(n, -1)).ravel()
    dense = np.bincount(flat, weights.ravel(), n * count).reshape(n, count).clip(0)
    best = np.argsort(-dense, axis=1)[:, :INFLUENCES]
    kept = np.take_along_axis(dense, best, 1)
    return best.astype(np.int32), (kept / kept.sum(1, keepdims=True)).astype(np.float32)


def fit(item, rest):
    """An item on the rest mesh [19158, 3] of a person -> its rest vertices float32 [n, 3]."""
    # MakeHuman's x, y (up), z (front) are our x, z, -y; the scale also turns its decimetres into metres.
    scale = {
        axis: abs(rest[a, ours] - rest[b, ours]) / distance
        for axis, ours in (("x", 0), ("y", 2), ("z", 1))
        for a, b, distance in [item.scale[axis]]
    }
    base = np.einsum("ni,nid->nd", item.shares, rest[item.vertices])
    dx, dy, dz = item.offsets.T
    return (base + np.stack([dx * scale["x"], -dz * scale["z"], dy * scale["y"]], 1)).astype(np.float32)


@njit("f4[:,::1](f4[:,::1], i4[::1], f4[:,:,::1])", cache=True)
def chain(heads, parents, rotations):
    """Bone heads at rest [B, 3], world rotations [B, 3, 3] -> posed bone heads [B, 3], the root at the origin."""
    out = np.zeros_like(heads)
    for bone in range(1, len(heads)):
        parent = parents[bone]
        for i in range(3):
            total = out[parent, i]
            for k in range(3):
                total += rotations[parent, i, k] * (heads[bone, k] - heads[parent, k])
            out[bone, i] = total
    return out


@njit("f4[:,::1](f4[:,::1], i4[:,::1], f4[:,::1], f4[:,::1], f4[:,:,::1], f4[:,::1])", cache=True, fastmath=True)
def skin(rest, bones, weights, heads, rotations, positions):
    """Rest vertices [V, 3] -> posed vertices [V, 3]: the blend of D_k (x - h_k) + p_k over the bones of each vertex."""
    shift = np.empty_like(positions)
    for bone in range(len(heads)):
        for i in range(3):
            total = positions[bone, i]
            for k in range(3):
                total -= rotations[bone, i, k] * heads[bone, k]
            shift[bone, i] = total
    out = np.empty_like(rest)
    for v in range(len(rest)):
        x, y, z = rest[v, 0], rest[v, 1], rest[v, 2]
        a = np.float32(0)
        b = np.float32(0)
        c = np.float32(0)
        for n in range(bones.shape[1]):
            w = weights[v, n]
            if w > 0:
                j = bones[v, n]
                a += w * (rotations[j, 0, 0] * x + rotations[j, 0, 1] * y + rotations[j, 0, 2] * z + shift[j, 0])
                b += w * (rotations[j, 1, 0] * x + rotations[j, 1, 1] * y + rotations[j, 1, 2] * z + shift[j, 1])
                c += w * (rotations[j, 2, 0] * x + rotations[j, 2, 1] * y + rotations[j, 2, 2] * z + shift[j, 2])
        out[v, 0] = a
        out[v, 1] = b
        out[v, 2] = c
    return out
