"""What the top-down branch says of pictures: kept beside labels, moved with the picture, drawn as guides."""

import json
from pathlib import Path

import numpy as np
import pytest

from duopose.kernels.render import draw_joints
from duopose.stream.errors import UsageError
from duopose.stream.skeleton import COCO_MIRROR
from duopose.training import top_down_answers
from duopose.training.images import guides as drawn
from duopose.training.images.answers import Answered, join
from duopose.training.images.pictures import Guides, around, beside, view
from tests.training.images.test_people import picture

RENDERED = Path(__file__).parents[2] / "golden/rendered"


def guided(depth=np.nan, focal=np.nan):
    """A picture of one person whom the top-down branch found, of unknown depth."""
    one = picture()._replace(depths=np.full((1, 17), depth, np.float32), focal=focal)
    return one._replace(guides=Guides(one.joints * (1, 1, 0.5), np.float32([42])))


def write(path, *answers):
    np.savez(path, **join(answers))
    return path


def test_answers_lie_beside_labels_and_known_depths_stay(tmp_path):
    first, second = guided(), guided(3.0, 100.0)
    nobody = Guides(np.zeros((0, 17, 3)), np.zeros(0))
    depths = np.full((1, 17), 2.0)
    path = write(tmp_path / "a.npz", (nobody, depths, 50.0), (second.guides, depths, 50.0))
    one, two = (Answered([first, second], path)[i] for i in (0, 1))
    assert (len(one.guides.sizes), len(two.guides.sizes)) == (0, 1)
    np.testing.assert_allclose(two.guides.joints, second.guides.joints)
    assert (one.focal, two.focal) == (50.0, 100.0)
    assert (one.depths[0, 0], two.depths[0, 0]) == (2.0, 3.0)


def test_answers_about_other_pictures_are_refused(tmp_path):
    path = write(tmp_path / "a.npz", (guided().guides, np.zeros((1, 17)), 50.0))
    with pytest.raises(UsageError, match="answers about 1 pictures, there are 2"):
        Answered([guided(), guided()], path)


@pytest.mark.parametrize("mirrored", [False, True])
def test_guides_move_with_the_joints(mirrored):
    seen = view(guided(), around(np.array([60, 45]), 0.5, 0.3, mirrored, 200, 200), 200, 200)
    np.testing.assert_allclose(seen.guides.joints[..., :2], seen.joints[..., :2], atol=1e-4)
    assert seen.guides.sizes[0] == pytest.approx(21)
    two = beside(seen, seen)
    np.testing.assert_allclose(two.guides.joints[..., :2], two.joints[..., :2], atol=1e-4)
    assert beside(seen, seen._replace(guides=None)).guides is None


def test_a_mirrored_guide_knows_left_from_right():
    before = guided()
    before.guides.joints[0, 9, 2] = 0.1
    after = view(before, around(np.array([59.5, 44.5]), 1.0, 0.0, True, 120, 90), 120, 90)
    assert after.guides.joints[0, COCO_MIRROR[9], 2] == pytest.approx(0.1)


def test_real_guides_are_drawn_as_the_node_draws_them(monkeypatch):
    monkeypatch.setattr(drawn, "REAL", 1)
    monkeypatch.setattr(drawn, "BLANK", 0)
    monkeypatch.setattr(drawn, "MISSED", 0)
    one = guided()
    expect = draw_joints(one.guides.joints.astype(np.float32), one.guides.sizes, 90, 120)
    np.testing.assert_array_equal(drawn.guides(one, np.random.default_rng(0)), expect)


def test_the_program_asks_the_shipped_branch_about_every_picture(tmp_path, capsys):
    top_down_answers.main(["--rendered", str(RENDERED), "--out", str(tmp_path)])
    figures = json.loads(capsys.readouterr().out.splitlines()[-1])["rendered"]
    assert figures["found"] >= 1
    with np.load(tmp_path / "rendered.npz") as file:
        assert len(file["start"]) == figures["pictures"] + 1
        assert len(file["depths"]) == figures["labelled"]
