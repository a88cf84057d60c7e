"""The profile `released`: the authors' networks in the nodes. With random weights for shapes and marks, with networks
that give known answers for places and depths."""

import json

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("safetensors")

from duopose.kernels.camera import constants, project  # noqa: E402
from duopose.kernels.crop import apply, letterbox  # noqa: E402
from duopose.networks import weights  # noqa: E402
from duopose.networks.released.bottom_up import BottomUp as BottomUpNetwork  # noqa: E402
from duopose.networks.released.checkpoints import NETWORKS  # noqa: E402
from duopose.networks.released.gcn import GCN  # noqa: E402
from duopose.networks.released.heads import Integration as IntegrationNetwork  # noqa: E402
from duopose.networks.released.skeletons import FROM_MUPOTS, MUCO14, MUCO_TO_BODY, MUPOTS17  # noqa: E402
from duopose.networks.released.tcn import TCN  # noqa: E402
from duopose.networks.top_down import TopDown  # noqa: E402
from duopose.nodes.fusion.fusion import BOTTOM_UP, TOP_DOWN, Fusion  # noqa: E402
from duopose.nodes.profile import Released, find  # noqa: E402
from duopose.nodes.released.bottom_up import FOCAL, ROOT_MEAN, ROOT_UNIT, BottomUp, decode, input_size  # noqa: E402
from duopose.nodes.released.integration import Integration  # noqa: E402
from duopose.nodes.released.lifting import (  # noqa: E402
    FRAMES,
    HALF,
    POINTS,
    THORAX,
    Lifting,
    Line,
    Networks,
    nearest_seen,
    normalise,
)
from duopose.nodes.top_down.delayed import Delayed  # noqa: E402
from duopose.nodes.top_down.lifting import RATE  # noqa: E402
from duopose.stream.messages import Scene  # noqa: E402
from duopose.stream.skeleton import BODY17, COCO17, PELVIS, coco_to_body  # noqa: E402
from duopose.stream.wire import decode as unpack  # noqa: E402
from duopose.stream.wire import encode  # noqa: E402
from tests import painted  # noqa: E402
from tests.lifted import lift  # noqa: E402
from tests.painted import CAMERA, frame, paint, people  # noqa: E402


def numpy(call):
    """A module as the nodes call it."""

    def run(*arrays):
        with torch.inference_mode():
            out = call(*map(torch.from_numpy, arrays))
        return tuple(o.numpy() for o in (out if isinstance(out, tuple) else (out,)))

    return run


def pictured(x, z):
    """Someone as tests.painted pictures them, without eyes and ears, which lie on the nose there."""
    body, coco = painted.pictured(x, z)
    coco[1:5] = 0
    return body, coco


class Known:
    """A network that gives a known answer and remembers what it was shown."""

    def __init__(self, answer):
        self.answer, self.seen = answer, []

    def __call__(self, *arrays):
        self.seen.append(arrays)
        return (self.answer(*arrays),)


def someone(x=0.0, z=4.0):
    """BODY17 2D joints [1, 17, 3] of someone who stands x m to the right, z m away, and the pose [17, 3] in metres."""
    body, _ = pictured(x, z)
    points = np.ones((1, 17, 3), np.float32)
    points[0, :, :2] = project(body, *constants(CAMERA))
    return points, body


@pytest.fixture
def true():
    """Networks for people who stand as `someone` does; the depth they tell is 100 times the metres, less 7."""
    _, body = someone()
    pose = (body - body[PELVIS]).reshape(-1)
    height = lambda windows: np.ptp(windows[:, HALF].reshape(-1, 17, 2)[..., 1], axis=1)  # noqa: E731
    metres = lambda windows: np.ptp(body[:, 1]) * 750 / 915 / height(windows)  # noqa: E731
    return Networks(
        Known(lambda points, _: np.repeat(pose.reshape(1, 17, 3), len(points), 0)),
        Known(lambda windows: np.repeat(pose[None], len(windows), 0)),
        Known(lambda windows: (100 * metres(windows) - 7)[:, None].astype(np.float32)),
    )


