"""What other programs read in the exported files is what was recorded: by their readers, or by hand."""

import csv
import json
import re
import warnings

import ezc3d
import numpy as np
import pygltflib
import pytest
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
from scipy.spatial.transform import Rotation

from duopose import export
from duopose.exporting.skeleton import JOINTS, NAMES, PARENTS
from duopose.stream.record.reading import frames
from duopose.stream.skeleton import BODY17, L_ANKLE, L_HIP, L_WRIST, NOSE, PELVIS, R_ANKLE, R_HIP, R_WRIST
from tests.duopose.exporting.conftest import COUNT, FIRST, FOUR, LAST, MISSING, ONE
from tests.duopose.exporting.recorded import RATE, walker, write_record

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # bvhio imports a library by its old name
    import bvhio
    import c3d

MM = 1e-3  # m
SEEN = [number not in MISSING for number in range(FIRST, LAST + 1)]
WITHOUT_TIPS = [NAMES.index(name) for name in NAMES if name != "HeadTop"]


def most_off(said, path, identity):
    """m, that the program printed as the largest error of a skeleton."""
    (line,) = [line for line in said.splitlines() if line.startswith(f"{path}:")]
    return MM * float(re.search(rf"person {identity} fits within ([\d.]+) mm", line)[1])


def check_bones(places, person, within):
    """Bones [T, N, 3] begin where the joints were, to what was printed, and keep their lengths."""
    seen = person.motion.seen
    joints = person.motion.joints[seen][:, JOINTS][:, : places.shape[1]]
    assert np.linalg.norm(places[seen] - joints, axis=-1).max() <= within + 0.06 * MM  # printed to 0.1 mm
    for bone in range(1, places.shape[1]):
        lengths = np.linalg.norm(places[:, bone] - places[:, PARENTS[bone]], axis=-1)
        assert np.ptp(lengths) < 0.01 * MM


def check_is_no_mirror(joints):
    """ONE looks at the camera, which looks along -z: left is +x, the right hand is up, the head above the feet."""
    assert joints[NOSE, 1] > joints[PELVIS, 1] > max(joints[R_ANKLE, 1], joints[L_ANKLE, 1])
    assert joints[L_HIP, 0] > joints[R_HIP, 0]
    assert joints[NOSE, 2] > joints[PELVIS, 2]
    assert joints[R_WRIST, 1] > joints[L_WRIST, 1] + 0.2
    assert joints[PELVIS, 2] < -3


@pytest.mark.parametrize("identity", [ONE, FOUR])
def test_bvh_gives_the_joints_back(exported, people, identity):
    folder, said = exported
    path = folder / f"walk_person{identity}.bvh"
    root = bvhio.readAsHierarchy(str(path))
    file = bvhio.readAsBvh(str(path))
    assert file.FrameTime == pytest.approx(1 / RATE, abs=1e-7)
    joints = {joint.Name: joint for joint, _, _ in root.layout()}
    bones = [name for name in NAMES if name in joints]
    assert bones == [NAMES[bone] for bone in WITHOUT_TIPS]
    places = np.zeros((file.FrameCount, len(NAMES) - 1, 3))
    for row in range(file.FrameCount):
        root.loadPose(row)
        for place, name in enumerate(bones):
            places[row, place] = joints[name].PositionWorld
    places /= 100  # cm
    every = np.zeros((len(places), len(NAMES), 3))
    every[:, WITHOUT_TIPS] = places
    every[:, NAMES.index("HeadTop")] = np.nan
    person = people[identity]
    seen, joints = person.motion.seen, person.motion.joints[:, JOINTS]
    off = np.linalg.norm(every - joints, axis=-1)[seen]
    assert np.nanmax(off) <= most_off(said, path, identity) + 0.06 * MM
    for bone in WITHOUT_TIPS[1:]:
        assert np.ptp(np.linalg.norm(every[:, bone] - every[:, PARENTS[bone]], axis=-1)) < 0.01 * MM
    if identity == ONE:
        body = np.zeros((17, 3))
        body[[JOINTS[bone] for bone in WITHOUT_TIPS]] = places[0]
        check_is_no_mirror(body)


def accessor(gltf, number):
    told = gltf.accessors[number]
    view = gltf.bufferViews[told.bufferView]
    width = {"SCALAR": 1, "VEC3": 3, "VEC4": 4, "MAT4": 16}[told.type]
    kind = {5126: "<f4", 5125: "<u4", 5121: "u1"}[told.componentType]
    return np.frombuffer(gltf.binary_blob(), kind, told.count * width, view.byteOffset).reshape(told.count, width)


