import numpy as np
import pytest

from duopose.kernels.window import GAP, RATE, Window
from duopose.networks import normalisation
from duopose.stream.skeleton import BODY17, BODY_MIRROR, BODY_PARENTS, PELVIS
from duopose.training.mocap import bodies, cameras, observation, variation, windows
from duopose.training.mocap.clips import head_is_bent, sample

J = {name: i for i, name in enumerate(BODY17)}


def bones(joints):
    children = [j for j, parent in enumerate(BODY_PARENTS) if parent >= 0]
    return np.linalg.norm(joints[..., children, :] - joints[..., [BODY_PARENTS[j] for j in children], :], axis=-1)


def test_a_sample_between_two_frames_is_their_mixture_and_never_leaves_its_clip(clips):
    sampled = sample(clips, np.array([10, 60]), np.array([[-0.5, 0.0], [-3.0, 0.0]]))
    np.testing.assert_allclose(sampled[0, 0], (clips.joints[9] + clips.joints[10]) / 2, atol=1e-6)
    np.testing.assert_array_equal(sampled[1, 0], clips.joints[60])  # not frame 57: that is another clip


def test_a_mirrored_person_keeps_bones_and_handedness(clips):
    joints = np.repeat(clips.joints[None, :5], 40, 0)
    mirrored = bodies.mirrored(joints, np.random.default_rng(1))
    np.testing.assert_allclose(bones(mirrored[..., BODY_MIRROR, :]).sum(-1), bones(joints).sum(-1), rtol=1e-5)
    changed = np.abs(mirrored - joints).max((1, 2, 3)) > 1e-6
    assert 5 < changed.sum() < 35
    np.testing.assert_array_equal(mirrored[changed][0, 0, J["left_wrist"], 1:], joints[0, 0, J["right_wrist"], 1:])


def test_another_body_is_the_same_body_through_the_whole_window(clips):
    joints = np.repeat(clips.joints[None, :9], 30, 0)
    joints[:, :, J["left_wrist"]] = joints[:, :1, J["left_wrist"]] + (joints[:, :, :1] - joints[:, :1, :1])[:, :, 0]
    rebuilt = bones(bodies.rebuilt(joints, np.arange(30) % 3, np.random.default_rng(2)))
    np.testing.assert_allclose(rebuilt, np.broadcast_to(rebuilt[:, :1], rebuilt.shape), rtol=1e-4)
    assert rebuilt.sum(-1)[:, 0].std() > 0.1


def test_conventions_put_hips_and_shoulders_where_their_data_sets_do(clips):
    joints = np.repeat(clips.joints[None, :1], 4000, 0)
    widths = []
    for convention in (bodies.MARKERS, bodies.SURFACE, bodies.ANNOTATED):
        found = bodies.rebuilt(joints, np.full(4000, convention), np.random.default_rng(3))
        lengths = [
            np.linalg.norm(found[:, 0, a] - found[:, 0, b], axis=-1).mean() for a, b in ((0, 1), (8, 11), (1, 2))
        ]
        widths.append(lengths)
    hip, shoulder, thigh = np.array(widths).T / widths[0][0]
    assert hip[bodies.SURFACE] > 1.2 * hip[bodies.ANNOTATED]
    assert shoulder[bodies.MARKERS] > 1.1 * shoulder[bodies.ANNOTATED]
    assert thigh[bodies.SURFACE] > 1.1 * thigh[bodies.ANNOTATED]


def test_who_sits_has_thighs_forwards_and_bones_as_long_as_before():
    pose = np.zeros((17, 3), np.float32)  # standing, facing +Z, left is +X
    pose[[J["left_hip"], J["left_knee"], J["left_ankle"]]] = [[0.1, 0, 0], [0.1, -0.4, 0], [0.1, -0.8, 0]]
    pose[[J["right_hip"], J["right_knee"], J["right_ankle"]]] = [[-0.1, 0, 0], [-0.1, -0.4, 0], [-0.1, -0.8, 0]]
    joints = np.broadcast_to(pose, (50, 4, 17, 3)).copy()
    seated = variation.seated(joints, np.random.default_rng(0), share=1.0)
    np.testing.assert_allclose(bones(seated), bones(joints), atol=1e-5)
    for side in ("left", "right"):
        assert (seated[:, :, J[f"{side}_knee"], 2] > 0.15).all()
        bent_back = seated[:, :, J[f"{side}_ankle"]] - seated[:, :, J[f"{side}_knee"]]
        assert np.median(bent_back[..., 2]) < 0.25  # shins hang
    np.testing.assert_array_equal(variation.seated(joints, np.random.default_rng(0), share=0.0), joints)


def test_who_reaches_moves_an_arm_as_a_whole(clips):
    joints = np.repeat(clips.joints[None, :5], 40, 0)
    moved = variation.reaching(joints, np.random.default_rng(1), share=0.5)
    np.testing.assert_allclose(bones(moved), bones(joints), atol=1e-5)
    arms = [J[f"{side}_{part}"] for side in ("left", "right") for part in ("elbow", "wrist")]
    others = [j for j in range(17) if j not in arms]
    np.testing.assert_array_equal(moved[:, :, others], joints[:, :, others])
    assert (np.abs(moved - joints)[:, :, arms].max((1, 2, 3)) > 0.05).mean() > 0.4


