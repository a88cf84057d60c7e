"""Made-up sets of 2D poses: who is given what, and what the program says of lifting networks that know the truth."""

import json

import numpy as np
import pytest

from duopose.evaluation.lifting import lifting_2d, people2d
from duopose.nodes.top_down.lifting import Observation
from duopose.stream.errors import UsageError
from duopose.stream.skeleton import BODY17, COCO17
from tests.evaluation.people3d import LENS

NAMES = [*(name for name in BODY17 if name.split("_")[0] in ("left", "right")), "neck", "head_top", "pelvis"]
PEAKS = [*COCO17, "neck"]
TALL = 400.0  # pixels, of everyone here


def body(x, z):
    """[17, 3] metres: flat, so that everyone's joints are as far away as the pelvis."""
    joints = np.random.default_rng(0).uniform([-0.4, -0.8, 0], [0.4, 0.8, 0], (17, 3))
    joints[0] = (joints[BODY17.index("left_hip")] + joints[BODY17.index("right_hip")]) / 2
    return joints - joints[0] + [x, 0, z]


def pixels(points):
    return points[..., :2] / points[..., 2:] * LENS["fx"] + [LENS["cx"], LENS["cy"]]


class Knowing:
    """Lifting that answers with the people of `bodies`, by identity, times `scale`."""

    def __init__(self, bodies, scale=1.0):
        self.bodies, self.scale, self.asked = bodies, scale, []

    def observe(self, ids, body, stamp, camera, still):
        self.asked.append((np.asarray(ids).tolist(), stamp, still))
        return Observation(np.asarray(ids).tolist(), stamp, still, None, body[..., 2], None)

    def answer(self, seen):
        return self.scale * np.array([self.bodies[who] for who in seen.ids]).reshape(-1, 17, 3)


def places(names, joints):
    """BODY17 -> the joints of a set; the neck between the shoulders."""
    between = (joints[BODY17.index("left_shoulder")] + joints[BODY17.index("right_shoulder")]) / 2
    return np.array([between if name == "neck" else joints[BODY17.index(name)] for name in names])


def write_detections(folder, frames, seen):
    """frames: {number: {person: BODY17}}; seen: {number: rows of joint name, x, y, score}"""
    folder.mkdir(parents=True)
    meta = {
        "format": "detections-1", "fps": 25, "cameras": {"0": LENS}, "gt_joint_names": NAMES, "peak_joint_names": PEAKS
    }  # fmt: skip
    (folder / "meta.json").write_text(json.dumps(meta))
    people = [
        [number, who, *places(NAMES, joints).ravel()] for number, one in frames.items() for who, joints in one.items()
    ]
    peaks = [[number, PEAKS.index(row[0]), *row[1:]] for number, rows in seen.items() for row in rows]
    np.savez(folder / "detections.npz", cam0_people=np.float32(people), cam0_peaks=np.float32(peaks))


def rows_of(joints, score=0.8, without=()):
    """What a perfect detector says of someone."""
    return [
        [name, *pixels(joints[BODY17.index(name)]).tolist(), score]
        for name in COCO17
        if name in BODY17 and name not in without
    ]


def test_each_detection_goes_to_one_person_nearby_the_nearest_pairs_first():
    expected = np.zeros((2, 17, 2))
    expected[1] += [100, 0]
    nothing = np.zeros((0, 3))
    found = np.array([[60.0, 0, 0.5], [85, 0, 0.9], [300, 0, 1]])
    out = people2d.assigned(expected, np.full(2, TALL), [nothing] * 16 + [found])
    assert out[:, 16].tolist() == [[0, 0, 0], [85, 0, 0.9]]  # 60 is more than 40 pixels from either
    assert not out[:, :16].any()


@pytest.mark.parametrize("seed", range(4))
def test_the_assignment_is_the_cheapest_of_all(seed):
    """Tried out: every way to give three detections to three people, each within reach."""
    from itertools import permutations

    rng = np.random.default_rng(seed)
    expected, found = np.full((3, 17, 2), np.nan), np.column_stack([rng.uniform(0, 60, (3, 2)), np.ones(3)])
    expected[:, 0] = rng.uniform(0, 60, (3, 2))
    tall = 1000.0  # everything is within reach
    out = people2d.assigned(expected, np.full(3, tall), [found] + [np.zeros((0, 3))] * 16)

    def cost(order):
        return sum(np.linalg.norm(expected[person, 0] - found[other, :2]) for person, other in enumerate(order))

    best = min(permutations(range(3)), key=cost)
    np.testing.assert_array_equal(out[:, 0], found[list(best)])