@pytest.mark.parametrize("identity", [ONE, FOUR])
def test_glb_gives_the_joints_back(exported, people, identity):
    folder, said = exported
    gltf = pygltflib.GLTF2().load(str(folder / "walk.glb"))
    person, (animation,) = people[identity], gltf.animations
    (root,) = [node for node in gltf.nodes if node.name == f"person{identity}"]
    channels = {(channel.target.node, channel.target.path): animation.samplers[channel.sampler]
                for channel in animation.channels}  # fmt: skip
    rows = len(person.motion.times)
    places = {}

    def walk(number, place, turn):
        node = gltf.nodes[number]
        moves, turns = channels.get((number, "translation")), channels.get((number, "rotation"))
        shift = accessor(gltf, moves.output) if moves else np.tile(node.translation, (rows, 1))
        places[node.name] = place + turn.apply(shift)
        for sampler in filter(None, (moves, turns)):
            np.testing.assert_allclose(accessor(gltf, sampler.input)[:, 0], person.motion.times, atol=1e-6)
        if turns:
            quaternions = accessor(gltf, turns.output)
            assert (np.einsum("ti,ti->t", quaternions[1:], quaternions[:-1]) > 0).all()
            turn = turn * Rotation.from_quat(quaternions)
        for child in node.children or ():
            walk(child, places[node.name], turn)

    walk(root.children[0], np.zeros((rows, 3)), Rotation.identity(rows))
    found = np.stack([places[name] for name in NAMES], 1)
    check_bones(found, person, most_off(said, folder / "walk.glb", identity))
    if identity == ONE:
        body = np.zeros((17, 3))
        body[JOINTS] = found[0]
        check_is_no_mirror(body)


def test_in_glb_who_is_not_there_has_no_size(exported):
    gltf = pygltflib.GLTF2().load(str(exported[0] / "walk.glb"))
    (animation,) = gltf.animations
    hips = {
        node.children[0]: node.name for node in gltf.nodes if (node.name or "").startswith("person") and node.children
    }
    sizes = {}
    for channel in animation.channels:
        if channel.target.path == "scale":
            sampler = animation.samplers[channel.sampler]
            assert sampler.interpolation == "STEP"
            rows = np.round(accessor(gltf, sampler.input)[:, 0] * RATE).astype(int).tolist()
            sizes[hips[channel.target.node]] = list(
                zip(rows, accessor(gltf, sampler.output)[:, 0].tolist(), strict=True)
            )
    assert sizes["person1"] == [(0, 1), (COUNT, 0)]
    assert sizes["person4"] == [(0, 0), (FIRST, 1), (MISSING.start, 0), (MISSING.stop, 1), (LAST + 1, 0)]


def test_the_body_in_glb_is_bound_to_the_rest_pose(exported, people):
    gltf = pygltflib.GLTF2().load(str(exported[0] / "walk.glb"))
    for identity, mesh, skin in zip((ONE, FOUR), gltf.meshes, gltf.skins, strict=True):
        (part,) = mesh.primitives
        points, joints = accessor(gltf, part.attributes.POSITION), accessor(gltf, part.attributes.JOINTS_0)[:, 0]
        corners = accessor(gltf, part.indices)[:, 0]
        told = gltf.accessors[part.attributes.POSITION]
        np.testing.assert_array_equal(told.min, points.min(0))
        np.testing.assert_array_equal(told.max, points.max(0))
        assert corners.max() < len(points)
        inverse = accessor(gltf, skin.inverseBindMatrices)[:, 12:15]
        offsets = people[identity].fitted.offsets
        for bone, parent in enumerate(PARENTS[1:], 1):
            np.testing.assert_allclose(inverse[parent] - inverse[bone], offsets[bone], atol=1e-6)
        for bone in set(joints.tolist()):  # the bone's octahedron begins where the bone does
            assert np.linalg.norm(points[joints == bone] + inverse[bone], axis=-1).min() < 1e-6
        shape = points[corners].reshape(-1, 3, 3)
        volume = np.einsum("ti,ti->t", shape[:, 0], np.cross(shape[:, 1], shape[:, 2])).sum() / 6
        assert volume > 0  # faces are seen from outside


