"""Captured rotations, sitting and lying poses, and which of a folder's takes are drawn from."""

import numpy as np
import pytest

from duopose.stream.skeleton import BODY17, BODY_MIRROR
from duopose.training.synthetic.moves import postures
from duopose.training.synthetic.moves.motion import Motion
from duopose.training.synthetic.moves.retarget import J, turn
from duopose.training.synthetic.moves.rotations import (
    Skeleton,
    jerky,
    joints_of,
    matrices,
    mirrored_rotations,
    retarget_rotations,
    skeleton_of,
    world,
)
from tests.training.synthetic.skeletons import posed, rest_body, skeleton

NAMES = ["hip", "abdomen", "chest", "neck", "head", "lCollar", "lShldr", "lForeArm", "lHand", "rCollar", "rShldr",
         "rForeArm", "rHand", "lButtock", "lThigh", "lShin", "lFoot", "rButtock", "rThigh", "rShin",
         "rFoot"]  # fmt: skip
PARENTS = np.array([-1, 0, 1, 2, 3, 2, 5, 6, 7, 2, 9, 10, 11, 0, 13, 14, 15, 0, 17, 18, 19])
LIMBS = (("upperleg01", "lowerleg01", "hip", "knee"), ("lowerleg01", "foot", "knee", "ankle"),
         ("upperarm01", "lowerarm01", "shoulder", "elbow"), ("lowerarm01", "wrist", "elbow", "wrist"))  # fmt: skip
# body17 of a made-up T-pose: joint -> (what it hangs on, the joint it turns with, its place from there)
REST = {
    "hip": ("pelvis", "hip", (0.09, 0, 0)), "knee": ("hip", "Thigh", (0.0, -0.42, -0.03)),
    "ankle": ("knee", "Shin", (0.0, -0.4, -0.03)), "spine": ("pelvis", "hip", (0, 0.21, -0.02)),
    "thorax": ("spine", "chest", (0, 0.28, 0)), "nose": ("thorax", "head", (0, 0.14, 0.12)),
    "head_top": ("nose", "head", (0, 0.15, -0.05)), "shoulder": ("thorax", "chest", (0.2, 0, -0.01)),
    "elbow": ("shoulder", "Shldr", (0.28, -0.04, 0)), "wrist": ("elbow", "ForeArm", (0.26, -0.04, 0)),
}  # fmt: skip


def source():
    """The arrays of a file of rotations that describe its skeleton."""
    frames, origins, vectors = np.full(17, -1), np.zeros(17, int), np.zeros((17, 3))
    for row, name in enumerate(BODY17[1:], 1):
        side, _, part = name.partition("_")
        part, sided = (part, side) if part in REST else (name, "")
        origin, frame, vector = REST[part]
        frames[row] = NAMES.index(sided[:1] + frame if frame[0].isupper() else frame)
        origins[row] = BODY17.index(f"{sided}_{origin}" if sided and f"{sided}_{origin}" in BODY17 else origin)
        vectors[row] = vector * np.array([-1 if sided == "right" else 1, 1, 1])
    offsets = np.zeros((21, 3))
    for side, sign in (("l", 1), ("r", -1)):
        offsets[NAMES.index(side + "Buttock")], offsets[NAMES.index(side + "Thigh")] = (
            (0.09 * sign, 0.03, 0),
            (0, -0.02, 0),
        )
    return {"skel_joints": np.array(NAMES), "skel_parents": PARENTS, "skel_offsets_m": offsets,
            "h36m_frame_joint": frames, "h36m_parent": origins, "h36m_local_vec_m": vectors}  # fmt: skip


def drawn(count, seed=0, bend=0.4):
    """Local rotations [count, 21, 3, 3]."""
    rng = np.random.default_rng(seed)
    return turn(rng.normal(size=(count, 21, 3)), rng.normal(0, bend, (count, 21)))


def test_quaternions_turn_as_their_axis_and_angle_say_whatever_their_length():
    axis, angle = np.array([[0, 0, 1.0], [1, 2, 2]]), np.array([np.pi / 2, 0.7])
    unit = axis / np.linalg.norm(axis, axis=1, keepdims=True)
    quaternions = np.column_stack([np.cos(angle / 2), unit * np.sin(angle / 2)[:, None]])
    np.testing.assert_allclose(matrices(3 * quaternions), turn(axis, angle), atol=1e-12)


def test_a_chain_of_rotations_turns_the_last_joint_by_all_of_them():
    local = drawn(3)
    expect = local[:, 0] @ local[:, 1] @ local[:, 2] @ local[:, 3] @ local[:, 4]
    np.testing.assert_allclose(world(local, PARENTS)[:, 4], expect)


def test_limbs_turned_by_the_capture_point_where_its_joints_are():
    made = skeleton_of(source())
    heads, _, _, bone = rest_body()
    turned = world(drawn(20, 1), made.parents)
    joints = joints_of(turned, np.zeros((20, 3)), made)
    out = retarget_rotations(turned, made, np.repeat(heads[None], 20, 0), bone, np.full(20, 0.3))
    np.testing.assert_allclose(out @ np.swapaxes(out, -1, -2), np.broadcast_to(np.eye(3), out.shape), atol=1e-5)
    assert (np.linalg.det(out) > 0).all()
    for start, end, a, b in LIMBS:
        for side, letter in (("left", "L"), ("right", "R")):
            expect = (joints[:, J[f"{side}_{b}"]] - joints[:, J[f"{side}_{a}"]])[:, [0, 2, 1]] * [1, -1, 1]
            limb = posed(out, bone, f"{start}.{letter}", f"{end}.{letter}", heads)
            cosine = (expect * limb).sum(-1) / np.linalg.norm(expect, axis=-1) / np.linalg.norm(limb, axis=-1)
            assert cosine.min() > 0.9999, (start, side)


