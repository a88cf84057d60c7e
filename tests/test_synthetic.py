"""The renderer's parts against their definitions, on small made-up meshes (no pack, no capture)."""

import numpy as np
import pytest

from stream.skeleton import BODY17, BODY_MIRROR, BODY_PARENTS
from training.synthetic import light, raster
from training.synthetic.body import blend_weights, chain, skin
from training.synthetic.camera import camera
from training.synthetic.gait import Gait, Path
from training.synthetic.ground import darken
from training.synthetic.labels import HIDDEN, OUTSIDE, SEEN, label
from training.synthetic.lens import develop, photograph, streak
from training.synthetic.motion import mirrored
from training.synthetic.retarget import between, faulty, frame, retarget, smallest, turn

RNG = np.random.default_rng


def rotations(count, rng):
    return turn(rng.normal(size=(count, 3)), rng.uniform(-3, 3, count)).astype(np.float32)


# --- skinning


def test_skinning_is_the_blend_of_the_bones():
    rng = RNG(0)
    heads, rest = rng.normal(size=(5, 3)).astype(np.float32), rng.normal(size=(40, 3)).astype(np.float32)
    turned, positions = rotations(5, rng), rng.normal(size=(5, 3)).astype(np.float32)
    bones = rng.integers(0, 5, (40, 9)).astype(np.int32)
    weights = rng.dirichlet(np.ones(9), 40).astype(np.float32)
    expect = np.zeros_like(rest)
    for v in range(40):
        for j, w in zip(bones[v], weights[v], strict=True):
            expect[v] += w * (turned[j] @ (rest[v] - heads[j]) + positions[j])
    np.testing.assert_allclose(skin(rest, bones, weights, heads, turned, positions), expect, atol=1e-5)


def test_a_chain_of_unturned_bones_is_the_rest_pose_with_its_root_at_the_origin():
    heads = RNG(1).normal(size=(6, 3)).astype(np.float32)
    parents = np.array([-1, 0, 1, 1, 3, 0], np.int32)
    still = np.repeat(np.eye(3, dtype=np.float32)[None], 6, 0)
    np.testing.assert_allclose(chain(heads, parents, still), heads - heads[0], atol=1e-6)


def test_a_turned_bone_carries_its_children_along():
    heads = np.array([[0, 0, 0], [0, 0, 1], [0, 0, 2]], np.float32)
    turned = np.stack([np.eye(3), turn([1.0, 0, 0], np.pi / 2), np.eye(3)]).astype(np.float32)
    np.testing.assert_allclose(chain(heads, np.array([-1, 0, 1], np.int32), turned)[2], [0, -1, 1], atol=1e-6)


def test_blended_weights_keep_the_strongest_and_sum_to_one():
    bones = np.array([[[0, 1, 2], [0, 1, 3], [0, 4, 2]]])
    weights = np.array([[[0.2, 0.1, 0.05], [0.2, 0.1, 0.05], [0.2, 0.05, 0.05]]], np.float32)
    kept, share = blend_weights(bones, weights, 12)
    assert kept.shape == share.shape == (1, 9)
    assert kept[0, 0] == 0
    assert share[0, 0] == pytest.approx(0.6)
    assert share.sum() == pytest.approx(1)


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
    raster.fill(*drawn.values(), nearness, triangle)
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
        assert raster.lit(*point, view, depth_map, np.float32(0.1)) == pytest.approx(
            naive_lit(point, view, depth_map, 0.1), abs=1e-5
        )


def test_nothing_is_in_the_shadow_of_an_empty_map():
    view = np.eye(3, 4, dtype=np.float32)
    assert (
        raster.lit(np.float32(1), np.float32(1), np.float32(-9), view, np.zeros((8, 8), np.float32), np.float32(0)) == 1
    )


def shaded(drawn, picture, triangle, key_colour, harmonics, rng):
    vertices = rng.normal(size=(len(drawn["points"]), 3)).astype(np.float32)
    normal = (vertices / np.linalg.norm(vertices, axis=1, keepdims=True)).astype(np.float32)
    colour = rng.uniform(0, 1, vertices.shape).astype(np.float32)
    out = picture.copy()
    raster.shade(
        out, triangle, drawn["points"], vertices, normal, colour, drawn["faces"], drawn["material"], drawn["table"], drawn["uv_faces"],
        drawn["uv"], drawn["texels"], drawn["textures"], harmonics, np.array([0, 0, 1], np.float32), key_colour, np.zeros(3, np.float32),
        np.eye(3, 4, dtype=np.float32), np.zeros((4, 4), np.float32), light.LINEAR,
    )  # fmt: skip
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
    raster.fill(*drawn.values(), nearness, triangle)
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
        shown = raster.diffuse(made.harmonics, 1, np.float32(x), np.float32(y), np.float32(z))
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
    darken(picture, view.axes, view.eye, view.focal, view.cx, view.cy, np.eye(3, 4, dtype=np.float32), np.ones(3, np.float32),
           np.zeros(3, np.float32), np.zeros((8, 8), np.float32), np.array([[0, 4, 1]], np.float32))  # fmt: skip
    x, y = view.project(view.see(np.array([0, 4, 0], np.float32))).round().astype(int)
    assert picture[y, x, 0] < 0.5
    assert picture[y, x, 0] == picture.min()
    horizon = int(view.cy - view.focal * np.tan(0.2))
    assert (picture[: horizon - 1] == 1).all()


