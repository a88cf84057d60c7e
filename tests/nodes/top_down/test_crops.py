import numpy as np
import pytest

from duopose.nodes.extents import clip_boxes, extents
from duopose.nodes.top_down import crops
from duopose.nodes.top_down.crops import (
    Crops,
    Tracked,
    assign_boxes,
    choose_crops,
    detect_in_crops,
    merge_people,
    share_crops,
)
from duopose.stream.skeleton import COCO17
from tests import painted
from tests.painted import TopDownNetwork, paint, standing

BOX = np.array([100, 100, 60, 150], np.float32)
NONE = np.zeros((0, 4), np.float32), np.zeros(0, np.float32)


def boxes(*rows):
    return np.array(rows, np.float32).reshape(-1, 4)


def tracked(*scores, detector=()):
    """Of tracks: their people's scores, and the detector's, which saw them if there are any."""
    seen = np.full(len(scores), bool(detector))
    return Tracked(np.float32(scores), np.float32(detector or scores), seen)


def see(*people, boxes_of=None, heights=None):
    """Merged people of a painted picture, cut out around the given ones (all of them if not told)."""
    cut = extents(np.stack(people if boxes_of is None else boxes_of))
    return merge_people(*detect_in_crops(TopDownNetwork(heights), paint(people), cut), cut)


def test_nothing_detected_and_nobody_tracked_gives_no_crop():
    where = choose_crops(*NONE, True, NONE[0], tracked(), most=20)
    assert where.boxes.shape == (0, 4)
    assert len(share_crops(where.boxes)) == 0
    people, which = detect_in_crops(TopDownNetwork(), paint([]), where.boxes)
    assert len(merge_people(people, which, where.boxes)) == len(people) == 0
    assert len(assign_boxes(people, where, 640, 480).boxes) == 0


def test_a_track_that_the_detector_missed_still_gets_its_crop():
    where = choose_crops(boxes(BOX), np.float32([0.9]), True, boxes(BOX + (200, 0, 0, 0)), tracked(0.8), most=20)
    np.testing.assert_array_equal(where.boxes, boxes(BOX, BOX + (200, 0, 0, 0)))
    np.testing.assert_array_equal(where.measured, [True, False])


def test_a_fresh_box_of_a_track_is_looked_at_once():
    where = choose_crops(boxes(BOX), np.float32([0.9]), True, boxes(BOX + (5, 0, 0, 0)), tracked(0.8), most=20)
    np.testing.assert_array_equal(where.boxes, boxes(BOX))


def test_between_two_looks_the_tracks_and_the_boxes_without_track_are_looked_at():
    moved, stranger = BOX + (50, 0, 0, 0), BOX + (300, 0, 0, 0)
    where = choose_crops(boxes(stranger), np.float32([0.7]), False, boxes(moved), tracked(0.8, detector=[0.9]), most=20)
    np.testing.assert_array_equal(where.boxes, boxes(moved, stranger))
    np.testing.assert_allclose(where.scores, [0.9, 0.7])
    assert where.measured.all()


def test_the_best_boxes_are_looked_at_when_there_are_too_many():
    many = boxes(*(BOX + (80 * n, 0, 0, 0) for n in range(5)))
    where = choose_crops(many, np.float32([0.5, 0.9, 0.6, 0.8, 0.4]), True, NONE[0], tracked(), most=2)
    np.testing.assert_array_equal(where.boxes, many[[1, 3]])


def test_a_box_with_nothing_in_it_is_not_looked_at():
    outside = np.float32([639.5, 100, 0, 50])  # of someone who has left the picture
    where = choose_crops(boxes(BOX, outside), np.float32([0.5, 0.9]), True, boxes(outside), tracked(0.8), most=20)
    np.testing.assert_array_equal(where.boxes, boxes(BOX))


def test_boxes_that_overlap_strongly_share_a_crop_that_shows_both():
    cut = share_crops(boxes(BOX, BOX + (4, 4, 0, 0), BOX + (300, 0, 0, 0)))
    np.testing.assert_array_equal(cut, boxes((100, 100, 64, 154), BOX + (300, 0, 0, 0)))


def test_who_is_whole_and_large_in_the_crop_of_another_needs_none_where_they_shall_be_few():
    inside, small = BOX + (20, 10, -25, -20), BOX + (10, 60, -40, -100)
    np.testing.assert_array_equal(share_crops(boxes(BOX, inside), few=True), boxes(BOX))
    assert len(share_crops(boxes(inside, BOX), few=True)) == 1
    assert len(share_crops(boxes(BOX, small), few=True)) == 2
    assert len(share_crops(boxes(BOX, inside))) == 2


