import json

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from duopose.kernels import grouping
from tests.kernels import naive
from tests.places import GOLDEN

REFERENCE = {"exact": False, "padding": 1e10}  # the public implementation
ORDERS = {"muco14": grouping.MUCO_ORDER, "coco17": grouping.COCO_ORDER}
VARIANTS = {"people": (REFERENCE, 1.0), "people_authors": (grouping.AUTHORS, 1.5)}


@pytest.fixture(scope="module")
def golden():
    with np.load(GOLDEN / "grouping.npz") as arrays:
        return dict(arrays)


CASES = json.loads((GOLDEN / "grouping.json").read_text())["cases"]
CERTAIN = [case for case in CASES if not case["solver_dependent"]]
VARIED = [(case, variant) for case in CERTAIN for variant in VARIANTS if variant == "people" or case["joints"] == 14]


def names(values):
    return "-".join(
        v["name"] if isinstance(v, dict) else v for v in (values if isinstance(values, tuple) else (values,))
    )


def detections(golden, case):
    i = case["case"]
    return golden[f"c{i}_val"], golden[f"c{i}_loc"].astype(np.float32), golden[f"c{i}_tag"], ORDERS[case["joint_order"]]


@pytest.mark.parametrize(("joints", "top_k"), [(0, 0), (17, 0), (17, 3)])
def test_no_detections_are_no_people(joints, top_k):
    order = np.arange(joints, dtype=np.int32)
    empty = np.zeros((joints, top_k), np.float32)
    people = grouping.group(empty, np.zeros((joints, top_k, 2), np.float32), empty[..., None], order)
    assert people.shape == (0, joints, 4)


@pytest.mark.parametrize("varied", VARIED, ids=names)
def test_people_equal_the_reference(golden, varied):
    case, variant = varied
    rules, _ = VARIANTS[variant]
    people = grouping.group(*detections(golden, case), **rules)
    np.testing.assert_array_equal(people, golden[f"c{case['case']}_{variant}"])
    np.testing.assert_allclose(people[..., 2].mean(1), golden[f"c{case['case']}_scores"], rtol=1e-6)


@pytest.mark.parametrize("varied", [(c, v) for c, v in VARIED if c["dense"]], ids=names)
def test_adjusted_and_completed_people_equal_the_reference(golden, varied):
    case, variant = varied
    rules, divisor = VARIANTS[variant]
    i = case["case"]
    people = grouping.group(*detections(golden, case), **rules)
    adjusted = grouping.adjust(people, golden[f"c{i}_det"])
    refined = grouping.refine_missing(adjusted, golden[f"c{i}_det"], golden[f"c{i}_tagmap"], divisor)
    expect = golden[f"c{i}_{variant}_refined"]
    expect[..., :2] -= 0.5 * (expect[..., 2:] > 0)  # the reference counts from the corner of a pixel
    np.testing.assert_array_equal(refined, expect)
    if variant == "people":
        expect = golden[f"c{i}_people_adjusted"]
        expect[..., :2] -= 0.5 * (expect[..., 2:3] > 0)
        np.testing.assert_array_equal(adjusted, expect)


@pytest.mark.parametrize("case", CERTAIN, ids=names)
def test_the_exact_cost_gives_the_same_people_where_the_reference_is_certain(golden, case):
    people = grouping.group(*detections(golden, case))
    np.testing.assert_array_equal(people, golden[f"c{case['case']}_people"])


def recall(people, drawn):
    """Share of drawn joints within 2.5 px of their person's, people matched one to one for the best sum."""
    hit = np.linalg.norm(people[:, None, :, :2] - drawn[None], axis=-1) <= 2.5
    hit &= (people[:, None, :, 2] > 0) & (drawn[None, ..., 0] >= 0)
    hits = hit.sum(-1)
    return hits[linear_sum_assignment(-hits)].sum() / (drawn[..., 0] >= 0).sum()


