import numpy as np

from duopose.nodes.cues.appearance import describe, likeness
from duopose.nodes.extents import extents
from duopose.nodes.tracking import MIN_LIKENESS
from tests.painted import paint, standing

RED, DARK_RED, BLUE, BLACK, WHITE = (200, 30, 30), (150, 25, 25), (30, 30, 200), (20, 20, 20), (235, 235, 235)


def looks(*colours, joints=17):
    poses = np.stack([standing(100 + 120 * n, 240) for n in range(len(colours))])
    image = paint(poses, colours)
    poses[:, joints:, 2] = 0
    return describe(image, poses, extents(poses))


def test_nobody_looks_like_nothing():
    none = describe(paint([]), np.zeros((0, 17, 3), np.float32), np.zeros((0, 4), np.float32))
    assert none.shape[0] == 0
    assert likeness(none, looks(RED)).shape == (0, 1)


def test_someone_looks_like_themselves():
    np.testing.assert_allclose(likeness(looks(RED), looks(RED)), 1, atol=1e-5)


def test_colours_and_greys_are_told_apart_but_not_shades():
    alike = likeness(looks(RED, BLUE, BLACK, WHITE), looks(RED, BLUE, BLACK, WHITE, DARK_RED))
    others = alike[:, :4][~np.eye(4, dtype=bool)]
    assert others.max() < MIN_LIKENESS  # though half of what is compared, the thighs, is the same grey for all
    assert alike[0, 4] > 0.9


def test_thighs_that_are_not_seen_are_not_compared():
    alike = likeness(looks(RED, BLUE, joints=13), looks(RED, joints=13))
    assert alike[0, 0] > 0.99
    assert alike[1, 0] < 0.3


def test_a_torso_without_shoulders_is_guessed_from_the_box():
    pose = standing(300, 240)
    lacking = pose.copy()
    lacking[5] = 0
    image = paint([pose], [RED])
    alike = likeness(
        describe(image, lacking[None], extents(pose[None])), describe(image, pose[None], extents(pose[None]))
    )
    assert alike[0, 0] > 0.8