@pytest.fixture(scope="module")
def random():
    """Small networks of the authors' kind with random weights."""
    torch.manual_seed(0)
    return Networks(numpy(GCN(16).eval().lift), numpy(TCN(51, 51, 16).eval()), numpy(TCN(34, 1, 16).eval()))


# ---- lifting


def test_poses_stand_where_they_are_seen_at_depths_of_an_unknown_unit(true):
    lifting = Lifting(true)
    for z in (3.0, 6.0, 4.0):
        body, expect = someone(x=1.0, z=z)
        joints, confidence = lift(lifting, [1], body, z, CAMERA, False)
        np.testing.assert_allclose(joints[0], expect, atol=0.02)
        np.testing.assert_array_equal(confidence, 1)


def test_the_line_is_the_best_one_and_never_falls():
    line, rng = Line(), np.random.default_rng(0)
    raw = rng.normal(5, 2, 300)
    for one in raw.tolist():
        line.add(one, 0.3 * one + 2)
    np.testing.assert_allclose(line.metres(raw), (0.3 * raw + 2).clip(0.2), rtol=1e-4)
    against = Line()
    for one in raw.tolist():
        against.add(one, 20 - one)
    assert np.ptp(against.metres(raw)) == 0
    assert Line().metres(np.array([1.0, 9.0])).tolist() == pytest.approx([Line.FIRST] * 2)


def test_the_graph_network_sees_the_trunk_as_one_upwards():
    body, _ = someone()
    seen = normalise(body[..., :2])
    assert seen[0, PELVIS].tolist() == [0, 0]
    assert seen[0, THORAX, 1] == pytest.approx(1)
    assert seen[0, BODY17.index("left_ankle"), 1] < -1  # below the pelvis, y being up
    lying = normalise(body[..., [1, 0]])
    assert np.isfinite(lying).all()
    assert abs(lying).max() <= 10 + 1e-4


def test_a_joint_that_was_not_found_lies_at_the_nearest_one_that_was():
    body, _ = someone()
    wrist, elbow = BODY17.index("left_wrist"), BODY17.index("left_elbow")
    body[0, wrist] = 0
    filled = nearest_seen(body[..., :2], body[..., 2])
    np.testing.assert_array_equal(filled[0, wrist], body[0, elbow, :2])
    np.testing.assert_array_equal(np.delete(filled[0], wrist, 0), np.delete(body[0, :, :2], wrist, 0))


def walk(lifting, frames, until=None):
    """Someone walks to the right, a frame after the other -> what was answered: [(x of the pelvis in pixels / 915)]."""
    held, out = [], []
    for number in range(frames):
        body, _ = someone(x=number / 100)
        held.append(lifting.observe([1], body, number / RATE, CAMERA, False))
        while held and lifting.due(held[0], number / RATE):
            out.append(lifting.answer(held.pop(0)))
    return out


@pytest.mark.parametrize("lookahead", [0, HALF])
def test_the_window_lies_around_the_frame_that_is_answered(true, lookahead):
    answered = walk(Lifting(true, lookahead), 140)
    assert len(answered) == 140 - lookahead
    window = true.root_tcn.seen[-1][0][0].reshape(FRAMES, 17, 2)[:, PELVIS, 0]
    steps = np.diff(window) * 915 / 750 * 4 * 100  # frames of the walk
    first = max(HALF - len(answered) + 1, 0)
    np.testing.assert_allclose(steps[first:HALF], 1, atol=1e-2)  # what came before
    np.testing.assert_allclose(steps[:first], 0, atol=1e-3)  # before that nobody had been seen
    np.testing.assert_allclose(steps[HALF:], 1 if lookahead else 0, atol=1e-2)  # what comes after, or the newest again


def test_other_look_aheads_are_refused():
    with pytest.raises(ValueError, match="neither 0 nor 121"):
        Lifting(None, 7)


