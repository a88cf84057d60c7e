import msgspec
import numpy as np
import pytest

from duopose.nodes.extents import extents
from duopose.nodes.top_down.crops import ENLARGED, SIZES
from duopose.nodes.top_down.top_down import TopDown
from duopose.nodes.tracking import CONFIDENT
from duopose.stream.messages import Effort, People, empty
from tests.painted import TopDownNetwork, boxes, frame, paint, standing

RED, BLUE = (200, 30, 30), (30, 30, 200)


def node(max_people=20, heights=None):
    return TopDown(TopDownNetwork(heights), max_people)


def test_an_empty_frame_gives_nobody():
    people = node().step(paint([]), boxes([], frame()))
    assert people.ids.shape == (0,)
    assert people.coco.shape == (0, 17, 3)


def test_people_come_with_identity_box_and_joints_in_pixels_of_the_frame():
    one, two = standing(150, 240), standing(450, 230)
    people = node().step(paint([one, two]), boxes([one, two], frame()))
    order = np.argsort(people.coco[:, 0, 0])
    assert sorted(people.ids.tolist()) == [1, 2]
    np.testing.assert_allclose(people.coco[order][..., :2], np.stack([one, two])[..., :2], atol=1.5)
    np.testing.assert_allclose(people.boxes[order], extents(np.stack([one, two])), atol=1e-3)


def test_someone_the_detector_missed_is_found_in_the_crop_of_a_neighbour():
    one, two = standing(270, 240), standing(345, 240)
    people = node().step(paint([one, two]), boxes([one], frame()))
    assert len(people.ids) == 2


def test_someone_the_detector_loses_is_carried_on_by_the_track():
    top_down = node()
    for number in range(6):
        pose = standing(100 + 10 * number, 240)
        detected = [pose] if number < 3 else []
        people = top_down.step(paint([pose], [RED]), boxes(detected, frame(number)))
        assert people.ids.tolist() == [1]
        np.testing.assert_allclose(people.coco[0, :, :2], pose[:, :2], atol=1.5)


def test_between_two_looks_of_the_detector_the_crops_move_with_the_people():
    top_down = node()
    seen = [standing(100, 240)]
    for number in range(8):
        pose = standing(100 + 40 * number, 240)
        if number % 2 == 0:
            seen = [pose]
        people = top_down.step(paint([pose], [RED]), boxes(seen, frame(number), fresh=number % 2 == 0))
        assert people.ids.tolist() == [1]
    assert top_down.network.calls == [1] * 8


def test_a_box_that_a_track_has_taken_is_no_stranger_until_the_next_look():
    top_down = node()
    first = standing(100, 240)
    for number in range(6):
        pose = standing(100 + 60 * number, 240)
        people = top_down.step(paint([pose], [RED]), boxes([first], frame(number, stamp=number / 30), number == 0))
        assert people.ids.tolist() == [1]
    assert top_down.network.calls == [1] * 6


def resting(number, every=2):
    return msgspec.structs.replace(frame(number, stamp=number / 30), effort=Effort(people=every))


def test_who_rests_is_predicted_and_said_to_be():
    top_down, seen = node(), []
    for number in range(12):
        pose = standing(100 + 4 * number, 240)
        of = frame(number, stamp=number / 30) if number < 4 else resting(number)
        people = top_down.step(paint([pose], [RED]), boxes([pose], of))
        assert people.ids.tolist() == [1]
        np.testing.assert_allclose(people.coco[0, :, :2], pose[:, :2], atol=4)
        seen.append(len(people.predicted))
    assert seen[:4] == [0] * 4
    assert sum(seen[4:]) == 4
    assert len(top_down.network.calls) == 8


@pytest.mark.parametrize(("every", "rate"), [(2, 3), (3, 30)])
def test_nobody_rests_long_however_slow_the_camera_and_whatever_frames_are_left_out(every, rate):
    top_down, looked = node(), []
    pose = standing(300, 240)
    for number in range(0, 60 * every, every):  # always the one in which the person would rest
        of = msgspec.structs.replace(frame(number, stamp=number / every / rate), effort=Effort(people=every))
        if number > 4 * every:
            of = msgspec.structs.replace(of, number=number + 1)
        if not len(top_down.step(paint([pose]), boxes([pose], of)).predicted):
            looked.append(of.stamp)
    assert np.diff(looked).max() <= max(0.25, 1.5 / rate)


