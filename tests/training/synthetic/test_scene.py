from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from duopose.stream.skeleton import BODY17, COCO17
from duopose.training.synthetic import clips, make
from duopose.training.synthetic.drawing import things
from duopose.training.synthetic.drawing.camera import camera
from duopose.training.synthetic.drawing.render import pose, render
from duopose.training.synthetic.drawing.things import draw_thing
from duopose.training.synthetic.labels import HIDDEN, SEEN
from duopose.training.synthetic.moves.motion import Capture
from duopose.training.synthetic.moves.postures import seated
from duopose.training.synthetic.scene import Generator
from tests.training.synthetic.skeletons import skeleton


@pytest.fixture(scope="module")
def generator(folders):
    return Generator(*folders, seed=5)


def test_a_frame_of_a_seed_is_the_same_whenever_it_is_made(folders, generator):
    first = [generator.frame(n) for n in (0, 1, 40)]
    other = Generator(*folders, seed=5)
    for n, frame in reversed(list(zip((0, 1, 40), first, strict=True))):
        again = other.frame(n)
        np.testing.assert_array_equal(again.image, frame.image)
        for a, b in zip(again.people, frame.people, strict=True):
            np.testing.assert_array_equal(a.coco3d, b.coco3d)
    assert not np.array_equal(Generator(*folders, seed=6).frame(0).image, first[0].image)


def test_the_stored_joints_project_to_the_stored_pixels(generator):
    people = 0
    for number in range(12):
        frame = generator.frame(number)
        view = frame.camera
        assert frame.image.shape == (view.height, view.width, 3)
        for person in frame.people:
            front = person.coco3d[:, 2] > 0.1
            pixels = person.coco3d[front, :2] / person.coco3d[front, 2:] * view.focal + [view.cx, view.cy]
            np.testing.assert_allclose(pixels, person.coco2d[front], atol=0.02)
            people += 1
    assert people > 12


def test_someone_behind_another_is_hidden_and_the_nearer_is_not(generator):
    figures = [generator.person(n) for n in (0, 1)]
    stand = [Capture(skeleton(np.random.default_rng(3))[0])] * 2
    people = [
        person.moved([0, y, 0])
        for person, y in zip(pose(generator.pack, figures, stand, np.zeros(2)), (3.0, 4.0), strict=True)
    ]
    view = camera(160, 120, 1.0, 1.2, 0.0, 0.0)
    background, light, floor = generator.background(view, "room", np.random.default_rng(0))
    shown = render(people, view, background, light, generator.wardrobe, floor)
    near, far = (clips.label(view, person, shown, n) for n, person in enumerate(people))
    assert near.share == pytest.approx(1, abs=0.05)
    assert far.share < 0.3
    assert (far.visibility == HIDDEN).sum() > 12
    assert (near.visibility == SEEN).sum() > 12
    assert near.box[3] > 60


def test_people_stand_on_the_floor(generator):
    figure = generator.person(3)
    captures = list(map(Capture, skeleton(np.random.default_rng(4), 5)))
    for person in pose(generator.pack, [figure] * 5, captures, np.arange(5.0)):
        assert person.vertices[figure.used, 2].min() == pytest.approx(0, abs=1e-5)
        np.testing.assert_allclose(person.body[0, :2], 0, atol=1e-5)


def test_a_thing_touches_who_stands_in_it_only(generator):
    thing = draw_thing(np.random.default_rng(1), generator.wardrobe, [1.0, 3.0], 0.4)
    inside, outside = np.array([[1.0, 3.0, 0.2]]), np.array([[4.0, 3.0, 0.2]])
    assert thing.touches(inside)
    assert not thing.touches(outside)
    assert thing.vertices[:, 2].min() == pytest.approx(0, abs=1e-6)


def test_a_shard_gives_back_every_frame_and_label(generator):
    frames = [(n, generator.frame(n)) for n in range(4)]
    shard = make.pack_frames(frames, 5)
    assert len(shard["person_start"]) == len(shard["image_start"]) == 5
    for f, (_, frame) in enumerate(frames):
        image = cv2.imdecode(
            shard["image"][shard["image_start"][f] : shard["image_start"][f + 1]], cv2.IMREAD_COLOR_RGB
        )
        assert image.shape == frame.image.shape
        assert image.shape[1::-1] == tuple(shard["size"][f])
        assert np.abs(image.astype(float) - frame.image).mean() < 12
        rows = slice(shard["person_start"][f], shard["person_start"][f + 1])
        np.testing.assert_array_equal(shard["visibility"][rows], [person.visibility for person in frame.people])
        np.testing.assert_array_equal(shard["body3d"][rows], [person.body3d for person in frame.people])


