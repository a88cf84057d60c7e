"""Programs that are not ours put every bone where the fitted skeleton has it: upright, in metres, facing the right way.

What is small is asked in each run of the tests; Blender (350 MB), OpenSim and three.js where somebody wants to know:

    pip install bpy opensim vmcp
    pytest -m slow tests/duopose/exporting/test_other_programs.py
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from duopose.exporting.skeleton import CROWN, NAMES, pose
from duopose.stream.skeleton import BODY17
from tests.duopose.exporting.conftest import FOUR, ONE
from tests.duopose.exporting.recorded import RATE
from tests.places import ROOT
from tests.waiting import LONG

MM = 1e-3  # m
HERE = Path(__file__).parent
TO_Y_UP = np.array([[1, 0, 0], [0, 0, 1], [0, -1, 0]])  # from Blender's world, whose z is up


def skeleton(person):
    """Where the bones of the files begin: float64 [T, 18, 3], metres, y up."""
    fitted = person.fitted
    turns = Rotation.from_quat(fitted.rotations.reshape(-1, 4)).as_matrix().reshape(*fitted.rotations.shape[:2], 3, 3)
    return pose(fitted.offsets, fitted.root, turns)


def check(found, person, rows=slice(None), tolerance=0.1 * MM):
    """{bone: [[x, y, z], ...]} of the rows of a person, in metres, y up."""
    wanted = skeleton(person)[rows]
    assert {name for name in NAMES if name != NAMES[CROWN]} <= set(found)
    for bone, name in enumerate(NAMES):
        if name in found:
            np.testing.assert_allclose(np.array(found[name]), wanted[:, bone], atol=tolerance, err_msg=name)


def check_faces_the_camera(found):
    """ONE looks along +z of the files, in which left is +x; the first row of {bone: places}, y up."""
    first = {name: np.array(places[0]) for name, places in found.items()}
    assert first["Head"][1] > first["Hips"][1] + 0.4 > first["LeftFoot"][1] + 0.8
    assert first["LeftUpperLeg"][0] > first["RightUpperLeg"][0]
    assert first["Head"][2] > first["Neck"][2]


@pytest.mark.parametrize("identity", [ONE, FOUR])
def test_usd_itself_puts_the_bones_where_they_were_and_hides_who_is_not_there(exported, people, identity):
    from pxr import Gf, Usd, UsdGeom, UsdSkel

    stage = Usd.Stage.Open(str(exported[0] / "walk.usda"))
    assert (UsdGeom.GetStageUpAxis(stage), UsdGeom.GetStageMetersPerUnit(stage)) == ("Y", 1)
    assert stage.GetTimeCodesPerSecond() == RATE
    root = UsdSkel.Root(stage.GetPrimAtPath(f"/People/Person{identity}"))
    cache = UsdSkel.Cache()
    cache.Populate(root, Usd.PrimDefaultPredicate)
    (prim,) = [prim for prim in Usd.PrimRange(root.GetPrim()) if prim.IsA(UsdSkel.Skeleton)]
    query, person = cache.GetSkelQuery(UsdSkel.Skeleton(prim)), people[identity]
    names = [path.rpartition("/")[2] for path in query.GetJointOrder()]
    found, shown = {name: [] for name in names}, []
    for row in range(len(person.motion.times)):
        time = Usd.TimeCode(person.motion.first + row)
        home = UsdGeom.Xformable(prim).ComputeLocalToWorldTransform(time)
        for name, matrix in zip(names, query.ComputeJointSkelTransforms(time), strict=True):
            found[name].append([*(Gf.Matrix4d(matrix) * home).ExtractTranslation()])
        shown.append(UsdGeom.Imageable(root).ComputeVisibility(time) != UsdGeom.Tokens.invisible)
    check(found, person)
    assert shown == person.motion.seen.tolist()
    if identity == ONE:
        check_faces_the_camera(found)


@pytest.fixture(scope="module")
def in_blender(exported, tmp_path_factory):
    """{path of a file: what `in_blender` says of it}"""
    pytest.importorskip("bpy", reason="Blender is not installed: pip install bpy")
    files = sorted(str(path) for path in exported[0].iterdir() if path.suffix in (".bvh", ".glb", ".usda"))
    out = tmp_path_factory.mktemp("blender") / "places.json"
    words = [sys.executable, "-m", "tests.duopose.exporting.in_blender", str(RATE), str(out), *files]
    run = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=LONG)
    assert run.returncode == 0, run.stderr[-2000:]
    return {Path(path).name: told for path, told in json.loads(out.read_text()).items()}


def y_up(places):
    return {bone: np.array(rows) @ TO_Y_UP.T for bone, rows in places.items()}


@pytest.mark.slow
@pytest.mark.parametrize("identity", [ONE, FOUR])
def test_blender_opens_bvh_upright_in_metres_facing_its_front_view(in_blender, people, identity):
    told = in_blender[f"walk_person{identity}.bvh"]
    assert told["fps"] == pytest.approx(RATE)
    (places,) = told["places"].values()
    found = y_up(places)
    check(found, people[identity])
    if identity == ONE:
        check_faces_the_camera(found)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["glb", "usda"])
def test_blender_opens_glb_and_usd_upright_in_metres_facing_its_front_view(in_blender, people, kind):
    told = in_blender[f"walk.{kind}"]
    assert len(told["places"]) == 2
    for identity in (ONE, FOUR):
        motion = people[identity].motion
        first = motion.first - told["first"]
        rows = first + np.flatnonzero(motion.seen)  # else the person has no size
        everyone = [y_up(places) for places in told["places"].values()]
        wanted = skeleton(people[identity])[0, 0]
        found = min(everyone, key=lambda one: np.linalg.norm(np.array(one["Hips"])[first] - wanted))
        check({bone: places[rows] for bone, places in found.items()}, people[identity], motion.seen)
        if identity == ONE:
            check_faces_the_camera(found)


@pytest.fixture(scope="module")
def in_three(exported, people, tmp_path_factory):
    """{name of a file: what three.js says of it}"""
    folder = tmp_path_factory.mktemp("three")
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip("no node and npm to test with")
    made = subprocess.run(["npm", "install", "--no-save", "--prefix", str(folder), "three"], capture_output=True)
    if made.returncode:
        pytest.skip("npm brings no three.js")
    program = shutil.copy(HERE / "in_three.mjs", folder)
    late = 1e-5  # s after each key: which of two steps holds at the key itself is a matter of rounding
    times = {str(exported[0] / "walk.glb"): (people[ONE].motion.times + late).tolist()}
    for identity in (ONE, FOUR):
        rows = np.arange(len(people[identity].motion.times))
        times[str(exported[0] / f"walk_person{identity}.bvh")] = (rows / RATE).tolist()
    (folder / "times.json").write_text(json.dumps(times))
    words = ["node", str(program), str(folder / "times.json"), *times]
    run = subprocess.run(words, capture_output=True, text=True, timeout=LONG)
    assert run.returncode == 0, run.stderr[-2000:]
    return {Path(path).name: told for path, told in json.loads(run.stdout).items()}


@pytest.mark.slow
@pytest.mark.parametrize("identity", [ONE, FOUR])
def test_three_js_plays_glb_and_bvh(in_three, people, identity):
    motion = people[identity].motion
    rows = slice(motion.first, motion.first + len(motion.times))
    found = in_three["walk.glb"][f"person{identity}"]
    seen = motion.seen  # else the person has no size
    check({bone: np.array(places)[rows][seen] for bone, places in found.items()}, people[identity], seen)
    (found,) = in_three[f"walk_person{identity}.bvh"].values()
    found = {bone: np.array(places) / 100 for bone, places in found.items() if bone in NAMES}
    check(found, people[identity])
    if identity == ONE:
        check_faces_the_camera(found)


@pytest.mark.slow
@pytest.mark.parametrize("identity", [ONE, FOUR])
def test_opensim_reads_trc(exported, people, identity):
    opensim = pytest.importorskip("opensim", reason="OpenSim is not installed: pip install opensim")
    table = opensim.TimeSeriesTableVec3(str(exported[0] / f"walk_person{identity}.trc"))
    motion = people[identity].motion
    assert table.getTableMetaDataString("Units") == "mm"
    assert float(table.getTableMetaDataString("DataRate")) == RATE
    assert list(table.getColumnLabels()) == list(BODY17)
    np.testing.assert_allclose(table.getIndependentColumn(), motion.times, atol=1e-6)
    for place, name in enumerate(BODY17):
        column = table.getDependentColumn(name)
        found = np.array([[column[row][axis] for axis in range(3)] for row in range(len(motion.times))])
        np.testing.assert_allclose(found[motion.seen], 1000 * motion.joints[motion.seen, place], atol=0.01)
        assert np.isnan(found[~motion.seen]).all()