def test_random_weights_lift_anybody_to_finite_places(random):
    lifting, rng = Lifting(random), np.random.default_rng(0)
    for number in range(3):
        body = rng.uniform(0, 480, (4, 17, 3)).astype(np.float32)
        body[..., 2] = rng.uniform(0, 1, (4, 17)) * (rng.uniform(size=(4, 17)) < 0.7)
        body[0, 1:, 2] = 0  # a single joint
        joints, confidence = lift(lifting, [1, 2, 3, 4], body * (body[..., 2:] > 0), number / RATE, CAMERA, number == 2)
        assert joints.shape == (4, 17, 3)
        assert np.isfinite(joints).all()
        np.testing.assert_array_equal(confidence, body[..., 2])
    none = np.zeros((0, 17, 3), np.float32)
    assert lift(lifting, [], none, 1.0, CAMERA, False)[0].shape == (0, 17, 3)


# ---- bottom-up


class Painted:
    """The authors' bottom-up network for painted pictures: maps at half the input's size, flat people at known depths."""

    def __init__(self, depths):
        self.depths = depths

    def __call__(self, frames, guides):
        self.guides = guides[0]
        height, width = frames.shape[1] // 2, frames.shape[2] // 2
        heatmaps, tags = np.zeros((2, 14, height, width), np.float32)
        v, u = np.mgrid[:height, :width]
        focal = painted.FOCAL * frames.shape[1] / painted.HEIGHT
        root = np.zeros((height, width), np.float32)
        for person in range(len(self.depths)):
            at = {COCO17[joint]: np.array([x, y]) for who, joint, x, y in painted.discs(frames[0]) if who == person}
            at["pelvis"], at["head"] = (at["left_hip"] + at["right_hip"]) / 2, at["nose"]
            for joint, name in enumerate(MUCO14):
                x, y = (at[name] - 0.5) / 2 + 0.1  # between cells, so that enlarging gives one highest pixel
                peak = 0.8 * np.exp(-((u - x) ** 2 + (v - y) ** 2) / 8)
                tags[joint][peak > np.maximum(heatmaps[joint], 0.05)] = 3 * person
                heatmaps[joint] = np.maximum(heatmaps[joint], peak)
            x = (at["pelvis"][0] - 0.5) / 2
            root[:, int(x) - 4 : int(x) + 5] = self.depths[person] * FOCAL / focal / ROOT_UNIT - ROOT_MEAN
        return heatmaps[None], tags[None], root[None, None], np.zeros((1, 13, height, width), np.float32)


def turned(body):
    """A Transform that knows the pose but for where it looks and how large it is."""
    turn = np.linalg.qr(np.random.default_rng(1).normal(size=(3, 3)))[0]
    turn *= np.sign(np.linalg.det(turn))
    return lambda x: (np.repeat(2.5 * (body @ turn)[None, MUPOTS17], len(x), 0).astype(np.float32),)


def test_people_stand_where_maps_and_camera_say():
    (one, first), (two, second) = pictured(-0.7, 3.5), pictured(0.9, 5.0)
    node = BottomUp(Painted([3.5, 5.0]), turned(one - one[PELVIS]), 20)
    poses = node.step(paint([first, second]), people([first, second], frame()))
    assert (poses.ids == 0).all()
    order = np.argsort(poses.joints[:, PELVIS, 0])
    np.testing.assert_allclose(poses.joints[order, PELVIS, 2], [3.5, 5.0], atol=0.05)
    for person, body, coco in zip(order, (one, two), (first, second), strict=True):
        flat = body.copy()
        flat[:, 2] = body[PELVIS, 2]  # the painted network knows no depth beside the root's
        seen = project(np.ascontiguousarray(poses.joints[person]), *constants(CAMERA))
        expect = project(flat, *constants(CAMERA))
        np.testing.assert_allclose(seen[MUCO_TO_BODY], expect[MUCO_TO_BODY], atol=12)
        limbs = [COCO17.index(name) for name in ("left_wrist", "right_ankle", "left_hip")]
        np.testing.assert_allclose(poses.coco[person, limbs, :2], coco[limbs, :2], atol=2)
    assert (poses.coco[:, 1:5] == 0).all()  # eyes and ears are not among the 14
    assert (poses.confidence[:, BODY17.index("head_top")] == 0).all()
    assert (poses.confidence[:, BODY17.index("thorax")] > 0.5).all()


