"""Rasteriser and light of the renderer against their definitions, on small made-up meshes."""

import numpy as np
import pytest

from duopose.training.synthetic.drawing import light, raster, shading
from duopose.training.synthetic.drawing.camera import camera
from duopose.training.synthetic.drawing.ground import darken, eye_of

RNG = np.random.default_rng


# --- rasteriser


def scene(seed, triangles=40, width=24, height=18):
    """Random triangles with two materials, one of them two-sided and cut out by the alpha of a texture."""
    rng = RNG(seed)
    points = np.empty((3 * triangles, 3), np.float32)
    points[:, 0], points[:, 1] = rng.uniform(-5, width + 5, 3 * triangles), rng.uniform(-5, height + 5, 3 * triangles)
    points[:, 2] = rng.uniform(0.05, 1, 3 * triangles)
    points[rng.integers(0, 3 * triangles, 3), 2] = 0  # behind the camera
    faces = np.arange(3 * triangles, dtype=np.int32).reshape(-1, 3)
    table = np.zeros((2, raster.COLUMNS), np.float32)
    table[:, raster.TEXTURE], table[:, raster.PATTERN], table[:, raster.RED :] = (-1, 0), -1, 1
    table[1, [raster.TWO_SIDED, raster.CUT_OUT]] = 1
    image = rng.integers(0, 256, (8, 8, 4)).astype(np.uint8)
    return {
        "points": points,
        "faces": faces,
        "material": rng.integers(0, 2, triangles).astype(np.int16),
        "table": table,
        "uv_faces": faces,
        "uv": rng.uniform(0, 2, (3 * triangles, 2)).astype(np.float32),
        "texels": image.reshape(-1, 4),
        "textures": np.array([[0, 8, 1]], np.int32),
    }


def surface(drawn):
    return raster.Surface(**{name: drawn[name] for name in raster.Surface._fields})


def naive_fill(scene, height, width):
    """Per sample: the nearest triangle that covers it, by barycentric coordinates in float64."""
    nearness, owner = np.zeros((2 * height, 2 * width)), np.full((2 * height, 2 * width), -1)
    sy, sx = np.mgrid[: 2 * height, : 2 * width]
    sample = np.stack([(sx + 0.5) / 2 - 0.5, (sy + 0.5) / 2 - 0.5], -1)
    for t, face in enumerate(scene["faces"]):
        corner = scene["points"][face].astype(np.float64)
        row = scene["table"][scene["material"][t]]
        edges = corner[1:, :2] - corner[0, :2]
        area = np.linalg.det(edges)
        if (corner[:, 2] <= 0).any() or (area > 0 and not row[raster.TWO_SIDED]):
            continue
        bary = (sample - corner[0, :2]) @ np.linalg.inv(edges)
        bary = np.concatenate([1 - bary.sum(-1, keepdims=True), bary], -1)
        near = bary @ corner[:, 2]
        wins = (bary >= 0).all(-1) & (near > nearness)
        if row[raster.CUT_OUT]:
            u, v = np.moveaxis((bary * corner[:, 2] / near[..., None]) @ scene["uv"][scene["uv_faces"][t]], -1, 0)
            image = scene["texels"].reshape(8, 8, 4)
            wins &= image[np.floor((1 - v) * 8).astype(int) % 8, np.floor(u * 8).astype(int) % 8, 3] >= 110
        nearness[wins], owner[wins] = near[wins], t
    return nearness, owner


@pytest.mark.parametrize("seed", range(4))
def test_the_rasteriser_finds_what_is_nearest(seed):
    drawn = scene(seed)
    nearness, triangle = np.zeros((36, 48), np.float32), np.full((36, 48), -1, np.int32)
    raster.fill(drawn["points"], surface(drawn), nearness, triangle)
    expect, owner = naive_fill(drawn, 18, 24)
    same = triangle == owner
    assert same.mean() > 0.995  # samples on an edge may fall to either side in float32
    assert (triangle >= 0).mean() > 0.3
    np.testing.assert_allclose(nearness[same], expect[same], atol=1e-4)


