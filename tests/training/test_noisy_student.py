"""Labels that the shipped networks write themselves, and the student they are for."""

import json

import cv2
import numpy as np
import pytest

from duopose.nodes.capture.files import VideoFile
from duopose.nodes.capture.sources import DEMO
from duopose.nodes.chain import load_networks
from duopose.stream.errors import UsageError
from duopose.stream.skeleton import COCO17, COCO_MIRROR
from duopose.training import noisy_student
from duopose.training.images import pseudo_labels
from duopose.training.images.people import People
from duopose.training.images.pseudo_labels import Seen


def seen(agreement, rep, perspective):
    people = len(agreement)
    boxes = np.float32([[10 * n, 20, 30, 60] for n in range(people)]).reshape(people, 4)
    coco = np.full((people, 17, 3), 0.8, np.float32)
    coco[..., :2] = boxes[:, None, :2] + 5
    numbers = (np.array(values, np.float32) for values in (agreement, rep, perspective))
    return Seen(boxes, coco, *numbers, np.float32([[1, 2, 3, 4]]))


def test_what_was_seen_in_the_mirror_is_put_back():
    boxes, coco = np.float32([[10, 5, 20, 30]]), np.zeros((1, 17, 3), np.float32)
    wrist = COCO17.index("left_wrist")
    coco[0, wrist] = 12, 7, 0.9
    back_boxes, back = pseudo_labels.unmirrored(boxes, coco, 100)
    assert back_boxes[0].tolist() == [100 - 1 - 10 - 20, 5, 20, 30]
    np.testing.assert_allclose(back[0, COCO_MIRROR[wrist]], [87, 7, 0.9])
    assert (np.delete(back[0], COCO_MIRROR[wrist], 0) == 0).all()
    again_boxes, again = pseudo_labels.unmirrored(back_boxes, back, 100)
    np.testing.assert_array_equal(again, coco)
    np.testing.assert_array_equal(again_boxes, boxes)


def test_two_looks_that_agree_are_averaged_and_of_two_that_do_not_the_surer_counts_less():
    boxes = np.float32([[0, 0, 100, 100]])
    first, second = (np.full((1, 17, 3), 0.5, np.float32) for _ in range(2))
    first[0, :3] = [[10, 10, 0.9], [10, 10, 0.9], [10, 10, 0.6]]
    second[0, :3] = [[14, 10, 0.3], [40, 10, 0.3], [0, 0, 0]]
    joints = pseudo_labels.merged(first, second, boxes)
    np.testing.assert_allclose(joints[0, 0], [11, 10, 0.6], rtol=1e-5)
    np.testing.assert_allclose(joints[0, 1], [10, 10, 0.45], rtol=1e-5)
    np.testing.assert_allclose(joints[0, 2], [10, 10, 0.3], rtol=1e-5)


def test_trust_is_highest_where_looks_agree_and_errors_are_small_and_grows_for_hard_people():
    people = [seen([0.9, 0.9], [0.1, 2.0], [0.01, 0.3]), seen([0.5], [0.1], [0.01])]
    first = np.concatenate(pseudo_labels.trust(people, 1))
    assert first[0] == pytest.approx(0.9)
    assert first[2] == pytest.approx(0.5)
    assert first[1] < 0.5
    hard = [np.concatenate(pseudo_labels.trust(people, epoch))[1] for epoch in (1, 2, 3, 10)]
    assert hard == sorted(hard)
    assert hard[-1] > 0.65
    assert [len(part) for part in pseudo_labels.trust([seen([], [], [])] * 2, 1)] == [0, 0]


def test_who_is_not_trusted_becomes_an_area_to_leave_out_and_numbers_follow_the_pictures_size():
    label = pseudo_labels.entry(
        "images/a.jpg", (50, 40), seen([0.9, 0.2], [1, 1], [1, 1]), np.array([0.9, 0.2]), 0.5, "a"
    )
    (person,) = label["persons"]
    assert person["box"] == [-0.2, 9.8, 15, 30]  # 0 is the middle of the first pixel, twice as large now
    assert person["keypoints"][:3] == [2.25, 12.25, 0.8]
    assert person["gt"] is False
    assert len(label["ignore"]) == 2
    assert label["ignore_known"] is False


