"""Triangles and light -> one colour a pixel, in linear light.

`shade` shades every distinct surface among a pixel's samples once (a third of the cost of shading all samples, same
edges). Plain NumPy twins of the kernels are in the tests.
"""

from typing import NamedTuple

import numpy as np
from numba import float32 as f4
from numba import njit, types, void

from duopose.training.synthetic.drawing.light import LINEAR, Light
from duopose.training.synthetic.drawing.raster import (
    GLOSS,
    LEVEL,
    PATTERN,
    RED,
    REPEAT,
    ROWS,
    ROWS_I,
    SURFACE,
    TEXTURE,
    TINT,
    nearest_texel,
)  # fmt: skip


class Vertices(NamedTuple):
    """V corners of triangles."""

    points: np.ndarray  # float32 [V, 3]   as raster.fill takes them
    world: np.ndarray  # float32 [V, 3]    m
    normal: np.ndarray  # float32 [V, 3]   unit
    colour: np.ndarray  # float32 [V, 3]   linear


class Shadow(NamedTuple):
    """The shadow map of the key light."""

    view: np.ndarray  # float32 [3, 4]     world -> x, y in texels of the map, nearness to the light
    depth_map: np.ndarray  # float32 [S, S]   nearness of what stands first in the light


VERTICES = types.NamedUniTuple(ROWS, 4, Vertices)
SHADOW = types.NamedUniTuple(ROWS, 2, Shadow)
LIGHT = types.NamedTuple((ROWS, f4[::1], f4[::1]), Light)


@njit(f4(f4, f4, f4, SHADOW, f4), cache=True, fastmath=True)
def lit(x, y, z, shadow, bias):
    """Share of the key light that reaches a point: nine taps of the shadow map around its place there."""
    view, depth_map = shadow
    px = view[0, 0] * x + view[0, 1] * y + view[0, 2] * z + view[0, 3]
    py = view[1, 0] * x + view[1, 1] * y + view[1, 2] * z + view[1, 3]
    near = view[2, 0] * x + view[2, 1] * y + view[2, 2] * z + view[2, 3] + bias
    height, width = depth_map.shape
    total = np.float32(0)
    for dy in range(-1, 2):
        for dx in range(-1, 2):
            ix = int(np.floor(px + dx * np.float32(1.3) + np.float32(0.5)))
            iy = int(np.floor(py + dy * np.float32(1.3) + np.float32(0.5)))
            if 0 <= ix < width and 0 <= iy < height and depth_map[iy, ix] > max(near, np.float32(0)):
                continue
            total += 1
    return total / 9


@njit("f4(f4[:,::1], i8, f4, f4, f4)", cache=True, inline="always", fastmath=True)
def diffuse(harmonics, channel, x, y, z):
    """Light that a surface with unit normal (x, y, z) receives, from nine harmonics (light.basis)."""
    h = harmonics
    value = (
        h[0, channel] + h[1, channel] * y + h[2, channel] * z + h[3, channel] * x
        + h[4, channel] * x * y + h[5, channel] * y * z + h[6, channel] * (3 * z * z - 1)
        + h[7, channel] * x * z + h[8, channel] * (x * x - y * y)
    )  # fmt: skip
    return max(value, np.float32(0))