def test_turning_the_whole_capture_turns_the_whole_body():
    made = skeleton_of(source())
    heads, _, _, bone = rest_body()
    turned = world(drawn(4, 2), made.parents)
    one = retarget_rotations(turned, made, heads[None].repeat(4, 0), bone, np.zeros(4))
    other = retarget_rotations(turn([0.0, 1, 0], 0.8) @ turned, made, heads[None].repeat(4, 0), bone, np.zeros(4))
    np.testing.assert_allclose(other, turn([0.0, 0, 1], 0.8) @ one, atol=1e-5)


def test_mirrored_rotations_give_the_mirrored_joints():
    made = skeleton_of(source())
    turned = world(drawn(5, 3), made.parents)
    expect = joints_of(turned, np.zeros((5, 3)), made)[:, BODY_MIRROR] * [-1, 1, 1]
    np.testing.assert_allclose(joints_of(mirrored_rotations(turned, made), np.zeros((5, 3)), made), expect, atol=1e-9)


def test_frames_on_both_sides_of_a_jump_are_lost():
    local = np.repeat(drawn(1), 6, 0)
    local[3:, 8] = local[3:, 8] @ turn([1.0, 0, 0], 1.5)
    assert jerky(local).tolist() == [False, False, True, True, False, False]


def test_someone_seated_sits_with_the_legs_as_long_as_before():
    for seed in range(20):
        rng = np.random.default_rng(seed)
        stand = skeleton(rng)[0]
        sit = postures.seated(stand, rng)
        assert not postures.low(stand)
        assert postures.low(sit)
        for side in ("left", "right"):
            for a, b in (("hip", "knee"), ("knee", "ankle"), ("shoulder", "elbow")):
                before, after = (np.linalg.norm(p[J[f"{side}_{a}"]] - p[J[f"{side}_{b}"]]) for p in (stand, sit))
                assert after == pytest.approx(before, abs=1e-5)
        assert min(sit[J["left_ankle"], 1], sit[J["right_ankle"], 1]) == pytest.approx(postures.HEEL, abs=1e-5)


def test_someone_laid_down_lies_on_the_floor():
    for seed in range(20):
        rng = np.random.default_rng(seed)
        lying = postures.laid(skeleton(rng)[0], rng)
        assert abs(postures.upright(lying)) < 0.45
        assert (
            lying[[J["left_hip"], J["right_hip"], J["left_shoulder"], J["right_shoulder"]], 1].min()
            < postures.LYING + 0.05
        )
        assert lying[[J["left_wrist"], J["right_ankle"]], 1].min() >= postures.LYING - 1e-6


def takes(folder, file, names, size=1.0, **more):
    """Writes takes of ten frames each, everybody standing; `size` scales them."""
    pose = skeleton(np.random.default_rng(5))[0] * size
    pos = np.repeat((pose / 0.0005).round().astype(np.int16)[None], 10 * len(names), 0)
    np.savez(folder / file, pos=pos, scale=np.float32(0.0005), start=np.arange(len(names)) * 10,
             length=np.full(len(names), 10), name=np.array(names),
             action=np.array([f"{file} {name}" for name in names]), **more)  # fmt: skip


def test_each_take_is_read_once_from_the_file_that_says_most(tmp_path):
    takes(tmp_path, "train.npz", ["a", "b", "c", "d"], size=1.2)
    takes(tmp_path, "train_extra.npz", ["x", "y"], replaces=np.array(["a", ""]))
    quaternions = np.zeros((20, 21, 4), np.float16)
    quaternions[..., 0] = 1
    quaternions[15, 6] = 0, 1, 0, 0  # an arm turned right round in one frame
    root = np.tile([0, 0.9, 0], (20, 1))
    np.savez(tmp_path / "rotations_train.npz", quat_wxyz=quaternions, root_pos=root, start=np.array([0, 10]),
             length=np.array([10, 10]), name=np.array(["b", "e"]), action=np.array(["rotations b", "rotations e"]),
             **source())  # fmt: skip
    motion = Motion(tmp_path)
    assert motion.actions == [
        "train_extra.npz x",
        "train_extra.npz y",
        "rotations b",
        "rotations e",
        "train.npz c",
        "train.npz d",
    ]
    assert [len(clip) for clip in motion.clips] == [10, 10, 10, 7, 10, 10]
    assert motion.couples == []
    b, e = motion.capture(2, 0), motion.capture(3, 0)
    assert isinstance(b.skeleton, Skeleton)
    assert b.rotations.shape == (21, 3, 3)
    bones = [np.linalg.norm(capture.joints[J["left_knee"]] - capture.joints[J["left_hip"]]) for capture in (b, e)]
    sizes = [np.abs(np.diff(pose, axis=0)).sum() for pose in (motion.clips[4][0], motion.clips[0][0])]
    assert sizes[0] / sizes[1] == pytest.approx(1.2, abs=0.01)
    assert bones[0] > bones[1]  # in the size of train.npz, where it says one
    assert motion.capture(4, 0).rotations is None


def test_a_mirrored_capture_mirrors_joints_and_rotations(tmp_path):
    takes(tmp_path, "train.npz", ["a"])
    made = Motion(tmp_path).capture(0, 3)
    turned = world(drawn(1, 7), PARENTS)[0]
    both = made._replace(rotations=turned, skeleton=skeleton_of(source())).mirrored()
    np.testing.assert_allclose(both.mirrored().rotations, turned, atol=1e-9)
    np.testing.assert_allclose(both.joints, made.mirrored().joints)