@pytest.mark.parametrize("rules", [REFERENCE, grouping.AUTHORS, {}], ids=["reference", "authors", "exact"])
@pytest.mark.parametrize("case", [case for case in CASES if case["solver_dependent"]], ids=names)
def test_stray_detections_cost_no_more_joints_than_in_the_reference(golden, case, rules):
    arrays = detections(golden, case)
    people = grouping.group(*arrays, **rules)
    assert recall(people, golden[f"c{case['case']}_drawn"]) >= case["reference_joint_recall"] - 0.04
    used = np.sort(people[..., 2][people[..., 2] > 0])
    np.testing.assert_array_equal(used, np.sort(arrays[0][arrays[0] > np.float32(0.1)]))


@pytest.mark.parametrize("rules", [REFERENCE, grouping.AUTHORS, {}], ids=["reference", "authors", "exact"])
def test_people_match_the_definition_on_random_detections(rules):
    rng = np.random.default_rng(3)
    for tag_size in (1, 2):
        values = rng.random((6, 5), np.float32)
        xy = rng.uniform(0, 60, (6, 5, 2)).astype(np.float32)
        # two people 3 apart in their tags: no distance is near a rounding step, no assignment as good as another
        tags = (rng.integers(0, 2, (6, 5, 1)) * 3 + rng.uniform(-0.2, 0.2, (6, 5, tag_size))).astype(np.float32)
        values[:, 2:] *= 0.1
        order = np.arange(6, dtype=np.int32)[::-1].copy()
        expect = naive.group(values, xy, tags, order, 0.3, **rules)
        np.testing.assert_allclose(grouping.group(values, xy, tags, order, 0.3, **rules), expect, rtol=1e-6)


def test_people_in_boxes_match_the_definition_on_random_detections():
    rng = np.random.default_rng(4)
    order = np.arange(6, dtype=np.int32)
    boxes = np.float32([[5, 5, 20, 50], [22, 0, 16, 58], [40, 30, 19, 25]])
    for count in range(4):
        values = rng.uniform(0.2, 1, (6, 5)).astype(np.float32)
        xy = rng.uniform(0, 60, (6, 5, 2)).astype(np.float32)
        tags = rng.uniform(0, 1.5, (6, 5, 1)).astype(np.float32)
        expect = naive.group(values, xy, tags, order, boxes=boxes[:count])
        people = grouping.group(values, xy, tags, order, boxes=boxes[:count])
        np.testing.assert_allclose(people, expect, rtol=1e-6)
        assert len(people) >= count


def test_people_beyond_the_limit_gain_no_joints():
    values = np.full((2, 3), 0.9, np.float32)
    xy = np.zeros((2, 3, 2), np.float32)
    tags = np.array([[[0], [5], [10]], [[0], [5], [10]]], np.float32)
    assert len(grouping.group(values, xy, tags, np.arange(2, dtype=np.int32), max_people=3)) == 3
    people = grouping.group(values, xy, tags, np.arange(2, dtype=np.int32), max_people=2)
    assert (people[..., 2] > 0).sum(1).tolist() == [2, 2, 1, 1]


def test_a_tag_that_is_no_number_founds_a_person_of_its_own():
    values = np.full((2, 1), 0.9, np.float32)
    tags = np.array([[[0]], [[np.nan]]], np.float32)
    assert len(grouping.group(values, np.zeros((2, 1, 2), np.float32), tags, np.arange(2, dtype=np.int32))) == 2


def test_completing_nobody_gives_nobody():
    people = np.zeros((0, 2, 4), np.float32)
    maps = np.zeros((2, 4, 4), np.float32)
    assert grouping.refine_missing(people, maps, maps[..., None]).shape == (0, 2, 3)
    assert grouping.adjust(people, maps).shape == (0, 2, 4)


def test_missing_joints_match_their_definition():
    rng = np.random.default_rng(1)
    heatmaps = rng.random((3, 6, 7), np.float32)
    tagmaps = rng.uniform(-2, 2, (3, 6, 7, 2)).astype(np.float32)
    people = np.zeros((2, 3, 5), np.float32)
    people[0, 0], people[1, 2] = [2.25, 3.75, 0.8, 0, 0], [5, 1, 0.4, 0, 0]
    for divisor in (1.0, 1.5):
        expect = naive.refine_missing(people, heatmaps, tagmaps, divisor)
        np.testing.assert_allclose(grouping.refine_missing(people, heatmaps, tagmaps, divisor), expect, rtol=1e-6)