@njit(void(f4[:, :, ::1], ROWS_I, VERTICES, SURFACE, LIGHT, SHADOW, f4[::1]), cache=True, fastmath=True)
def shade(picture, triangle, vertices, surface, light, shadow, eye):
    """Put the triangles into the picture, in linear light.

    picture     float32 [H, W, 3]   the background on entry, background and people on return
    triangle    int32 [2H, 2W]      from `fill`, with the same surface and points
    eye         float32 [3]         the camera, world
    """
    points, world, normal, colour = vertices
    faces, material, table, uv_faces, uv, texels, textures = surface
    harmonics, key, key_colour = light
    height, width = picture.shape[:2]
    seen = np.empty(4, np.int64)
    for py in range(height):
        for px in range(width):
            count = 0
            for k in range(4):
                seen[k] = triangle[2 * py + (k >> 1), 2 * px + (k & 1)]
                if seen[k] >= 0:
                    count += 1
            if count == 0:
                continue
            red = np.float32(0)
            green = np.float32(0)
            blue = np.float32(0)
            for k in range(4):
                t = seen[k]
                if t < 0:
                    continue
                # Samples with the same material share one shading; the first stands for all.
                share = 0
                for other in range(k, 4):
                    if seen[other] >= 0 and material[seen[other]] == material[t]:
                        share += 1
                        if other > k:
                            seen[other] = -1
                x = px + ((k & 1) - np.float32(0.5)) * np.float32(0.5)
                y = py + ((k >> 1) - np.float32(0.5)) * np.float32(0.5)
                i0, i1, i2 = faces[t, 0], faces[t, 1], faces[t, 2]
                x0, y0, x1, y1, x2, y2 = (
                    points[i0, 0],
                    points[i0, 1],
                    points[i1, 0],
                    points[i1, 1],
                    points[i2, 0],
                    points[i2, 1],
                )
                area = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)
                c1 = ((x - x0) * (y2 - y0) - (x2 - x0) * (y - y0)) / area
                c2 = ((x1 - x0) * (y - y0) - (x - x0) * (y1 - y0)) / area
                c0 = (1 - c1 - c2) * points[i0, 2]
                c1 *= points[i1, 2]
                c2 *= points[i2, 2]
                total = c0 + c1 + c2
                c0 /= total
                c1 /= total
                c2 /= total
                nx = c0 * normal[i0, 0] + c1 * normal[i1, 0] + c2 * normal[i2, 0]
                ny = c0 * normal[i0, 1] + c1 * normal[i1, 1] + c2 * normal[i2, 1]
                nz = c0 * normal[i0, 2] + c1 * normal[i1, 2] + c2 * normal[i2, 2]
                size = 1 / (np.sqrt(nx * nx + ny * ny + nz * nz) + np.float32(1e-9))
                if area > 0:  # the back of a sheet of cloth
                    size = -size
                nx *= size
                ny *= size
                nz *= size
                wx = c0 * world[i0, 0] + c1 * world[i1, 0] + c2 * world[i2, 0]
                wy = c0 * world[i0, 1] + c1 * world[i1, 1] + c2 * world[i2, 1]
                wz = c0 * world[i0, 2] + c1 * world[i1, 2] + c2 * world[i2, 2]
                m = material[t]
                r, g, b = table[m, RED], table[m, RED + 1], table[m, RED + 2]
                r *= c0 * colour[i0, 0] + c1 * colour[i1, 0] + c2 * colour[i2, 0]
                g *= c0 * colour[i0, 1] + c1 * colour[i1, 1] + c2 * colour[i2, 1]
                b *= c0 * colour[i0, 2] + c1 * colour[i1, 2] + c2 * colour[i2, 2]
                if table[m, TEXTURE] >= 0 or table[m, PATTERN] >= 0:
                    f0, f1, f2 = uv_faces[t, 0], uv_faces[t, 1], uv_faces[t, 2]
                    u = c0 * uv[f0, 0] + c1 * uv[f1, 0] + c2 * uv[f2, 0]
                    v = c0 * uv[f0, 1] + c1 * uv[f1, 1] + c2 * uv[f2, 1]
                    if table[m, TEXTURE] >= 0:
                        q = nearest_texel(textures, int(table[m, TEXTURE]), int(table[m, LEVEL]), u, v)
                        tr, tg, tb = LINEAR[texels[q, 0]], LINEAR[texels[q, 1]], LINEAR[texels[q, 2]]
                        if table[m, TINT] > 0:  # only the texture's light and dark count, relative to its mean
                            tr = tg = tb = (np.float32(0.3) * tr + np.float32(0.6) * tg + np.float32(0.1) * tb) / table[
                                m, TINT
                            ]
                        r *= tr
                        g *= tg
                        b *= tb
                    if table[m, PATTERN] >= 0:
                        repeat = table[m, REPEAT]
                        q = nearest_texel(
                            textures, int(table[m, PATTERN]), int(table[m, LEVEL]), u * repeat, v * repeat
                        )
                        r *= LINEAR[texels[q, 0]]
                        g *= LINEAR[texels[q, 1]]
                        b *= LINEAR[texels[q, 2]]
                facing = nx * key[0] + ny * key[1] + nz * key[2]
                direct = np.float32(0)
                if facing > 0:
                    direct = facing * lit(wx, wy, wz, shadow, np.float32(-0.02))
                gloss = np.float32(0)
                if direct > 0 and table[m, GLOSS] > 0:
                    ex, ey, ez = eye[0] - wx, eye[1] - wy, eye[2] - wz
                    far = 1 / np.sqrt(ex * ex + ey * ey + ez * ez)
                    hx, hy, hz = ex * far + key[0], ey * far + key[1], ez * far + key[2]
                    half = (nx * hx + ny * hy + nz * hz) / np.sqrt(hx * hx + hy * hy + hz * hz)
                    half = half * half
                    half = half * half
                    half = half * half
                    half = half * half
                    gloss = table[m, GLOSS] * half * half * direct
                value = np.float32(share) / 4
                arriving = diffuse(harmonics, 0, nx, ny, nz) + key_colour[0] * direct
                red += value * (r * arriving + gloss * key_colour[0])
                arriving = diffuse(harmonics, 1, nx, ny, nz) + key_colour[1] * direct
                green += value * (g * arriving + gloss * key_colour[1])
                arriving = diffuse(harmonics, 2, nx, ny, nz) + key_colour[2] * direct
                blue += value * (b * arriving + gloss * key_colour[2])
            rest = np.float32(1) - np.float32(count) / 4
            picture[py, px, 0] = picture[py, px, 0] * rest + red
            picture[py, px, 1] = picture[py, px, 1] * rest + green
            picture[py, px, 2] = picture[py, px, 2] * rest + blue
