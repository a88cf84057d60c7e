import numpy as np

from duopose.evaluation import bottom_up
from duopose.evaluation.runs.records import found
from duopose.stream.messages import Poses
from duopose.stream.skeleton import BODY17, COCO17, coco_to_body
from tests.evaluation.people3d import LENS, gt, line, person, pixels, pose


class Believer:
    """A bottom-up branch that sees people just where it is told they are, 4 m away."""

    def step(self, image, people):
        body = coco_to_body(people.coco)
        joints = np.concatenate([(body[..., :2] - [500, 400]) / 1000, np.ones((len(body), 17, 1))], -1) * 4
        n = len(people.ids)
        return Poses(
            people.frame, np.zeros(n, np.int32), people.scores, people.boxes, people.coco, joints, body[..., 2]
        )


def recorded(number, joints):
    """A record of one person, its COCO joints of the same names where the 3D ones are seen."""
    entry = line(number, joints)
    body = {name: place for name, place in zip(BODY17, pixels(joints).tolist(), strict=True)}
    entry["people"][0]["coco2d"] = [[*body.get(name, [1.0, 1.0]), 0.9] for name in COCO17]
    return found(entry)


def test_what_the_branch_is_told_decides_what_the_rows_say():
    """Flat people 4 m away, left in one picture and right in the other: told of the wrong one, it finds nobody."""
    people = [pose(-1.2, 4), pose(1.2, 4)]
    for joints in people:
        joints[:, :2] += (4 - joints[:, 2:]) * joints[:, :2] / joints[:, 2:]
        joints[:, 2] = 4
    truth = gt(*[[person(joints)] for joints in people])
    cases = bottom_up.cases_of("some", truth, [recorded(n, joints) for n, joints in enumerate(people)])
    rows = bottom_up.measure(Believer(), {"some": truth}, cases, [None, None])
    assert rows["as found"]["recall"] == rows["as found"]["pck"] == 100
    assert all(rows["some: as found"][name] == rows["as found"][name] for name in ("recall", "pck", "mpjpe", "false"))
    assert rows["shuffled"]["recall"] == rows["blanked"]["recall"] == 0
    assert rows["shuffled"]["false"] == 1
    assert rows["blanked"]["false"] == 0


def test_guides_fit_the_picture_they_are_given_to():
    frame = bottom_up.live_frame(LENS, "a.jpg")
    coco = np.full((1, 17, 3), 0.5)
    people = bottom_up.people(frame, (coco, np.array([[0.1, 0.2, 0.3, 0.4]]), np.ones(1)))
    assert people.coco[0, 0].tolist() == [500, 400, 0.5]
    np.testing.assert_allclose(people.boxes, [[100, 160, 300, 320]])


def test_of_a_clip_some_frames_are_taken_and_of_pictures_all():
    frames = [{"frame": n} for n in range(25)]
    assert len(bottom_up.thinned({"frames": frames}, 10)["frames"]) == 25
    assert [f["frame"] for f in bottom_up.thinned({"frames": frames, "video": "a.mp4"}, 10)["frames"]] == [0, 10, 20]