def test_the_guides_are_bodies_as_high_as_can_be():
    body, coco = pictured(0.0, 4.0)
    picture = paint([coco])
    coco[:, 2] *= 0.4
    coco[COCO17.index("left_wrist")] = 0
    node = BottomUp(Painted([4.0]), turned(body), 20)
    node.step(picture, people([coco], frame()))
    across, down = input_size(painted.WIDTH, painted.HEIGHT)
    affine = letterbox(painted.WIDTH, painted.HEIGHT, across, down)
    expect = apply(affine, coco_to_body(coco[None])[0])
    for plane, (x, y, score) in zip(node.network.guides, expect, strict=True):
        if score > 0:
            row, column = np.unravel_index(plane.argmax(), plane.shape)
            np.testing.assert_allclose((column, row), (x, y), atol=1)
            assert plane.max() > 250
            assert plane[row, column + 4] == pytest.approx(255 * np.exp(-0.5), abs=20)
        else:
            assert plane.max() == 0


def test_an_empty_frame_gives_nobody():
    poses = BottomUp(Painted([]), None, 20).step(paint([]), people([], frame()))
    assert poses.joints.shape == (0, 17, 3)
    assert unpack(type(poses), encode(poses)).coco.shape == (0, 17, 3)


def test_people_are_grouped_by_tags_of_one():
    heatmaps, tags = np.zeros((2, 14, 60, 60), np.float32)
    for person, column in enumerate((10, 40)):
        for joint in range(14):
            heatmaps[joint, 4 * joint + 3, column] = 0.9 - 0.1 * person
            tags[joint, :, 25 * person : 25 * person + 30] = 2 * person
    found = decode(heatmaps, tags, 20)
    np.testing.assert_allclose(found[..., 0].round(), [[10] * 14, [40] * 14])
    assert len(decode(heatmaps, tags, 1)) == 1


# ---- integration, and all together


def test_equal_poses_blend_to_themselves_and_lone_ones_stay():
    torch.manual_seed(0)
    step = Integration(numpy(IntegrationNetwork().eval())).step
    one, two = pictured(-0.5, 3.0)[0], pictured(0.7, 5.0)[0]
    none = np.full((17, 3), np.nan, np.float32)
    top, bottom = np.stack([one, two, none]), np.stack([one, none, two])
    sure = np.ones((3, 17), np.float32)
    np.testing.assert_allclose(step(top, sure, bottom, sure), np.stack([one, two, two]), atol=1e-4)
    empty = np.zeros((0, 17, 3), np.float32)
    assert step(empty, sure[:0], empty, sure[:0]).shape == (0, 17, 3)


def test_the_network_is_shown_mupots_poses_and_its_weights_are_obeyed():
    seen = []

    def blend(poses, depths):
        seen.append((poses, depths))
        return poses[:, 51:].reshape(-1, 3, 17), depths[:, :1] * 2 - depths[:, 1:]

    top, bottom = pictured(0.5, 3.0)[0], pictured(0.6, 4.0)[0]
    bottom = bottom[PELVIS] + 1.5 * (bottom - bottom[PELVIS])
    sure = np.ones((1, 17), np.float32)
    (fused,) = Integration(blend).step(top[None], sure, bottom[None], sure)
    poses, depths = seen[0]
    relative = (top - top[PELVIS])[MUPOTS17]
    np.testing.assert_allclose(poses[0, :51].reshape(3, 17).T, relative, atol=1e-5)
    np.testing.assert_allclose(poses[0, 51:].reshape(3, 17).T, relative, atol=1e-4)  # turned and scaled onto it
    np.testing.assert_allclose(depths[0], [3, 4], atol=1e-5)
    assert fused[PELVIS, 2] == pytest.approx(2, abs=1e-4)
    assert fused[PELVIS, 0] / fused[PELVIS, 2] == pytest.approx(0.5 / 3, abs=1e-4)
    np.testing.assert_allclose(fused - fused[PELVIS], top - top[PELVIS], atol=1e-4)
    assert [MUPOTS17[joint] for joint in FROM_MUPOTS] == list(range(17))


