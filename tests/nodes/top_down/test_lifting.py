import numpy as np
import pytest

from duopose.kernels.window import GAP, RATE
from duopose.networks import normalisation
from duopose.networks.normalisation import FEATURES, VALID, VIEW
from duopose.nodes.profile import find
from duopose.nodes.top_down.delayed import Delayed
from duopose.nodes.top_down.lifting import FORGET, Lifting, Networks, lift_windows, window_features
from duopose.stream.messages import Camera, Frame, People
from duopose.stream.skeleton import PELVIS, coco_to_body
from tests.lifted import lift
from tests.painted import upright

CAMERA = Camera(fx=1000.0, fy=1000.0, cx=640.0, cy=360.0, origin="file")
FRAMES = 9


class Known:
    """A network that gives a known answer and remembers what it was shown."""

    def __init__(self, answer, **arguments):
        self.answer, self.arguments, self.seen = answer, arguments, []

    def __call__(self, *arrays):
        self.seen.append(arrays)
        return (self.answer(*arrays),)


@pytest.fixture
def networks():
    """Everybody is flat, half a metre to each point's unit, and stands 3 m away."""
    temporal = {"frames": FRAMES, "lookaheads": [0, 4]}
    flat = lambda points, *_: np.concatenate([points, 0 * points[..., :1]], -1) * np.float32(0.5)  # noqa: E731
    poses = lambda windows: windows[:, [-1, -5], :51].reshape(-1, 2, 17, 3)  # noqa: E731
    depth = lambda windows: np.log(3) + windows[:, [-1, -5], VIEW][..., 2]  # noqa: E731
    return Networks(Known(flat), Known(poses, **temporal), Known(depth, **temporal))


def person(x=640.0, y=360.0, size=200.0, seed=0):
    rng = np.random.default_rng(seed)
    pose = rng.uniform(-size, size, (17, 2)) + (x, y)
    return np.concatenate([pose, rng.uniform(0.3, 1, (17, 1))], -1).astype(np.float32)[None]


def test_nobody_in_view_is_an_empty_answer(networks):
    joints, confidence = lift(Lifting(networks), [], np.zeros((0, 17, 3), np.float32), 0.0, CAMERA, False)
    assert joints.shape == (0, 17, 3)
    assert confidence.shape == (0, 17)


def test_people_stand_where_the_root_depth_and_the_2d_joints_put_them(networks):
    joints, confidence = lift(Lifting(networks), [1], person(x=900.0), 0.0, CAMERA, False)
    facing = normalisation.facing(np.array([(900 - 640) / 1000, 0.0], np.float32))
    assert (facing @ joints[0, PELVIS])[2] == pytest.approx(3, rel=0.03)
    assert joints[0, :, 0].mean() / joints[0, :, 2].mean() == pytest.approx(0.26, abs=0.05)
    np.testing.assert_array_equal(confidence, person(x=900.0)[..., 2])


def test_shipped_networks_put_people_where_they_stand_however_far_away():
    networks, distances = find("lite").lifting_networks(), np.float32([3, 6, 12, 24, 48])
    true = upright() + np.stack([0.1 * distances, 0 * distances, distances], -1)[:, None]
    features = window_features(networks, true[..., :2] / true[..., 2:], np.ones((5, 17), np.float32))
    joints = lift_windows(networks, np.repeat(features[:, None], networks.joint_tcn.arguments["frames"], axis=1))
    np.testing.assert_allclose(joints[:, PELVIS, 2], distances, rtol=0.06)


def test_a_joint_that_was_not_found_is_filled_in_and_marked(networks):
    body = person()
    body[0, 16] = 0
    joints, confidence = lift(Lifting(networks), [1], body, 0.0, CAMERA, False)
    assert np.isfinite(joints).all()
    assert confidence[0, 16] == 0


def test_a_slow_camera_fills_the_same_window_as_a_fast_one(networks):
    """A person who moves evenly, at 30 and at 15 frames a second, ends in the same window."""
    ends = []
    for step in (1, 2):
        lifting = Lifting(networks)
        for frame in range(0, 25, step):
            lift(lifting, [1], person(x=600 + 2.0 * frame), frame / RATE, CAMERA, False)
        ends.append(networks.joint_tcn.seen[-1][0])
    assert ends[0].shape == (1, FRAMES, FEATURES)
    np.testing.assert_allclose(ends[0], ends[1], atol=5e-3)
    assert ends[0][..., VALID].all()