# --- camera and lens


def test_the_camera_looks_along_y_and_its_image_is_upright():
    view = camera(640, 480, np.deg2rad(60), 1.5, 0.1, 0.0)
    ahead, right, above = (view.see(np.array(p, np.float32)) for p in ([0, 5, 1.5], [1, 5, 1.5], [0, 5, 2.5]))
    assert ahead[2] > 4.9
    assert view.project(right)[0] > view.project(ahead)[0]
    assert view.project(above)[1] < view.project(ahead)[1]
    np.testing.assert_allclose(np.cross(view.axes[0], view.axes[1]), view.axes[2], atol=1e-6)


def test_the_field_of_view_reaches_the_edges_of_the_picture():
    view = camera(640, 480, np.deg2rad(60), 0.0, 0.0, 0.0)
    edge = view.project(view.see(np.array([np.tan(np.deg2rad(30)), 1, 0], np.float32)))
    assert edge[0] == pytest.approx(639.5, abs=1e-3)


def test_development_is_the_curve_of_the_gained_light_plus_grain():
    rng = RNG(7)
    picture, gain = rng.uniform(-0.1, 1.3, (7, 9, 3)).astype(np.float32), np.array([0.9, 1, 1.1], np.float32)
    grain = rng.normal(size=(5, 6)).astype(np.float32)
    out = np.empty((7, 9, 3), np.uint8)
    develop(picture, gain, grain, 2.0, light.DISPLAY, out)
    for y, x, c in np.ndindex(out.shape):
        value = (
            light.DISPLAY[int(np.clip(picture[y, x, c] * gain[c], 0, 1) * 4095)]
            + 2 * grain[(y + 17 * c) % 5, (x + 29 * c) % 6]
        )
        assert abs(int(out[y, x, c]) - np.clip(value, 0, 255)) <= 1.01


def test_a_plain_photograph_undoes_the_linear_light():
    levels = RNG(8).integers(0, 256, (6, 5, 3)).astype(np.uint8)
    back = photograph(light.LINEAR[levels], None, plain=True)
    assert np.abs(back.astype(int) - levels)[levels > 40].max() <= 1


def test_a_streak_keeps_the_brightness():
    for length, angle in ((2.0, 0.0), (6.5, 1.0), (7.0, 2.5)):
        assert streak(length, angle).sum() == pytest.approx(1, abs=1e-6)


# --- motion


def skeleton(rng, count=1):
    """Poses of a standing person with random bends [N, 17, 3], y up."""
    bones = np.zeros((17, 3))
    offsets = {"right_hip": (-0.1, 0, 0), "left_hip": (0.1, 0, 0), "spine": (0, 0.22, 0), "thorax": (0, 0.28, 0), "nose": (0, 0.15, 0.12),
               "head_top": (0, 0.15, -0.05), "left_shoulder": (0.2, 0, 0), "right_shoulder": (-0.2, 0, 0)}  # fmt: skip
    for name in BODY17:
        part = name.split("_")[-1]
        bones[BODY17.index(name)] = offsets.get(
            name,
            {"knee": (0, -0.42, 0), "ankle": (0, -0.4, 0), "elbow": (0, -0.28, 0), "wrist": (0, -0.26, 0)}.get(
                part, (0, 0, 0)
            ),
        )
    poses = np.zeros((count, 17, 3))
    for joint, parent in enumerate(BODY_PARENTS):
        bend = turn(rng.normal(size=(count, 3)), rng.normal(0, 0.25, count)) @ bones[joint]
        poses[:, joint] = [0, 0.92, 0] if parent < 0 else poses[:, parent] + bend
    return poses


