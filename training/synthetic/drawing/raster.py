"""A small software rasteriser: triangles -> nearness and triangle per sample -> one shaded colour per pixel.

A pixel holds 2 x 2 samples. `fill` finds what each sample sees; `shade` then shades every distinct surface among a pixel's
samples once (a third of the cost of shading all samples, same edges). Pixel (0, 0) is the CENTRE of the top-left pixel;
sample (sx, sy) lies at pixel ((sx + 0.5) / 2 - 0.5, ...). Image axes: y down, so the faces that look at the camera have
negative signed area. Nearness grows towards the camera and is linear in the image: 1 / z for a perspective camera,
minus the distance for a parallel one (shadow maps). Plain NumPy twins of the kernels are in the tests.
"""

import numpy as np
from numba import njit

SAMPLES = 2  # a side
# Columns of the material table [M, COLUMNS]
TEXTURE, PATTERN, TINT, REPEAT, TWO_SIDED, CUT_OUT, GLOSS, LEVEL, RED = 0, 1, 2, 3, 4, 5, 6, 7, 8
COLUMNS = 11


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


@njit("void(f4[:,::1], i4[:,::1], i2[::1], f4[:,::1], i4[:,::1], f4[:,::1], u1[:,::1], i4[:,::1], f4[:,::1], i4[:,::1])",
      cache=True, fastmath=True)  # fmt: skip
def fill(points, faces, material, table, uv_faces, uv, texels, textures, nearness, triangle):
    """Draw triangles into `nearness` and `triangle`, the nearest kept.

    points     float32 [V, 3]   x, y in pixels, nearness (<= 0.0 where behind the camera: its triangles are left out)
    faces      int32 [T, 3], material int16 [T], table float32 [M, COLUMNS]
    uv_faces   int32 [T, 3], uv float32 [U, 2], texels, textures: see Textures; read where a material is cut out by alpha
    nearness   float32 [2H, 2W] in and out, triangle int32 [2H, 2W] in and out: -1 = nothing
    """
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


@njit("f4(f4, f4, f4, f4[:,::1], f4[:,::1], f4)", cache=True, fastmath=True)
def lit(x, y, z, view, depth_map, bias):
    """Share of the key light that reaches a point: nine taps of the shadow map around its place there.

    view   float32 [3, 4]   world -> x, y in texels of the map, nearness to the light
    """
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
        h[0, channel] + h[1, channel] * y + h[2, channel] * z + h[3, channel] * x + h[4, channel] * x * y
        + h[5, channel] * y * z + h[6, channel] * (3 * z * z - 1) + h[7, channel] * x * z + h[8, channel] * (x * x - y * y)
    )  # fmt: skip
    return max(value, np.float32(0))


@njit("void(f4[:,:,::1], i4[:,::1], f4[:,::1], f4[:,::1], f4[:,::1], f4[:,::1], i4[:,::1], i2[::1], f4[:,::1], i4[:,::1],"
      "f4[:,::1], u1[:,::1], i4[:,::1], f4[:,::1], f4[::1], f4[::1], f4[::1], f4[:,::1], f4[:,::1], f4[::1])",
      cache=True, fastmath=True)  # fmt: skip
def shade(picture, triangle, points, vertices, normal, colour, faces, material, table, uv_faces, uv, texels, textures,
          harmonics, key, key_colour, eye, view, depth_map, linear):  # fmt: skip
    """Put the triangles into the picture, in linear light.

    picture     float32 [H, W, 3]   the background on entry, background and people on return
    triangle    int32 [2H, 2W]      from `fill`, with the same points, faces, material, table, uv and textures
    vertices    float32 [V, 3] world, normal float32 [V, 3], colour float32 [V, 3] linear
    harmonics   float32 [9, 3]      diffuse light as spherical harmonics, world axes (light.py)
    key         float32 [3]         direction towards the key light, key_colour float32 [3] its strength
    eye         float32 [3]         the camera, world
    view, depth_map                 the key light's shadow map, see `lit`
    linear      float32 [256]       texel value -> linear light
    """
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
                wx = c0 * vertices[i0, 0] + c1 * vertices[i1, 0] + c2 * vertices[i2, 0]
                wy = c0 * vertices[i0, 1] + c1 * vertices[i1, 1] + c2 * vertices[i2, 1]
                wz = c0 * vertices[i0, 2] + c1 * vertices[i1, 2] + c2 * vertices[i2, 2]
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
                        tr, tg, tb = linear[texels[q, 0]], linear[texels[q, 1]], linear[texels[q, 2]]
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
                        r *= linear[texels[q, 0]]
                        g *= linear[texels[q, 1]]
                        b *= linear[texels[q, 2]]
                facing = nx * key[0] + ny * key[1] + nz * key[2]
                direct = np.float32(0)
                if facing > 0:
                    direct = facing * lit(wx, wy, wz, view, depth_map, np.float32(-0.02))
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
                light = diffuse(harmonics, 0, nx, ny, nz) + key_colour[0] * direct
                red += value * (r * light + gloss * key_colour[0])
                light = diffuse(harmonics, 1, nx, ny, nz) + key_colour[1] * direct
                green += value * (g * light + gloss * key_colour[1])
                light = diffuse(harmonics, 2, nx, ny, nz) + key_colour[2] * direct
                blue += value * (b * light + gloss * key_colour[2])
            rest = np.float32(1) - np.float32(count) / 4
            picture[py, px, 0] = picture[py, px, 0] * rest + red
            picture[py, px, 1] = picture[py, px, 1] * rest + green
            picture[py, px, 2] = picture[py, px, 2] * rest + blue