def test_joints_come_back_to_the_pixels_they_were_painted_at():
    pose = standing(333.3, 222.2, 210)
    (seen,) = see(pose)
    np.testing.assert_allclose(seen[:, :2], pose[:, :2], atol=1.0)
    np.testing.assert_allclose(seen[:, 2], 0.85, atol=0.1)


def test_everyone_in_a_crop_is_found_and_nobody_twice():
    one, two = standing(270, 240), standing(355, 250)
    for looked_at in ([one], [two], [one, two]):
        seen = see(one, two, boxes_of=looked_at)
        order = np.argsort(seen[:, 0, 0])
        assert len(seen) == 2
        off = np.linalg.norm(seen[order][..., :2] - np.stack([one, two])[..., :2], axis=-1)
        whole = len(looked_at) == 2  # the crop of one person ends within the other
        assert (off[seen[order][..., 2] > 0] < (1.5 if whole else 4)).all()
        assert (seen[..., 2] > 0).sum() >= (34 if whole else 28)


def test_what_one_crop_lacks_of_a_person_comes_from_another():
    upper, lower = standing(300, 240), standing(300, 240)
    upper[11:, 2], lower[:5, 2] = 0, 0
    cut = extents(np.stack([upper, lower]))
    merged = merge_people(np.stack([upper, lower]), np.array([0, 1]), cut)
    assert len(merged) == 1
    np.testing.assert_array_equal(merged[0], standing(300, 240))


def pieces(*names):
    """Someone of whom joints of these names alone are found."""
    person = standing(300, 240)
    person[[not any(part in name for part in names) for name in COCO17]] = 0
    return person


def test_two_pieces_of_one_person_whom_something_hides_in_the_middle_are_one():
    top, rest = pieces("left", "nose"), pieces("right", "left_shoulder", "left_hip")
    (whole,) = crops.merge_people(np.stack([top, rest]), np.zeros(2, int), BOX[None])
    np.testing.assert_array_equal(whole, np.where(top[:, 2:] > 0, top, rest))


def test_people_who_lack_the_same_joints_or_stand_apart_are_not_pieces():
    left, right = pieces("left", "nose"), pieces("right", "left_shoulder", "left_hip")
    assert not crops.are_pieces(standing(300, 240), standing(320, 250)[None]).any()
    right[:, 0] += 200 * (right[:, 2] > 0)
    assert not crops.are_pieces(left, right[None]).any()


def test_more_boxes_than_a_batch_are_all_looked_at():
    people = [standing(40 + 55 * n, 240, 120) for n in range(crops.BATCH + 2)]
    network = TopDownNetwork()
    cut = extents(np.stack(people))
    assert len(merge_people(*detect_in_crops(network, paint(people), cut), cut)) == len(people)
    assert network.calls == [crops.BATCH, 2]


def test_stray_joints_are_nobody():
    stray = standing(300, 240)
    stray[2:, 2] = 0
    assert len(see(stray, boxes_of=[standing(300, 240)])) == 0


@pytest.mark.parametrize("measured", [True, False])
def test_a_person_takes_the_box_that_the_detector_measured(measured):
    pose = standing(300, 240)
    box = extents(pose[None]) + np.float32([[6, -4, 3, 7]])
    found = assign_boxes(pose[None], Crops(box, np.float32([0.8]), np.array([measured]), True), 640, 480)
    np.testing.assert_allclose(found.boxes, box if measured else extents(pose[None]), atol=1e-3)


def test_a_box_belongs_to_one_person_only():
    pose = np.stack([standing(300, 240), standing(312, 240)])
    box = extents(pose[:1])
    found = assign_boxes(pose, Crops(box, np.float32([0.8]), np.array([True]), True), 640, 480)
    np.testing.assert_allclose(found.boxes[0], box[0], atol=1e-3)
    np.testing.assert_allclose(found.boxes[1], extents(pose[1:])[0], atol=1e-3)


def test_boxes_are_clipped_to_the_picture():
    clipped = clip_boxes(boxes((-10, -10, 30, 30), (630, 470, 50, 50), (700, 10, 5, 5)), painted.WIDTH, painted.HEIGHT)
    np.testing.assert_allclose(clipped, [(-0.5, -0.5, 20.5, 20.5), (630, 470, 9.5, 9.5), (639.5, 10, 0, 5)])