def test_normals_are_the_means_of_the_faces_weighted_by_area():
    rng = RNG(3)
    vertices, faces = rng.normal(size=(12, 3)).astype(np.float32), rng.integers(0, 12, (20, 3)).astype(np.int32)
    expect = np.zeros((12, 3))
    for a, b, c in faces:
        expect[[a, b, c]] += np.cross(vertices[b] - vertices[a], vertices[c] - vertices[a]) * (len({a, b, c}) == 3)
    used = np.linalg.norm(expect, axis=1) > 1e-3
    expect = expect[used] / np.linalg.norm(expect[used], axis=1, keepdims=True)
    np.testing.assert_allclose(raster.normals(vertices, faces)[used], expect, atol=1e-4)


def naive_lit(point, view, depth_map, bias):
    x, y, near = view @ [*point, 1]
    taps = [
        (int(np.floor(x + dx * 1.3 + 0.5)), int(np.floor(y + dy * 1.3 + 0.5))) for dy in (-1, 0, 1) for dx in (-1, 0, 1)
    ]
    inside = [0 <= i < depth_map.shape[1] and 0 <= j < depth_map.shape[0] for i, j in taps]
    dark = [ok and depth_map[j, i] > max(near + bias, 0) for (i, j), ok in zip(taps, inside, strict=True)]
    return 1 - np.mean(dark)


def test_a_point_is_lit_by_the_share_of_taps_nothing_stands_before():
    rng = RNG(4)
    depth_map = rng.uniform(0, 2, (20, 20)).astype(np.float32) * (rng.random((20, 20)) < 0.5)
    view = np.concatenate([np.diag([4.0, 4, 1]), [[10], [10], [1]]], 1).astype(np.float32)
    for point in rng.uniform(-4, 4, (60, 3)).astype(np.float32):
        assert shading.lit(*point, shading.Shadow(view, depth_map), np.float32(0.1)) == pytest.approx(
            naive_lit(point, view, depth_map, 0.1), abs=1e-5
        )


def test_nothing_is_in_the_shadow_of_an_empty_map():
    view = np.eye(3, 4, dtype=np.float32)
    assert (
        shading.lit(
            np.float32(1),
            np.float32(1),
            np.float32(-9),
            shading.Shadow(view, np.zeros((8, 8), np.float32)),
            np.float32(0),
        )
        == 1
    )


def shaded(drawn, picture, triangle, key_colour, harmonics, rng):
    vertices = rng.normal(size=(len(drawn["points"]), 3)).astype(np.float32)
    normal = (vertices / np.linalg.norm(vertices, axis=1, keepdims=True)).astype(np.float32)
    colour = rng.uniform(0, 1, vertices.shape).astype(np.float32)
    out = picture.copy()
    made = light.Light(harmonics, np.array([0, 0, 1], np.float32), key_colour)
    shadow = shading.Shadow(np.eye(3, 4, dtype=np.float32), np.zeros((4, 4), np.float32))
    corners = shading.Vertices(drawn["points"], vertices, normal, colour)
    shading.shade(out, triangle, corners, surface(drawn), made, shadow, np.zeros(3, np.float32))
    return out, normal, colour