def test_people_take_turns_to_rest():
    top_down = node()
    one, two = standing(150, 240), standing(450, 230)
    for number in range(4):
        top_down.step(paint([one, two]), boxes([one, two], frame(number, stamp=number / 30)))
    resters = [
        top_down.step(paint([one, two]), boxes([one, two], resting(n), n % 2 == 0)).predicted for n in range(4, 8)
    ]
    assert all(len(ids) == 1 for ids in resters)
    assert resters[0] == resters[2] != resters[1] == resters[3]


@pytest.mark.parametrize(("crop", "size"), [*enumerate((*SIZES, SIZES[-1]))])
def test_crops_are_as_large_as_the_effort_says(crop, size):
    pose, top_down = standing(300, 240), node()
    cheap = msgspec.structs.replace(frame(), effort=Effort(crop=crop))
    people = top_down.step(paint([pose]), boxes([pose], cheap))
    assert top_down.network.sizes == [size]
    np.testing.assert_allclose(people.coco[0, :, :2], pose[:, :2], atol=4)


@pytest.mark.parametrize(("crop", "enlarged"), [*enumerate(ENLARGED)])
def test_small_crops_leave_less_room_around_a_person(crop, enlarged):
    shown = []

    def network(crops):
        shown.append(crops[0])
        maps = np.zeros((len(crops), 17, crops.shape[1] // 4, crops.shape[2] // 4), np.float32)
        return maps, maps

    image = np.zeros((400, 400, 3), np.uint8)
    image[100:300, 150:250] = 255  # as high as the crop, where nothing is around it
    TopDown(network, 5).find_people(image, np.float32([[150, 100, 100, 200]]), effort=Effort(crop=crop))
    rows = (shown[0][:, shown[0].shape[1] // 2, 0] > 127).sum()
    assert rows == pytest.approx(shown[0].shape[0] / enlarged, abs=2)


def test_the_surest_people_are_kept_when_there_are_too_many():
    poses = [standing(60 + 100 * n, 240, 120) for n in range(5)]
    people = node(max_people=2, heights={1: 0.95, 3: 0.97, 0: 0.6, 2: 0.6, 4: 0.6}).step(
        paint(poses), boxes(poses, frame(), scores=[0.5, 0.9, 0.5, 0.9, 0.5])
    )
    np.testing.assert_allclose(np.sort(people.coco[:, 0, 0]), [160, 360], atol=2)


def test_an_unsure_person_is_not_published():
    pose = standing(300, 240)
    people = node(heights={0: 0.15}).step(paint([pose]), boxes([pose], frame(), scores=[CONFIDENT / 2]))
    assert len(people.ids) == 0


def test_stills_know_nothing_of_each_other():
    top_down = node()
    for number in range(3):
        pose = standing(100 + 150 * number, 240)
        assert top_down.step(paint([pose]), boxes([pose], frame(number, still=True))).ids.tolist() == [1]


def test_a_node_that_starts_in_mid_run_gives_out_no_identity_of_its_predecessor():
    pose = standing(300, 240)
    assert node().step(paint([pose]), boxes([pose], frame(500))).ids.tolist() == [501]


def test_pixels_are_wanted_while_there_is_a_box_or_somebody_was_there_a_moment_ago():
    top_down, pose = node(), standing(300, 240)
    assert not top_down.wants(boxes([], frame(0)))
    assert len(top_down.step(None, boxes([], frame(0))).ids) == 0
    for number in range(1, 5):
        assert top_down.wants(boxes([pose], frame(number)))
        top_down.step(paint([pose], [RED]), boxes([pose], frame(number)))
    assert top_down.wants(boxes([], frame(5)))


def test_who_comes_back_after_frames_that_nobody_looked_at_is_the_same_person():
    top_down, pose = node(), standing(300, 240)
    for number in range(5):
        before = top_down.step(paint([pose], [RED]), boxes([pose], frame(number)))
    unseen = 0
    for number in range(5, 15):
        nobody = boxes([], frame(number))
        unseen += not top_down.wants(nobody)
        assert len(top_down.step(paint([]) if top_down.wants(nobody) else None, nobody).ids) == 0
    after = top_down.step(paint([pose], [RED]), boxes([pose], frame(15)))
    assert unseen > 5
    assert after.ids.tolist() == before.ids.tolist() == [1]


def test_a_frame_without_pixels_has_nobody_in_it():
    assert empty(People, frame(3)).frame.number == 3
    assert len(empty(People, frame(3)).ids) == 0