def test_random_weights_make_a_scene_that_says_who_was_seen_by_whom(random, true):
    """Two people seen by the top-down branch, one of them and a third by the bottom-up branch."""
    torch.manual_seed(0)
    network = BottomUpNetwork(width=8).eval()
    network.heads[0].last.bias.data.fill_(0.3)  # heatmaps high enough for peaks
    (one, first), (_, second), (_, third) = pictured(-0.8, 3.5), pictured(0.2, 4.0), pictured(1.2, 4.5)
    picture, seen = paint([first, second, third]), people([first, second], frame())
    transform = numpy(NETWORKS["trans"].make().eval())
    for poses in (
        BottomUp(numpy(network), transform, 5).step(picture, seen),  # wherever random maps see people
        BottomUp(Painted([3.5, 4.0, 4.5]), transform, 20).step(picture, seen),
    ):
        assert len(poses.ids) >= 3
        assert np.isfinite(poses.joints).all()
        assert poses.confidence.min() >= 0
        assert poses.confidence.max() <= 1
        (top,) = Delayed(Lifting(random), 0).add(seen)
        fusion = Fusion(Integration(numpy(IntegrationNetwork().eval())).step, 20)
        scene = unpack(Scene, encode(fusion.step(top, poses)))
        assert len(scene.ids) >= 2
        assert np.isfinite(scene.joints).all()
        assert set(scene.sources.tolist()) <= {TOP_DOWN, BOTTOM_UP, TOP_DOWN | BOTTOM_UP}
        np.testing.assert_array_equal(np.isfinite(scene.top_down).all((1, 2)), scene.sources & TOP_DOWN > 0)
        np.testing.assert_array_equal(np.isfinite(scene.bottom_up).all((1, 2)), scene.sources & BOTTOM_UP > 0)
    (top,) = Delayed(Lifting(true), 0).add(seen)
    poses = BottomUp(Painted([3.5, 4.0, 4.5]), turned(one - one[PELVIS]), 20).step(picture, seen)
    scene = Fusion(Integration(numpy(IntegrationNetwork().eval())).step, 20).step(top, poses)
    assert sorted(scene.sources.tolist()) == [BOTTOM_UP, TOP_DOWN | BOTTOM_UP, TOP_DOWN | BOTTOM_UP]
    assert len(set(scene.ids.tolist())) == 3
    np.testing.assert_allclose(np.sort(scene.joints[:, PELVIS, 2]), [3.5, 4.0, 4.5], rtol=0.1)


# ---- from weight files


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Weights of all networks, random, as an import leaves them."""
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("weights")
    for released in NETWORKS.values():
        weights.save(released.make(), path / released.name, exact=True)
    return path


def test_a_folder_of_imported_weights_is_a_profile_with_the_image_networks_of_lite(folder):
    profile = find(str(folder))
    assert isinstance(profile, Released)
    assert isinstance(find("released"), Released)
    assert not isinstance(find("lite"), Released)
    profile.check(lookahead=HALF)
    lifting = profile.lifting()
    body, _ = someone()
    joints, _ = lift(lifting, [1], body, 0.0, CAMERA, False)
    assert joints.shape == (1, 17, 3)
    assert np.isfinite(joints).all()
    assert profile.bottom_up(max_people=7).max_people == 7
    assert profile.backends == {"torch cpu"}
    pair = np.stack([pictured(0, 3)[0]] * 2)
    assert np.isfinite(profile.integration().step(pair, None, pair + 1, None)).all()
    assert json.loads(folder.joinpath("gcn.json").read_text())["network"] == "duopose.networks.released.gcn.GCN"
    assert POINTS.stop == Lifting.feature_count


def test_an_imported_hrnet_takes_the_place_of_the_lite_network(tmp_path):
    (tmp_path / "transform.json").write_text("{}")
    profile = find(str(tmp_path))
    assert profile.network("top_down").backend.startswith("OpenVINO")
    weights.save(TopDown("hrnet", width=8, published=True), tmp_path / "top_down", exact=True)
    network = profile.network("top_down")
    assert network.backend == "torch cpu"
    heatmaps, tags = network(np.zeros((2, 256, 192, 3), np.uint8))
    assert heatmaps.shape == tags.shape == (2, 17, 64, 48)
