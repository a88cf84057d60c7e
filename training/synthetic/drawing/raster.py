"""A small software rasteriser: triangles -> nearness and triangle of each sample. drawing/shading.py gives them
colours.

A pixel holds 2 x 2 samples. `fill` finds what each sample sees. Pixel (0, 0) is the CENTRE of the top-left pixel;
sample (sx, sy) lies at pixel ((sx + 0.5) / 2 - 0.5, ...). Image axes: y down, so the faces that look at the camera have
negative signed area. Nearness grows towards the camera and is linear in the image: 1 / z for a perspective camera,
minus the distance for a parallel one (shadow maps). Plain NumPy twins of the kernels are in the tests.
"""

from typing import NamedTuple

import numpy as np
from numba import float32 as f4
from numba import int16, int32, njit, types, uint8, void

# Columns of the material table [M, COLUMNS]
TEXTURE, PATTERN, TINT, REPEAT, TWO_SIDED, CUT_OUT, GLOSS, LEVEL, RED = 0, 1, 2, 3, 4, 5, 6, 7, 8
COLUMNS = 11


class Surface(NamedTuple):
    """T triangles and what they are made of."""

    faces: np.ndarray  # int32 [T, 3]
    material: np.ndarray  # int16 [T]           row of the table
    table: np.ndarray  # float32 [M, COLUMNS]
    uv_faces: np.ndarray  # int32 [T, 3]
    uv: np.ndarray  # float32 [U, 2]
    texels: np.ndarray  # uint8 [K, 4]          see wardrobe.Textures
    textures: np.ndarray  # int32 [n, 3]


ROWS, ROWS_I = f4[:, ::1], int32[:, ::1]
SURFACE = types.NamedTuple((ROWS_I, int16[::1], ROWS, ROWS_I, ROWS, uint8[:, ::1], ROWS_I), Surface)


@njit("i8(i4[:,::1], i8, i8, f4, f4)", cache=True, inline="always")
def nearest_texel(textures, texture, level, u, v):
    """Row in `texels` at (u, v), v upwards; textures repeat. textures [n, 3]: first row, side, levels."""
    start, side, levels = textures[texture, 0], textures[texture, 1], textures[texture, 2]
    level = min(level, levels - 1)
    for _ in range(level):
        start += side * side
        side >>= 1
    x = int(np.floor(u * side)) & (side - 1)
    y = int(np.floor((1 - v) * side)) & (side - 1)
    return start + y * side + x


@njit(void(ROWS, SURFACE, ROWS, ROWS_I), cache=True, fastmath=True)
def fill(points, surface, nearness, triangle):
    """Draw triangles into `nearness` and `triangle`, the nearest kept.

    points     float32 [V, 3]   x, y in pixels, nearness (<= 0.0 where behind the camera: its triangles are left out)
    surface    Surface; uv and textures are read where a material is cut out by alpha
    nearness   float32 [2H, 2W] in and out, triangle int32 [2H, 2W] in and out: -1 = nothing
    """
    faces, material, table, uv_faces, uv, texels, textures = surface
    height, width = nearness.shape
    for t in range(len(faces)):
        i0, i1, i2 = faces[t, 0], faces[t, 1], faces[t, 2]
        w0, w1, w2 = points[i0, 2], points[i1, 2], points[i2, 2]
        if w0 <= 0 or w1 <= 0 or w2 <= 0:
            continue
        m = material[t]
        x0 = (points[i0, 0] + np.float32(0.5)) * 2 - np.float32(0.5)
        y0 = (points[i0, 1] + np.float32(0.5)) * 2 - np.float32(0.5)
        x1 = (points[i1, 0] + np.float32(0.5)) * 2 - np.float32(0.5)
        y1 = (points[i1, 1] + np.float32(0.5)) * 2 - np.float32(0.5)
        x2 = (points[i2, 0] + np.float32(0.5)) * 2 - np.float32(0.5)
        y2 = (points[i2, 1] + np.float32(0.5)) * 2 - np.float32(0.5)
        area = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)
        if area == 0 or (area > 0 and table[m, TWO_SIDED] == 0):
            continue
        left = max(0, int(np.ceil(min(x0, x1, x2))))
        right = min(width - 1, int(np.floor(max(x0, x1, x2))))
        top = max(0, int(np.ceil(min(y0, y1, y2))))
        bottom = min(height - 1, int(np.floor(max(y0, y1, y2))))
        if left > right or top > bottom:
            continue
        inverse = np.float32(1) / area
        cut = table[m, CUT_OUT] != 0
        for y in range(top, bottom + 1):
            for x in range(left, right + 1):
                b1 = ((x - x0) * (y2 - y0) - (x2 - x0) * (y - y0)) * inverse
                b2 = ((x1 - x0) * (y - y0) - (x - x0) * (y1 - y0)) * inverse
                b0 = 1 - b1 - b2
                if b0 < 0 or b1 < 0 or b2 < 0:
                    continue
                w = b0 * w0 + b1 * w1 + b2 * w2
                if w <= nearness[y, x]:
                    continue
                if cut:
                    c0, c1, c2 = b0 * w0 / w, b1 * w1 / w, b2 * w2 / w
                    f0, f1, f2 = uv_faces[t, 0], uv_faces[t, 1], uv_faces[t, 2]
                    u = c0 * uv[f0, 0] + c1 * uv[f1, 0] + c2 * uv[f2, 0]
                    v = c0 * uv[f0, 1] + c1 * uv[f1, 1] + c2 * uv[f2, 1]
                    k = nearest_texel(textures, int(table[m, TEXTURE]), 0, u, v)
                    if texels[k, 3] < 110:
                        continue
                nearness[y, x] = w
                triangle[y, x] = t


@njit("f4[:,::1](f4[:,::1], i4[:,::1])", cache=True, fastmath=True)
def normals(vertices, faces):
    """Unit vertex normals [V, 3]: the mean of the faces around each vertex, weighted by their areas."""
    out = np.zeros_like(vertices)
    for t in range(len(faces)):
        a, b, c = faces[t, 0], faces[t, 1], faces[t, 2]
        ux, uy, uz = vertices[b, 0] - vertices[a, 0], vertices[b, 1] - vertices[a, 1], vertices[b, 2] - vertices[a, 2]
        vx, vy, vz = vertices[c, 0] - vertices[a, 0], vertices[c, 1] - vertices[a, 1], vertices[c, 2] - vertices[a, 2]
        nx, ny, nz = uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx
        for i in (a, b, c):
            out[i, 0] += nx
            out[i, 1] += ny
            out[i, 2] += nz
    for v in range(len(out)):
        length = np.sqrt(out[v, 0] ** 2 + out[v, 1] ** 2 + out[v, 2] ** 2) + np.float32(1e-12)
        out[v, 0] /= length
        out[v, 1] /= length
        out[v, 2] /= length
    return out