def test_a_camera_looks_at_what_stands_in_front_of_it(clips):
    joints = sample(clips, np.full(2, 30), np.zeros((2, 1)))
    height = joints[0, 0, PELVIS, 1]
    level = cameras.Cameras(*(np.array([value, value]) for value in (0.0, 4.0, 1.0, height, 0.0, 0.0)))
    seen = cameras.filmed(joints, level)
    np.testing.assert_allclose(seen[0, 0, PELVIS], [1, 0, 4], atol=1e-5)
    assert seen[0, 0, J["head_top"], 1] < seen[0, 0, J["left_ankle"], 1]  # y points down
    down = level._replace(height=np.full(2, height + 4), pitch=np.full(2, np.pi / 4))
    np.testing.assert_allclose(cameras.filmed(joints, down)[0, 0, PELVIS, 1:], [0, np.hypot(4, 4)], atol=1e-4)


def test_filming_turns_people_but_does_not_mirror_them(clips):
    joints = sample(clips, np.full(6, 30), np.zeros((6, 1)))
    rng = np.random.default_rng(3)
    seen = cameras.filmed(joints, cameras.any_cameras(joints, rng))
    frame = [J["left_hip"], J["right_hip"], J["head_top"], J["left_knee"]]
    volume = lambda p: np.linalg.det(p[..., frame[1:], :] - p[..., frame[:1], :])  # noqa: E731
    np.testing.assert_allclose(volume(seen), volume(joints), rtol=1e-3)


def test_a_head_that_hangs_is_found():
    pose = np.zeros((2, 17, 3), np.float32)
    pose[:, J["thorax"], 1] = 1
    pose[0, J["head_top"]] = (0, 1.3, 0)
    pose[1, J["head_top"]] = (0.3, 0.99, 0)
    assert head_is_bent(pose).tolist() == [False, True]


def test_the_standard_noise_has_the_size_that_it_says():
    rays = np.zeros((400, 27, 17, 2), np.float32)
    rays[:, :, 0, 1] = 1  # extent 1
    noisy, confidence = observation.standard(rays, np.random.default_rng(4))
    missing = (confidence == 0).all(1)
    assert missing.mean() == pytest.approx(0.08, abs=0.01)
    bad = confidence == np.float32(0.3)
    assert bad.mean() == pytest.approx(0.04 * 0.92, abs=0.005)
    clean = (noisy - rays)[confidence == 1]
    assert clean.std() == pytest.approx(0.012 * np.hypot(0.7, 0.7), rel=0.03)


def test_the_grid_is_what_the_live_window_does():
    rng = np.random.default_rng(5)
    times, kept, still = observation.slot_times(60, 27, rng)
    weights, valid = observation.grid(times, kept, still, 27)
    values = rng.normal(size=(60, 27, 1, 3)).astype(np.float32)
    for b in np.flatnonzero(~still):
        window = Window(64, 1, 3)
        for slot in np.flatnonzero(kept[b]):
            window.push(times[b, slot] / RATE, values[b, slot], np.ones(1, np.float32))
        live, _, live_valid = window.resample(np.arange(-26, 1) / RATE, GAP)
        np.testing.assert_array_equal(valid[b] > 0, live_valid)
        mixed = (weights[b] @ values[b, :, 0])[live_valid]
        np.testing.assert_allclose(mixed, live[live_valid, 0], atol=1e-4)


def test_derived_joints_lie_where_coco_to_body_puts_them():
    rng = np.random.default_rng(6)
    rays = rng.normal(size=(8, 3, 17, 2)).astype(np.float32)
    noisy, confidence = observation.lifelike(rays, np.ones(8, bool), rng)
    hips, shoulders = noisy[:, :, [1, 4]].mean(2), noisy[:, :, [11, 14]].mean(2)
    np.testing.assert_allclose(noisy[:, :, J["spine"]], 0.55 * hips + 0.45 * shoulders, atol=1e-5)
    assert (confidence[:, :, PELVIS] == confidence[:, :, [1, 4]].min(-1)).all()


def test_the_answers_of_a_window_lead_back_to_the_true_pose(clips):
    """networks.normalisation.place undoes what training asks for, on windows without noise."""
    rng = np.random.default_rng(7)
    joints = sample(clips, np.full(5, 40), np.broadcast_to(np.arange(-26.0, 2.0).clip(max=0), (5, 28)))
    joints = cameras.filmed(joints, cameras.standard_cameras(joints, rng), at=26)
    rays = cameras.rays_of(joints[:, :27])
    sure = np.ones(rays.shape[:3], np.float32)
    grid = np.broadcast_to(np.eye(27, dtype=np.float32), (5, 27, 27))
    drawn = windows.assemble(joints, rays, sure, grid, np.ones((5, 27), np.float32), (0,))
    newest = drawn.points[:, -1], drawn.confidence[:, -1], drawn.view[:, -1]
    placed = normalisation.place(drawn.joints[:, 0], drawn.log_depth[:, 0], *newest)
    np.testing.assert_allclose(placed, drawn.camera_joints[:, 0], atol=2e-3)


def test_windows_are_finite_and_the_same_for_the_same_seed(clips):
    a, b = (windows.draw(clips, 64, np.random.default_rng(8), 27, (0, 13)) for _ in range(2))
    for name, value in a._asdict().items():
        assert np.isfinite(value).all(), name
        np.testing.assert_array_equal(value, getattr(b, name))
