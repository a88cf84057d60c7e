"""Skinning, retargeting and gaits of the rendered people, on small made-up skeletons (no pack, no capture)."""

import numpy as np
import pytest

from duopose.stream.skeleton import BODY17, BODY_MIRROR, BODY_PARENTS
from duopose.training.synthetic.bodies.body import blend_weights, chain, skin
from duopose.training.synthetic.moves.gait import Gait, Path
from duopose.training.synthetic.moves.motion import mirrored
from duopose.training.synthetic.moves.retarget import between, faulty, frame, retarget, smallest, turn

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