def test_a_gap_is_marked_and_not_filled(networks):
    lifting = Lifting(networks)
    for stamp in (0.0, 1 / RATE, 2 / RATE, 2 / RATE + GAP + 0.1):
        lift(lifting, [1], person(), stamp, CAMERA, False)
    valid = networks.joint_tcn.seen[-1][0][0, :, VALID]
    assert valid.ravel().tolist() == [0.0] * (FRAMES - 1) + [1.0]


def test_a_still_fills_its_window_and_leaves_no_trace(networks):
    lifting = Lifting(networks)
    lift(lifting, [1], person(seed=1), 0.0, CAMERA, True)
    lift(lifting, [1], person(seed=2), 0.0, CAMERA, True)
    window = networks.joint_tcn.seen[-1][0][0]
    assert (window == window[-1]).all()
    assert not lifting.windows


def test_tracks_do_not_share_windows_and_are_forgotten(networks):
    lifting = Lifting(networks)
    lift(lifting, [7, 8], np.concatenate([person(seed=1), person(seed=2)]), 0.0, CAMERA, False)
    assert sorted(lifting.windows) == [7, 8]
    lift(lifting, [8], person(seed=2), FORGET + 0.1, CAMERA, False)
    assert sorted(lifting.windows) == [8]


def test_a_clip_that_starts_again_starts_a_new_window(networks):
    lifting = Lifting(networks)
    for stamp in (0.0, 0.1, 0.2, 0.05):
        lift(lifting, [1], person(), stamp, CAMERA, False)
    assert lifting.windows[1].newest == 0.05


def test_a_look_ahead_answers_when_enough_has_come_after(networks):
    lifting, held, answered = Lifting(networks, lookahead=4), [], []
    for frame in range(20):
        stamp = frame / RATE
        body = person(x=500.0 + 20 * frame)
        held.append(lifting.observe([1], body, stamp, CAMERA, False))
        while held and lifting.due(held[0], stamp):
            answered.append(lifting.answer(held.pop(0)))
    assert len(answered) == 16  # the last four still wait
    window = networks.joint_tcn.seen[-1][0][0]
    assert window[:, VALID].all()
    at_once, _ = lift(Lifting(networks), [1], person(x=500.0 + 20 * 15), 0.0, CAMERA, False)
    np.testing.assert_allclose(answered[15], at_once, atol=1e-3)


def test_a_look_ahead_without_weights_is_refused_with_the_list(networks):
    with pytest.raises(ValueError, match="look-ahead of 7, only 0, 4"):
        Lifting(networks, lookahead=7)


def test_a_single_joint_gives_no_wild_pose(networks):
    body = np.zeros((1, 17, 3), np.float32)
    body[0, 9] = (640, 360, 0.9)
    joints, _ = lift(Lifting(networks), [1], body, 0.0, CAMERA, False)
    assert np.isfinite(joints).all()
    assert abs(joints).max() < 101


def seen(number, still=False, people=1):
    frame = Frame(number, None, number / RATE, 0.0, 1280, 720, CAMERA, "", 0, 0, still)
    coco = np.repeat(person(x=500.0 + 10 * number), people, 0)
    ids = np.arange(1, people + 1, dtype=np.int32)
    return People(frame, ids, np.ones(people, np.float32), np.zeros((people, 4), np.float32), coco)


@pytest.mark.parametrize("people", [0, 1, 3])
def test_without_look_ahead_poses_come_at_once_and_are_those_of_a_step(networks, people):
    delayed, lifting = Delayed(Lifting(networks), 0), Lifting(networks)
    for number in range(5):
        (poses,) = delayed.add(seen(number, people=people))
        said = seen(number, people=people)
        joints, confidence = lift(lifting, said.ids, coco_to_body(said.coco), number / RATE, CAMERA, False)
        assert poses.frame.number == number
        np.testing.assert_array_equal(poses.joints, joints)
        np.testing.assert_array_equal(poses.confidence, confidence)


def test_with_look_ahead_every_frame_comes_late_once_and_in_order(networks):
    delayed = Delayed(Lifting(networks, lookahead=4), most=8)
    came = [[poses.frame.number for poses in delayed.add(seen(number))] for number in range(7)]
    assert came == [[], [], [], [], [0], [1], [2]]
    assert [poses.frame.number for poses in delayed.rest()] == [3, 4, 5, 6]
    assert delayed.rest() == []


def test_no_more_frames_wait_than_may(networks):
    delayed = Delayed(Lifting(networks, lookahead=4), most=2)
    assert [len(delayed.add(seen(number))) for number in range(5)] == [0, 0, 1, 1, 1]


def test_a_still_waits_for_nothing(networks):
    assert len(Delayed(Lifting(networks, lookahead=4), most=8).add(seen(0, still=True))) == 1
