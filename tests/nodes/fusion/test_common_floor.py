"""People who walk on one floor are put where it says; everybody else stays where they are, to the bit."""

import msgspec
import numpy as np
import pytest
from scipy.optimize import least_squares

from duopose.nodes.fusion import common_floor
from duopose.nodes.fusion.camera_height import moved
from duopose.nodes.fusion.common_floor import CommonFloor, solve
from duopose.nodes.fusion.fusion import Fusion
from duopose.nodes.fusion.standing import SOLE
from duopose.stream.skeleton import PELVIS, coco_to_body
from tests.duopose.calibrate.walkers import scenes
from tests.nodes.fusion.test_fusion import mean, poses

TOO_LARGE = np.array([0.0, 0.16, -0.04])  # logarithms: the second is a child, taken for an adult


def play(node, sizes=TOO_LARGE, seconds=8, high=1.5, tilt=6.0, **how):
    """People who walk, so many times too large: their true joints, as the networks see them, as the node says."""
    rng = np.random.default_rng(0)
    for scene in scenes(tilt=tilt, high=high, field=60.0, seconds=seconds, people=len(sizes), **how):
        wrong = scene.joints * np.exp(sizes + rng.normal(0, 0.02, len(sizes)))[:, None, None].astype(np.float32)
        yield scene.joints, wrong, node.step(scene.frame, scene.ids, wrong, coco_to_body(scene.coco)[..., 2])


def off(out, true):
    """How many times too far away, logarithm [N]."""
    return np.log(np.linalg.norm(out[:, PELVIS], axis=1) / np.linalg.norm(true[:, PELVIS], axis=1))


def test_a_child_beside_adults_is_put_where_its_feet_are():
    shown = [(off(wrong, true), off(out, true)) for true, wrong, out in play(CommonFloor())]
    before, after = np.median(np.array(shown)[-20:], axis=0)
    assert before[1] > 0.13
    assert np.ptp(before) > 3 * np.ptp(after)
    assert np.abs(after).max() < 0.06


def test_who_is_moved_stays_on_their_rays_and_moves_gradually():
    before = np.ones((3, 1))
    for _, wrong, out in play(CommonFloor()):
        np.testing.assert_allclose(out[..., :2] / out[..., 2:], wrong[..., :2] / wrong[..., 2:], atol=1e-5)
        now = out[:, PELVIS, 2:] / wrong[:, PELVIS, 2:]
        assert np.abs(now - before).max() < 0.04
        before = now


@pytest.mark.parametrize(("lens", "tilt"), [(1.0, 6.0), (1.0, 25.0), (1.2, 25.0), (1 / 1.2, 25.0)])
def test_right_sizes_stay_even_if_the_guessed_lens_is_wrong(lens, tilt):
    node = CommonFloor()
    for scene in scenes(tilt=tilt, high=2.6, field=60.0, seconds=8):
        said = moved(scene.joints, np.zeros(3), -np.log(lens))
        out = node.step(scene.frame, scene.ids, said, coco_to_body(scene.coco)[..., 2])
    assert node.sizes
    assert np.ptp(off(out, said)) < 0.04


@pytest.mark.parametrize(
    ("node", "how"),
    [(CommonFloor(False), {}), (CommonFloor(), {"sizes": np.array([0.16])}), (CommonFloor(), {"sit": True})],
    ids=["off", "alone", "sitting"],
)
def test_without_people_who_stand_together_nothing_changes(node, how):
    for _, wrong, out in play(node, **how):
        np.testing.assert_array_equal(out, wrong)


def test_stills_know_no_floor():
    node = CommonFloor()
    for _ in play(node):
        pass
    *_, scene = scenes(tilt=6.0, seconds=1)
    still = msgspec.structs.replace(scene.frame, still=True)
    out = node.step(still, scene.ids, scene.joints, coco_to_body(scene.coco)[..., 2])
    np.testing.assert_array_equal(out, scene.joints)


def observed(people=4, each=5, seed=0, uneven=0.0):
    """Steps of people on a floor 1.5 m below the camera, as `solve` takes them, and how much too large they are."""
    rng = np.random.default_rng(seed)
    sizes, seen = rng.normal(0, 0.08, people), []
    for who in np.repeat(np.arange(people), each):
        x, z = rng.uniform(-2, 2), rng.uniform(3, 8)
        foot = np.array([x, 1.5 - SOLE + 0.02 * x - 0.1 * z + rng.normal(0, uneven), z]) * np.exp(sizes[who])
        up = np.array([0.02, -1, -0.1]) + rng.normal(0, 0.03, 3)
        seen.append((who, foot + rng.normal(0, 0.02, 3), up / np.linalg.norm(up)))
    return seen, sizes


@pytest.mark.parametrize("seed", range(3))
def test_it_is_the_least_squares(seed):
    each = 5
    seen, _ = observed(each=each, seed=seed)
    who, feet, ups = (np.array(part) for part in zip(*seen, strict=True))

    def residuals(unknown):
        height, roll, tilt, lean, *sizes = unknown
        x, y, z = (feet * np.exp(-np.array(sizes)[who])[:, None]).T
        away = y + SOLE - height - roll * x - tilt * z
        lean_x, lean_z = ups[:, 0] / -ups[:, 1] - roll, ups[:, 2] / -ups[:, 1] - tilt - lean
        return np.concatenate([
            away / common_floor.FOOT_SD / np.sqrt(each * (1 + (away / common_floor.OUTLIER) ** 2)),
            np.append(lean_x, lean_z) / common_floor.LEAN_SD / np.sqrt(each),
            (unknown[:4] - np.array(common_floor.PRIOR)) / common_floor.PRIOR_SD,
            np.array(sizes) / common_floor.SIZE_SD,
        ])  # fmt: skip

    expect = least_squares(residuals, [*common_floor.PRIOR, *np.zeros(4)]).x[4:]
    np.testing.assert_allclose([solve(seen)[n] for n in range(4)], expect, atol=2e-3)


def test_sizes_that_differ_are_found():
    seen, sizes = observed(each=10)
    found = np.array([solve(seen)[n] for n in range(4)])
    assert np.abs(found - found.mean() - sizes + sizes.mean()).max() < 0.03


def test_people_at_different_levels_have_no_floor():
    assert solve(observed(each=10, uneven=0.5)[0]) == {}


def test_fusion_asks_the_floor_only_where_nobody_said_how_tall_or_how_high():
    for said, on in (({}, True), ({"height": 1.7}, False), ({"camera_height": 2.6}, False)):
        fusion = Fusion(mean, 20, **said)
        fusion.step(poses((-1, 3), (1, 5)), poses())
        assert fusion.common_floor.on is on