def test_a_large_picture_is_stored_smaller_with_its_scale():
    small, scale = pseudo_labels.stored(np.zeros((600, 1280, 3), np.uint8))
    assert small.shape == (300, 640, 3)
    np.testing.assert_allclose(scale, 0.5)
    assert pseudo_labels.stored(np.zeros((60, 128, 3), np.uint8))[0].shape == (60, 128, 3)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A frame of the clip that comes with the project, enlarged, and a wall."""
    folder = tmp_path_factory.mktemp("pictures")
    (frame,) = (picture.pixels() for number, picture in enumerate(VideoFile(DEMO, {}).pictures()) if number == 20)
    frame = cv2.cvtColor(frame, cv2.COLOR_RGB2BGR)
    cv2.imwrite(str(folder / "large.png"), cv2.resize(frame, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC))
    cv2.imwrite(str(folder / "wall.png"), np.full((200, 300, 3), 90, np.uint8))
    return folder


def test_the_shipped_networks_write_labels_that_training_reads(folder, tmp_path):
    figures = noisy_student.write(load_networks(), [folder], tmp_path, epoch=5)
    people = People(tmp_path, "train")
    assert figures["pictures"] == len(people) == 2
    pictures = {entry["file"].rsplit("_", 1)[1]: people[number] for number, entry in enumerate(people.labels)}
    assert set(pictures) == {"large.jpg", "wall.jpg"}
    assert len(pictures["wall.jpg"].boxes) == 0
    assert figures["people_labelled"] == sum(len(picture.boxes) for picture in pictures.values()) >= 2
    picture = pictures["large.jpg"]
    assert max(picture.size) == pseudo_labels.LONGEST
    assert len(picture.boxes) + len(picture.ignore) >= 3  # as many people as the clip shows
    known = picture.joints[..., 2] > 0
    assert known.sum(1).min() >= pseudo_labels.FEWEST
    assert (picture.trust < 1).all()
    low, high = picture.boxes[:, None, :2] - 15, (picture.boxes[:, :2] + picture.boxes[:, 2:])[:, None] + 15
    inside = ((picture.joints[..., :2] > low) & (picture.joints[..., :2] < high)).all(-1)
    assert inside[known].mean() > 0.9
    entry = people.labels[0]
    assert set(entry) >= {"file", "width", "height", "source", "persons", "ignore", "ignore_known"}


def test_the_rest_of_the_command_line_goes_to_the_student(folder, tmp_path, monkeypatch, capsys):
    from duopose.training import top_down

    given = []
    monkeypatch.setattr(noisy_student, "load_networks", lambda profile: None)
    monkeypatch.setattr(noisy_student, "write", lambda *a, **k: {"people_labelled": 4})
    monkeypatch.setattr(top_down, "main", given.extend)
    words = [str(folder), "--labels", str(tmp_path), "--student", "top_down", "--people", "p", "--minutes", "3"]
    noisy_student.main(words)
    assert given == ["--people", "p", "--minutes", "3", "--pseudo", str(tmp_path)]
    assert json.loads(capsys.readouterr().out)["people_labelled"] == 4


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["nowhere.mp4", "--labels", "out"], "nowhere.mp4"),
        (["a.mp4", "--labels", "out", "--people", "p"], "no --student"),
        (["a.mp4", "--labels", "out", "--round", "0"], "count from 1"),
    ],
)
def test_bad_input_is_told(words, complaint, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(noisy_student, "load_networks", lambda profile: None)
    (tmp_path / "a.mp4").touch()
    with pytest.raises(UsageError, match=complaint):
        noisy_student.main(words)