def test_a_clip_of_detections_is_lifted_in_its_time_and_judged_joint_by_joint(tmp_path):
    a, b = body(-0.8, 4), body(0.8, 5)
    seen = {
        0: rows_of(a) + rows_of(b, without=("left_wrist",)) + [["left_wrist", 999, 1, 1]],
        1: rows_of(a),
        2: rows_of(a),
    }
    write_detections(tmp_path / "set", {0: {3: a, 5: b}, 1: {3: a, 5: b}, 2: {3: a}}, seen)
    shots = people2d.shots(tmp_path / "set")
    assert [shot.truth.people.tolist() for shot in shots] == [[3, 5], [3, 5], [3]]
    assert shots[0].coco[1, COCO17.index("left_wrist")].tolist() == [0, 0, 0]
    node = Knowing({3: a, 5: b})
    people = lifting_2d.lifted(lambda: node, shots)
    assert node.asked == [([3, 5], 0.0, False), ([3], 0.04, False), ([3], 0.08, False)]
    row = lifting_2d.rows("set", people)["set"]
    assert (row["people"], row["recall"]) == (5, 80)  # of b nothing was found at 1
    assert row["mpjpe"] == pytest.approx(0, abs=1e-3)
    assert row["pck_abs"] == pytest.approx(80)
    far = lifting_2d.rows("set", lifting_2d.lifted(lambda: Knowing({3: a, 5: b}, 1.1), shots))["set"]
    assert far["depth_signed"] == pytest.approx(10, abs=1e-3)


def test_people_are_sorted_by_their_height_in_the_picture():
    near, far = body(0, 3), body(0, 30)
    pairs = []
    for joints in (near, far, far):
        coco = np.zeros((17, 3))
        coco[5:, :2], coco[5:, 2] = pixels(places(COCO17[5:], joints)), 1
        truth = people2d.honest.Truth(
            joints[None], pixels(joints)[None], np.ones((1, 17), bool), joints[:1], np.array([0])
        )
        pairs += lifting_2d.lifted(
            lambda joints=joints: Knowing({0: joints}), [people2d.Shot(None, 0.0, None, coco[None], truth)]
        )
    table = lifting_2d.rows("set", pairs)
    assert {name: row["people"] for name, row in table.items()} == {
        "set": 3, "set: 0 to 50 px": 2, "set: from 400 px": 1
    }  # fmt: skip


def test_poses_with_a_distance_alone_are_judged_by_it(tmp_path):
    joints = body(0.5, 8)
    keypoints = [[*pixels(place).tolist(), 0.7] for place in places([*["head_top"] * 5, *COCO17[5:]], joints)]
    keypoints[10] = [4, 4, 0]
    person = {"keypoints": keypoints, "fx": 1000, "fy": 1000, "cx": 500, "cy": 400, "depth_z": 10.0}
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "people.json").write_text(json.dumps({"format": "pose-distance-1", "people": [person]}))
    (shot,) = people2d.shots(tmp_path / "set")
    assert shot.coco[0, 10].tolist() == [0, 0, 0]
    row = lifting_2d.rows("set", lifting_2d.lifted(lambda: Knowing({0: joints}), [shot]))["set"]
    assert (row["people"], row["depth"], row["depth_signed"]) == (1, pytest.approx(20), pytest.approx(-20))
    assert np.isnan([row["mpjpe"], row["pck_abs"]]).all()


def test_truth_without_pictures_is_seen_as_far_as_it_lies_in_the_picture(tmp_path):
    joints = body(0, 4)
    joints[BODY17.index("left_wrist")] = [9, 0, 4]
    names = [name for name in COCO17 if name in BODY17]
    person = {
        "id": 7, "joints_cam": places(names, joints).tolist(), "pelvis_cam": joints[0].tolist(),
        "joints_img": pixels(places(names, joints)).tolist(),
    }  # fmt: skip
    frame = {"image": None, "camera": LENS, "persons": [person]}
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "gt.json").write_text(json.dumps({"format": "gt3d-1", "joint_names": names, "frames": [frame]}))
    (shot,) = people2d.shots(tmp_path / "set")
    found = {name for name, joint in zip(COCO17, shot.coco[0], strict=True) if joint[2] == 1}
    assert found == set(names) - {"left_wrist"}
    assert (shot.clip, shot.truth.people.tolist()) == (None, [7])
    frame["image"] = "a.jpg"
    (tmp_path / "set" / "gt.json").write_text(json.dumps({"format": "gt3d-1", "joint_names": names, "frames": [frame]}))
    assert people2d.shots(tmp_path / "set") is None


def test_the_program_lifts_with_the_shipped_networks(tmp_path, capsys):
    """A flat, random figure is nobody's pose; that it is there and not behind the camera is all that can be asked."""
    write_detections(tmp_path / "sets" / "some", {0: {0: body(0, 4)}}, {0: rows_of(body(0, 4))})
    lifting_2d.main([str(tmp_path / "sets")])
    row = json.loads(capsys.readouterr().out.splitlines()[-1])["some"]
    assert (row["people"], row["recall"]) == (1, 100)
    assert 0 < row["depth"] < 100
    with pytest.raises(UsageError, match="no set with 2D poses"):
        lifting_2d.main([str(tmp_path / "sets" / "some")])