LABELS = (
    ["root", "spine05", "spine04", "spine03", "spine02", "spine01", "neck01", "neck02", "neck03", "head", "eye.L", "eye.R"]
    + [f"{name}.{end}" for end in "LR" for name in (
        "pelvis", "upperleg01", "upperleg02", "lowerleg01", "lowerleg02", "foot", "toe1-1", "clavicle", "shoulder01", "upperarm01", "upperarm02",
        "lowerarm01", "lowerarm02", "wrist", "metacarpal1", "metacarpal2", "metacarpal3", "metacarpal4",
        *(f"finger{f}-{k}" for f in range(1, 6) for k in range(1, 4)))]
)  # fmt: skip


def rest_body():
    """Bone heads of a plain body at rest (z up, looks along -y), its nose and head top."""
    places = {"root": (0, 0, 0.08), "spine05": (0, 0, 0.1), "spine04": (0, 0, 0.15), "spine03": (0, 0, 0.2), "spine02": (0, 0.01, 0.3),
              "spine01": (0, 0, 0.4), "neck01": (0, 0, 0.6), "neck02": (0, 0, 0.64), "neck03": (0, 0, 0.67), "head": (0, 0, 0.7)}  # fmt: skip
    sided = {"upperleg01": (0.11, 0, 0.06), "lowerleg01": (0.14, -0.03, -0.32), "foot": (0.18, 0, -0.74), "upperarm01": (0.17, 0, 0.52),
             "lowerarm01": (0.34, -0.02, 0.32), "wrist": (0.46, -0.19, 0.2), "finger2-1": (0.5, -0.28, 0.13), "finger5-1": (0.5, -0.22, 0.1)}  # fmt: skip
    heads = np.zeros((len(LABELS), 3), np.float32)
    for row, name in enumerate(LABELS):
        base, _, end = name.partition(".")
        heads[row] = (
            np.multiply(sided.get(base, (0.1, 0, 0.1)), (-1 if end == "R" else 1, 1, 1)) if end else places[name]
        )
    return heads, np.array([0, -0.05, 0.85]), np.array([0, -0.16, 0.71]), {name: row for row, name in enumerate(LABELS)}


def posed(turned, bone, name, child, heads):
    return turned[:, bone[name]] @ (heads[bone[child]] - heads[bone[name]])


def test_retargeted_limbs_point_where_the_capture_points():
    joints = skeleton(RNG(9), 30)
    heads, top, nose, bone = rest_body()
    turned = retarget(joints, heads, top, nose, bone)
    np.testing.assert_allclose(
        turned @ np.swapaxes(turned, -1, -2), np.broadcast_to(np.eye(3), turned.shape), atol=1e-5
    )
    assert (np.linalg.det(turned) > 0).all()
    limbs = (("upperleg01", "lowerleg01", "hip", "knee"), ("lowerleg01", "foot", "knee", "ankle"),
             ("upperarm01", "lowerarm01", "shoulder", "elbow"), ("lowerarm01", "wrist", "elbow", "wrist"))  # fmt: skip
    for start, end, a, b in limbs:
        for side, letter in (("left", "L"), ("right", "R")):
            source = joints[:, BODY17.index(f"{side}_{b}")] - joints[:, BODY17.index(f"{side}_{a}")]
            source = source[:, [0, 2, 1]] * [1, -1, 1]
            limb = posed(turned, bone, f"{start}.{letter}", f"{end}.{letter}", heads)
            cosine = (source * limb).sum(-1) / np.linalg.norm(source, axis=-1) / np.linalg.norm(limb, axis=-1)
            assert cosine.min() > 0.9999, (start, side)


def test_the_mirrored_capture_gives_the_mirrored_body():
    joints = skeleton(RNG(10), 8)
    heads, top, nose, bone = rest_body()
    flip = np.diag([-1.0, 1, 1])
    one, other = retarget(joints, heads, top, nose, bone), retarget(mirrored(joints), heads, top, nose, bone)
    swap = [bone[name.translate(str.maketrans("LR", "RL"))] if "." in name else row for name, row in bone.items()]
    np.testing.assert_allclose(flip @ one[:, swap] @ flip, other, atol=1e-4)
    np.testing.assert_allclose(mirrored(mirrored(joints)), joints)
    assert [BODY_MIRROR[i] for i in BODY_MIRROR] == list(range(17))


def test_a_head_thrown_back_is_found_faulty():
    joints = skeleton(RNG(11), 2)
    joints[1, BODY17.index("head_top")] = joints[1, BODY17.index("thorax")] - [0, 0.1, 0.3]
    assert faulty(joints).tolist() == [False, True]