@pytest.mark.parametrize("kind", clips.KINDS)
def test_every_kind_of_clip_can_be_made_and_tells_where_its_people_are(folders, kind):
    generator = Generator(*folders, seed=1, split="val")
    described = [clips.describe(labels, 160, 96) for _, _, labels in clips.frames(generator, kind, 1, 160, 96, 0.2)]
    assert len(described) == 6
    people = {"crossing": 2, "absence": 2, "walk": 1, "moving": 4, "crowd": 5, "close": 3, "furnished": 3}
    assert len(described[0]) in ((1, 2) if kind == "desk" else (people[kind],))
    for seen in (view for views in clips.views(described).values() for view in views):
        numbers = list(map(int, seen))
        assert numbers == list(range(numbers[0], numbers[-1] + 1))
        assert seen[str(numbers[0])] == pytest.approx(seen[str(numbers[-1])], abs=15)


@pytest.mark.parametrize("seed", range(4))
def test_a_webcam_is_near_and_shows_the_upper_body(folders, seed):
    generator = Generator(*folders, seed=seed, split="val")
    first, *_ = next(clips.frames(generator, "desk", seed, 160, 96, 0.05))[2]
    assert 0.3 < first.body3d[BODY17.index("thorax"), 2] < 3
    assert (first.visibility > 0).any()
    assert (first.visibility[[COCO17.index("left_ankle"), COCO17.index("right_ankle")]] == 0).all()


def test_an_absence_splits_a_person_into_two_views():
    def seen(share):
        return [{"id": 0, "share": share, "box": [0, 0, 5, 9]}]

    views = clips.views([seen(s) for s in (1, 0.5, 0.1, 0, 0.4)])
    assert [sorted(view) for view in views["person 0"]] == [["0", "1"], ["4"]]


def test_what_lies_outside_the_picture_is_not_seen():
    person = SimpleNamespace(whole_box=np.array([-10.0, 0, 20, 40]), share=0.8, pixels=300)
    assert clips.seen_share(person, 100, 40) == pytest.approx(0.4)


def sitter(generator, yaw=0.4):
    """Someone seated at x = 1, y = 3."""
    rng = np.random.default_rng(8)
    joints = seated(skeleton(rng)[0], rng)
    return pose(generator.pack, [generator.person(1)], [Capture(joints)], [yaw])[0].moved([1, 3, 0])


def test_a_seat_is_under_who_sits_and_turned_with_him(generator):
    person = sitter(generator)
    stands = pose(generator.pack, [generator.person(1)], [Capture(skeleton(np.random.default_rng(9))[0])], [0.0])[0]
    assert things.sits(person.body)
    assert not things.sits(stands.body)
    for seed in range(8):
        seat = things.draw_seat(np.random.default_rng(seed), generator.wardrobe, person)
        assert np.linalg.norm(seat.centre[:2] - person.body[0, :2]) < 0.1
        assert seat.vertices[:, 2].min() == pytest.approx(0, abs=1e-6)
        assert 0.2 < seat.size[2] < person.body[0, 2]
        assert seat.yaw == pytest.approx(0.4, abs=0.05)


def test_what_is_held_is_at_a_hand(generator):
    person = sitter(generator)
    wrists = person.body[[BODY17.index("left_wrist"), BODY17.index("right_wrist")]]
    for seed in range(10):
        held = things.draw_held(np.random.default_rng(seed), generator.wardrobe, person)
        assert np.linalg.norm(held.vertices[:, None] - wrists, axis=-1).min() < 0.3


def test_a_shape_before_the_camera_is_flat_and_around_its_spot(generator):
    spot = np.array([0.2, 1.5, 1.1])
    shape = things.draw_shape(np.random.default_rng(2), generator.wardrobe, spot)
    middle = shape.vertices - spot
    assert np.linalg.svd(middle, compute_uv=False)[2] < 1e-4
    assert np.abs(middle).max() < 1
    assert (np.ptp(shape.vertices, 0)[[0, 2]] > 0.1).all()


def test_a_frame_can_be_had_with_so_many_people_of_so_many_pixels(generator):
    for number in range(3):
        frame = generator.frame(number, count=3, size=(64, 48))
        assert frame.image.shape == (48, 64, 3)
        assert len(frame.people) == 3