def samples(text, name, width):
    """Time samples of a USD attribute -> {time code: float64 [N, width]}."""
    block = re.search(rf"{name}\.timeSamples = \{{(.*?)\n +\}}", text, re.DOTALL)[1]
    lines = re.findall(r"(\d+): \[(.*?)\],\n", block + "\n")
    return {
        int(row): np.array(re.findall(r"-?[\d.]+(?:e-?\d+)?", numbers), float).reshape(-1, width)
        for row, numbers in lines
    }


@pytest.mark.parametrize("identity", [ONE, FOUR])
def test_usda_gives_the_joints_back(exported, people, identity):
    folder, said = exported
    text = (folder / "walk.usda").read_text()
    assert re.search(r"metersPerUnit = 1\n +upAxis = \"Y\"", text)
    assert f"timeCodesPerSecond = {RATE:g}\n" in text
    part = text.split(f'def SkelRoot "Person{identity}"')[1].split("def SkelRoot")[0]
    joints = re.findall(r'"([^"]+)"', re.search(r"joints = \[(.*)\]", part)[1])
    parents = [joints.index(path.rpartition("/")[0]) if "/" in path else -1 for path in joints]
    turns, shifts = samples(part, "rotations", 4), samples(part, "translations", 3)
    first = people[identity].motion.first
    assert list(turns) == list(shifts) == list(range(first, first + len(people[identity].motion.times)))
    found = []
    for row in turns:
        places, world = [], []
        for (w, x, y, z), shift, parent in zip(turns[row], shifts[row], parents, strict=True):
            own = Rotation.from_quat((x, y, z, w))
            places.append(shift if parent < 0 else places[parent] + world[parent].apply(shift))
            world.append(own if parent < 0 else world[parent] * own)
        found.append(places)
    check_bones(np.array(found), people[identity], most_off(said, folder / "walk.usda", identity))
    if identity == FOUR:
        assert (
            f'{{0: "invisible", {FIRST}: "inherited", {MISSING.start}: "invisible", '
            f'{MISSING.stop}: "inherited", {LAST + 1}: "invisible"}}'
        ) in part


def read_trc(path):
    """By the names of its columns, as OpenSim does -> rate, time [T], {label: [T, 3]}, NaN for empty cells."""
    lines = [line.split("\t") for line in path.read_text().split("\n")]
    about = dict(zip(lines[1], lines[2], strict=True))
    assert (about["Units"], int(about["NumMarkers"])) == ("mm", 17)
    labels = [name for name in lines[3][2:] if name]
    assert lines[4][2:] == [f"{axis}{place}" for place in range(1, 18) for axis in "XYZ"]
    rows = np.array([[float(cell or "nan") for cell in line] for line in lines[6:-1]])
    assert len(rows) == int(about["NumFrames"])
    markers = rows[:, 2:].reshape(len(rows), -1, 3)
    return float(about["DataRate"]), rows[:, 1], {label: markers[:, place] for place, label in enumerate(labels)}


@pytest.mark.parametrize("identity", [ONE, FOUR])
def test_trc_holds_the_joints_to_a_millimetre(exported, people, identity):
    rate, times, markers = read_trc(exported[0] / f"walk_person{identity}.trc")
    motion = people[identity].motion
    assert rate == RATE
    np.testing.assert_allclose(times, motion.times, atol=1e-6)
    found = np.stack([markers[name] for name in BODY17], 1)
    np.testing.assert_allclose(found, 1000 * motion.joints, atol=0.01)
    if identity == ONE:
        check_is_no_mirror(found[0] / 1000)
    else:
        assert np.isfinite(found[:, 0, 0]).tolist() == SEEN


@pytest.mark.parametrize("identity", [ONE, FOUR])
def test_c3d_holds_the_joints_to_a_millimetre_for_two_readers(exported, people, identity):
    path, motion = exported[0] / f"walk_person{identity}.c3d", people[identity].motion
    with warnings.catch_warnings(), open(path, "rb") as file:
        warnings.filterwarnings("ignore", "No analog data")
        reader = c3d.Reader(file)
        rows = np.stack([points for _, points, _ in reader.read_frames()])
    assert [label.strip() for label in reader.point_labels] == list(BODY17)
    assert (reader.point_rate, reader.first_frame, reader.last_frame) == (
        RATE, motion.first + 1, motion.first + len(motion.times),
    )  # fmt: skip
    assert (rows[..., 3] >= 0).all(1).tolist() == motion.seen.tolist()
    assert (rows[~motion.seen, :, 3] == -1).all()
    np.testing.assert_allclose(rows[motion.seen, :, :3], 1000 * motion.joints[motion.seen], atol=0.01)

    other = ezc3d.c3d(str(path))
    assert other["parameters"]["POINT"]["UNITS"]["value"] == ["mm"]
    assert other["header"]["points"]["first_frame"] == motion.first
    points = other["data"]["points"][:3].transpose(2, 1, 0)
    np.testing.assert_allclose(points, 1000 * motion.joints, atol=0.01)  # NaN where NaN
    if identity == ONE:
        check_is_no_mirror(points[0] / 1000)