def naive_shade(drawn, picture, triangle, key_colour, harmonics, normal, colour):
    """Each group of a pixel's samples with one material, shaded at its first sample, in float64."""
    out = picture.astype(np.float64)
    for y, x in np.ndindex(picture.shape[:2]):
        samples = [(k, triangle[2 * y + k // 2, 2 * x + k % 2]) for k in range(4)]
        samples = [(k, t) for k, t in samples if t >= 0]
        out[y, x] *= 1 - len(samples) / 4
        first = {}
        for k, t in samples:
            first.setdefault(drawn["material"][t], (k, t))
        for m, (k, t) in first.items():
            share = sum(drawn["material"][other] == m for _, other in samples) / 4
            face, corner = drawn["faces"][t], drawn["points"][drawn["faces"][t]].astype(np.float64)
            edges = corner[1:, :2] - corner[0, :2]
            b = (np.array([x + (k % 2 - 0.5) / 2, y + (k // 2 - 0.5) / 2]) - corner[0, :2]) @ np.linalg.inv(edges)
            b = np.array([1 - b.sum(), *b]) * corner[:, 2]
            b /= b.sum()
            n = b @ normal[face]
            n /= np.linalg.norm(n) * (-1 if np.linalg.det(edges) > 0 else 1)
            albedo = b @ colour[face]
            if drawn["table"][m, raster.TEXTURE] >= 0:
                u, v = b @ drawn["uv"][face]
                texel = drawn["texels"].reshape(8, 8, 4)[int(np.floor((1 - v) * 8)) % 8, int(np.floor(u * 8)) % 8, :3]
                albedo = albedo * light.LINEAR[texel]
            diffuse = np.maximum(light.basis(*n) @ harmonics, 0)
            out[y, x] += share * albedo * (diffuse + key_colour * max(n[2], 0))
    return out


def test_shading_follows_its_definition():
    rng = RNG(5)
    drawn = scene(5)
    nearness, triangle = np.zeros((36, 48), np.float32), np.full((36, 48), -1, np.int32)
    raster.fill(drawn["points"], surface(drawn), nearness, triangle)
    picture = rng.uniform(0, 1, (18, 24, 3)).astype(np.float32)
    key_colour, harmonics = rng.uniform(0, 1, 3).astype(np.float32), rng.normal(0, 0.3, (9, 3)).astype(np.float32)
    got, normal, colour = shaded(drawn, picture, triangle, key_colour, harmonics, rng)
    expect = naive_shade(drawn, picture, triangle, key_colour, harmonics, normal, colour)
    close = np.abs(got - expect).max(-1) < 2e-3
    assert close.mean() > 0.98  # a texel's edge may be met on the other side in float32


def test_pixels_without_a_triangle_keep_the_background():
    rng = RNG(6)
    picture = rng.uniform(0, 1, (18, 24, 3)).astype(np.float32)
    nothing = np.full((36, 48), -1, np.int32)
    out, _, _ = shaded(scene(6), picture, nothing, np.ones(3, np.float32), np.ones((9, 3), np.float32), rng)
    np.testing.assert_array_equal(out, picture)


# --- light


def test_light_from_everywhere_shows_a_white_surface_white():
    made = light.panorama_light(np.full((32, 64, 3), 0.8, np.float32), 0.3)
    for x, y, z in ((1, 0, 0), (0, -1, 0), (0, 0, 1)):
        shown = shading.diffuse(made.harmonics, 1, np.float32(x), np.float32(y), np.float32(z))
        assert shown == pytest.approx(0.8, abs=0.05)


def test_the_key_light_comes_from_where_the_panorama_is_bright_and_turns_with_it():
    radiance = np.full((32, 64, 3), 0.2, np.float32)
    radiance[10:13, 46:50] = 40  # to the right (+x), above the horizon
    made = light.panorama_light(radiance, 0.0)
    assert made.key[0] > 0.8
    assert made.key[2] > 0.2
    turned = light.panorama_light(radiance, np.pi / 2)
    np.testing.assert_allclose(turned.key, [-made.key[1], made.key[0], made.key[2]], atol=1e-5)


def test_the_cropped_panorama_agrees_with_the_directions_of_its_light():
    direction = light.directions(512, 1024)
    picture = ((direction + 1) * 127.5).astype(np.uint8)
    view, yaw = camera(64, 48, 1.0, 1.5, 0.3, 0.1), 0.7
    crop = light.crop_panorama(light.Panorama("", picture, None), view, yaw)
    ray = np.array([(40 - view.cx) / view.focal, (10 - view.cy) / view.focal, 1]) @ view.axes
    expect = light.turned(ray / np.linalg.norm(ray), -yaw)
    np.testing.assert_allclose(crop[10, 40] / 127.5 - 1, expect, atol=0.02)


def test_the_floor_darkens_only_below_the_horizon_and_most_under_a_foot():
    view = camera(64, 48, 1.0, 1.5, 0.2, 0.0)
    picture = np.ones((48, 64, 3), np.float32)
    shadow = shading.Shadow(np.eye(3, 4, dtype=np.float32), np.zeros((8, 8), np.float32))
    feet = np.array([[0, 4, 1]], np.float32)
    darken(picture, eye_of(view), shadow, np.ones(3, np.float32), np.zeros(3, np.float32), feet)
    x, y = view.project(view.see(np.array([0, 4, 0], np.float32))).round().astype(int)
    assert picture[y, x, 0] < 0.5
    assert picture[y, x, 0] == picture.min()
    horizon = int(view.cy - view.focal * np.tan(0.2))
    assert (picture[: horizon - 1] == 1).all()