def test_the_smallest_rotation_takes_one_direction_to_the_other_and_halfway_is_half():
    rng = RNG(12)
    a, b = rng.normal(size=(2, 20, 3))
    np.testing.assert_allclose(np.cross((smallest(a, b) @ a[..., None])[..., 0], b), 0, atol=1e-6)
    one, other = frame(a, b), frame(b, rng.normal(size=(20, 3)))
    half = between(one, other, 0.5)
    np.testing.assert_allclose(between(half, other, 1.0), other, atol=1e-6)
    np.testing.assert_allclose(np.swapaxes(one, -1, -2) @ half, np.swapaxes(half, -1, -2) @ other, atol=1e-5)


def walk(frames=80, speed=0.045, period=32):
    """A made-up walk along +x, one step cycle in `period` frames."""
    t = np.arange(frames)
    pose = np.repeat(skeleton(RNG(13))[0][None], frames, 0)
    for side, sign in (("left", 1), ("right", -1)):
        for part, reach in (("knee", 0.15), ("ankle", 0.3), ("wrist", -0.2)):
            pose[:, BODY17.index(f"{side}_{part}"), 2] += sign * reach * np.sin(2 * np.pi * t / period)
    pose = pose[..., [2, 1, 0]] * [1, 1, -1]  # it looks along +x
    pose[..., 0] += speed * t[:, None]
    return pose


def test_a_gait_repeats_without_a_jump_and_keeps_the_captured_stride():
    gait = Gait(walk())
    assert gait.speed == pytest.approx(0.045 * 30, rel=0.02)
    assert gait.stride == pytest.approx(0.045 * 32, rel=0.1)
    steps = np.linspace(0, 3 * gait.stride, 300)
    poses = np.stack([gait.at(distance) for distance in steps])
    assert np.abs(np.diff(poses, axis=0)).max() < 0.03
    np.testing.assert_allclose(poses[:, 0, [0, 2]], 0, atol=1e-9)


def test_a_walk_too_short_for_a_cycle_is_refused():
    with pytest.raises(ValueError, match="28 frames, got 20"):
        Gait(walk(20))


def test_a_path_starts_and_ends_where_it_should_and_faces_ahead():
    path = Path([(0, 0), (2, 0), (2, 2)])
    np.testing.assert_allclose(path.at(0.0)[0], [0, 0], atol=0.02)
    here, yaw = path.at(1.0)
    np.testing.assert_allclose(here, [1, 0], atol=0.02)
    assert yaw == pytest.approx(np.pi / 2, abs=0.01)  # a body that faces -y turned to +x
    assert abs(path.at(path.length[-1] - 0.1)[1]) == pytest.approx(np.pi, abs=0.05)


# --- labels


def wall(view, depth, owner):
    nearness = np.full((2 * view.height, 2 * view.width), 1 / depth, np.float32)
    return nearness, np.full(nearness.shape, owner, np.int16)


@pytest.mark.parametrize(
    ("depth", "owner", "expect"), [(3.95, 0, SEEN), (3.5, 0, HIDDEN), (3.9, 1, HIDDEN), (4.2, 1, SEEN)]
)
def test_a_joint_is_hidden_by_what_is_nearer(depth, owner, expect):
    view = camera(64, 48, 1.0, 1.0, 0.0, 0.0)
    joints = np.tile(np.array([[0.0, 4.0, 1.0]], np.float32), (17, 1))
    got = label(view, joints, joints, joints, *wall(view, depth, owner), 0, 100, 1.7)
    assert got.visibility[5] == expect  # a shoulder: its own flesh before it does not hide it


def test_joints_out_of_the_picture_or_behind_the_camera_are_outside():
    view = camera(64, 48, 1.0, 1.0, 0.0, 0.0)
    joints = np.tile(np.array([[0.0, 4.0, 1.0]], np.float32), (17, 1))
    joints[0], joints[1] = (9, 4, 1), (0, -4, 1)
    got = label(view, joints, joints, joints, *wall(view, 5.0, 0), 0, 0, 1.7)
    assert got.visibility[:3].tolist() == [OUTSIDE, OUTSIDE, SEEN]


def test_the_box_is_the_extent_of_the_seen_samples():
    view = camera(64, 48, 1.0, 1.0, 0.0, 0.0)
    joints = np.tile(np.array([[0.0, 4.0, 1.0]], np.float32), (17, 1))
    nearness, owner = wall(view, 4.0, -1)
    owner[20:40, 10:30] = 0  # samples: pixels 10..19 down, 5..14 across
    got = label(view, joints, joints, joints, nearness, owner, 0, 800, 1.7)
    np.testing.assert_allclose(got.box, [4.5, 9.5, 10, 10])
    assert got.pixels == 100
    assert got.share == pytest.approx(0.5)
