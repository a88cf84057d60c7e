"""Camera, lens and labels of the renderer."""

from types import SimpleNamespace

import numpy as np
import pytest

from duopose.training.synthetic.drawing import light
from duopose.training.synthetic.drawing.camera import camera
from duopose.training.synthetic.drawing.lens import develop, photograph, streak
from duopose.training.synthetic.drawing.render import Posed, Rendered
from duopose.training.synthetic.labels import HIDDEN, OUTSIDE, SEEN, label

RNG = np.random.default_rng


# --- camera and lens


def test_the_camera_looks_along_y_and_its_image_is_upright():
    view = camera(640, 480, np.deg2rad(60), 1.5, 0.1, 0.0)
    ahead, right, above = (view.see(np.array(p, np.float32)) for p in ([0, 5, 1.5], [1, 5, 1.5], [0, 5, 2.5]))
    assert ahead[2] > 4.9
    assert view.project(right)[0] > view.project(ahead)[0]
    assert view.project(above)[1] < view.project(ahead)[1]
    np.testing.assert_allclose(np.cross(view.axes[0], view.axes[1]), view.axes[2], atol=1e-6)


def test_the_field_of_view_reaches_the_edges_of_the_picture():
    view = camera(640, 480, np.deg2rad(60), 0.0, 0.0, 0.0)
    edge = view.project(view.see(np.array([np.tan(np.deg2rad(30)), 1, 0], np.float32)))
    assert edge[0] == pytest.approx(639.5, abs=1e-3)


def test_development_is_the_curve_of_the_gained_light_plus_grain():
    rng = RNG(7)
    picture, gain = rng.uniform(-0.1, 1.3, (7, 9, 3)).astype(np.float32), np.array([0.9, 1, 1.1], np.float32)
    grain = rng.normal(size=(5, 6)).astype(np.float32)
    out = np.empty((7, 9, 3), np.uint8)
    develop(picture, gain, grain, 2.0, light.DISPLAY, out)
    for y, x, c in np.ndindex(out.shape):
        value = (
            light.DISPLAY[int(np.clip(picture[y, x, c] * gain[c], 0, 1) * 4095)]
            + 2 * grain[(y + 17 * c) % 5, (x + 29 * c) % 6]
        )
        assert abs(int(out[y, x, c]) - np.clip(value, 0, 255)) <= 1.01


def test_a_plain_photograph_undoes_the_linear_light():
    levels = RNG(8).integers(0, 256, (6, 5, 3)).astype(np.uint8)
    back = photograph(light.LINEAR[levels], None, plain=True)
    assert np.abs(back.astype(int) - levels)[levels > 40].max() <= 1


def test_a_streak_keeps_the_brightness():
    for length, angle in ((2.0, 0.0), (6.5, 1.0), (7.0, 2.5)):
        assert streak(length, angle).sum() == pytest.approx(1, abs=1e-6)


# --- labels


def labelled(view, joints, nearness, owner, alone):
    """The label of a person who has no flesh beside the joints."""
    figure = SimpleNamespace(used=slice(None), stature=1.7)
    return label(view, Posed(figure, joints, joints, joints), Rendered(None, nearness, owner, [alone]), 0)


def wall(view, depth, owner):
    nearness = np.full((2 * view.height, 2 * view.width), 1 / depth, np.float32)
    return nearness, np.full(nearness.shape, owner, np.int16)


@pytest.mark.parametrize(
    ("depth", "owner", "expect"), [(3.95, 0, SEEN), (3.5, 0, HIDDEN), (3.9, 1, HIDDEN), (4.2, 1, SEEN)]
)
def test_a_joint_is_hidden_by_what_is_nearer(depth, owner, expect):
    view = camera(64, 48, 1.0, 1.0, 0.0, 0.0)
    joints = np.tile(np.array([[0.0, 4.0, 1.0]], np.float32), (17, 1))
    got = labelled(view, joints, *wall(view, depth, owner), 100)
    assert got.visibility[5] == expect  # a shoulder: its own flesh before it does not hide it


def test_joints_out_of_the_picture_or_behind_the_camera_are_outside():
    view = camera(64, 48, 1.0, 1.0, 0.0, 0.0)
    joints = np.tile(np.array([[0.0, 4.0, 1.0]], np.float32), (17, 1))
    joints[0], joints[1] = (9, 4, 1), (0, -4, 1)
    got = labelled(view, joints, *wall(view, 5.0, 0), 0)
    assert got.visibility[:3].tolist() == [OUTSIDE, OUTSIDE, SEEN]


def test_the_box_is_the_extent_of_the_seen_samples():
    view = camera(64, 48, 1.0, 1.0, 0.0, 0.0)
    joints = np.tile(np.array([[0.0, 4.0, 1.0]], np.float32), (17, 1))
    nearness, owner = wall(view, 4.0, -1)
    owner[20:40, 10:30] = 0  # samples: pixels 10..19 down, 5..14 across
    got = labelled(view, joints, nearness, owner, 800)
    np.testing.assert_allclose(got.box, [4.5, 9.5, 10, 10])
    assert got.pixels == 100
    assert got.share == pytest.approx(0.5)