def test_csv_holds_a_row_for_each_person_and_frame(exported, people, record):
    with open(exported[0] / "walk.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == COUNT + LAST + 1 - FIRST
    lines = {line["frame"]: line for _, line in frames(record)}
    for row in rows:
        identity, frame = int(row["id"]), int(row["frame"])
        cells = [row[f"{joint}_{part}"] for joint in BODY17 for part in ("x", "y", "z", "score")]
        found = [person for person in lines[frame]["people"] if person["id"] == identity]
        assert float(row["stamp"]) == lines[frame]["stamp"]
        if not found:
            assert (identity, frame in MISSING) == (FOUR, True)
            assert set(cells) == {""}
            assert row["score"] == row["source"] == row["box_x"] == ""
            continue
        assert row["source"] == found[0]["source"]
        assert float(row["box_width"]) == pytest.approx(found[0]["box"][2], abs=1e-3)
        numbers = np.array(cells, float).reshape(17, 4)
        expected = people[identity].joints[people[identity].track.rows.tolist().index(frame)]
        np.testing.assert_allclose(numbers[:, :3], expected, atol=1e-4)
        np.testing.assert_allclose(numbers[:, 3], np.array(found[0]["joints2d"])[:, 2], atol=1e-4)


def test_coco_is_read_by_the_evaluation_of_coco_which_finds_everyone(exported, record, capsys):
    path = exported[0] / "walk.coco.json"
    truth = COCO(str(path))
    annotations = json.loads(path.read_text())["annotations"]
    evaluation = COCOeval(truth, truth.loadRes(annotations), "keypoints")
    evaluation.evaluate()
    evaluation.accumulate()
    evaluation.summarize()
    assert evaluation.stats[0] == pytest.approx(1)
    lines = {line["frame"]: line for _, line in frames(record)}
    for annotation in annotations:
        line = lines[annotation["image_id"]]
        (person,) = [person for person in line["people"] if person["id"] == annotation["track_id"]]
        found, expected = np.reshape(annotation["keypoints"], (17, 3)), np.array(person["coco2d"])
        np.testing.assert_allclose(found[:, :2], expected[:, :2], atol=0.006)
        assert truth.imgs[annotation["image_id"]]["width"] == line["width"]


def test_parquet_holds_the_columns_of_csv(exported, record, tmp_path):
    pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    from pyarrow import parquet

    export.main([str(record), "--to", "parquet", "--out", str(tmp_path)])
    table = parquet.read_table(tmp_path / "walk.parquet")
    with open(exported[0] / "walk.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert table.column_names == list(rows[0])
    for row, other in zip(rows, table.to_pylist(), strict=True):
        for name, cell in row.items():
            if cell == "":
                assert other[name] is None
            elif isinstance(other[name], str):
                assert cell == other[name]
            else:
                assert float(cell) == pytest.approx(other[name], abs=1e-4)


def test_frames_that_a_word_can_not_number_are_numbered_all_the_same(tmp_path):
    path, late = tmp_path / "long.jsonl", 72000  # 40 minutes
    joints = walker(np.arange(COUNT) / RATE)
    write_record(path, {ONE: (0, joints, ())}, COUNT)
    write_record(path, {FOUR: (late, joints, ())}, COUNT, begin=late, header=False)
    export.main([str(path), "--to", "c3d", "--person", "4"])
    file = ezc3d.c3d(str(tmp_path / "long_person4.c3d"))  # c3d 0.6 counts the high word by 65535
    assert file["data"]["points"].shape == (4, 17, COUNT)
    trial = file["parameters"]["TRIAL"]
    for name, frame in (("ACTUAL_START_FIELD", late + 1), ("ACTUAL_END_FIELD", late + COUNT)):
        low, high = np.array(trial[name]["value"]) % 2**16
        assert low + high * 2**16 == frame
