import numpy as np
import pytest

from duopose.nodes.extents import extents
from duopose.nodes.fusion.fusion import BOTTOM_UP, ONE_BRANCH_JOINTS, TOP_DOWN, Fusion
from duopose.nodes.fusion.integration import unsure
from duopose.stream.messages import Poses, empty
from duopose.stream.skeleton import COCO_MIRROR
from tests.painted import frame, pictured


def mean(top, top_confidence, bottom, bottom_confidence):
    """Stands for the integration network: the mean of the poses there are."""
    assert top.shape[1:] == bottom.shape[1:] == (17, 3)
    assert top_confidence.shape == bottom_confidence.shape == top.shape[:2]
    if len(top) == 0:
        return unsure(top)
    return unsure(np.nanmean(np.stack([top, bottom]), 0).astype(np.float32))


def poses(*people, of=None, ids=None, score=0.9):
    """Poses of people who stand at (x, z) metres."""
    of = of or frame()
    if not people:
        return empty(Poses, of)
    joints, coco = zip(*(pictured(x, z) for x, z in people), strict=True)
    ids = np.arange(1, len(people) + 1) if ids is None else ids
    confidence = np.full((len(people), 17), 0.9, np.float32)
    scores = np.full(len(people), score, np.float32)
    boxes = extents(np.stack(coco))
    return Poses(of, np.array(ids, np.int32), scores, boxes, np.stack(coco), np.stack(joints), confidence)


def fuse(top, bottom, max_people=20):
    return Fusion(mean, max_people).step(top, bottom)


def test_two_empty_branches_give_an_empty_scene():
    scene = fuse(poses(), poses())
    assert scene.ids.shape == (0,)
    assert scene.joints.shape == scene.top_down.shape == (0, 17, 3)


def test_a_pair_is_one_person_with_the_poses_of_both():
    scene = fuse(poses((0, 3)), poses((0, 3.2), ids=[0]))
    assert scene.sources.tolist() == [TOP_DOWN | BOTTOM_UP]
    assert scene.top_down[0, 0, 2] == pytest.approx(3)
    assert scene.bottom_up[0, 0, 2] == pytest.approx(3.2)
    # The integration's mean of the two is 3.1. The body's fit to the picture's joints, those of 3 m, takes it nearer.
    assert 3.02 < scene.joints[0, 0, 2] < 3.1


def test_people_seen_by_one_branch_are_kept_and_say_by_which():
    scene = fuse(poses((-1, 3)), poses((1, 4), ids=[0]))
    assert scene.sources.tolist() == [TOP_DOWN, BOTTOM_UP]
    assert sorted(scene.ids.tolist()) == [1, 2]
    assert np.isnan(scene.bottom_up[0]).all()
    assert np.isnan(scene.top_down[1]).all()
    assert np.isfinite(scene.joints).all()


def test_a_branch_that_was_lost_is_done_without():
    assert fuse(poses((0, 3)), None).sources.tolist() == [TOP_DOWN]
    assert fuse(None, poses((0, 3), ids=[0])).sources.tolist() == [BOTTOM_UP]


def test_nobody_appears_twice_however_the_depths_disagree():
    bottom = poses((0, 3), ids=[0])
    bottom.joints[:] *= 2  # the same in the picture
    scene = fuse(poses((0, 3)), bottom)
    assert scene.sources.tolist() == [TOP_DOWN]


def test_somebody_seen_from_behind_by_one_branch_and_from_the_front_by_the_other_appears_once():
    top, bottom = poses((0, 3)), poses((0, 3), ids=[0])
    bottom.coco[:] = bottom.coco[:, COCO_MIRROR]
    bottom.joints[:] *= 2
    assert fuse(top, bottom).sources.tolist() == [TOP_DOWN]


@pytest.mark.parametrize("flaw", ["low score", "few joints"])
def test_someone_unconvincing_is_not_taken_from_the_bottom_up_branch_alone(flaw):
    bottom = poses((0, 3), ids=[0], score=0.1 if flaw == "low score" else 0.9)
    if flaw == "few joints":
        bottom.coco[:, ONE_BRANCH_JOINTS - 1 :] = 0
    assert len(fuse(poses(), bottom).ids) == 0


def test_a_joint_that_one_branch_missed_in_the_picture_comes_from_the_other():
    top, bottom = poses((0, 3)), poses((0, 3.1), ids=[0])
    top.coco[0, 15] = 0
    scene = fuse(top, bottom)
    np.testing.assert_array_equal(scene.coco[0, 15], bottom.coco[0, 15])
    np.testing.assert_array_equal(scene.coco[0, :15], top.coco[0, :15])


def test_there_are_never_more_than_max_people():
    scene = fuse(poses((-1, 3), (1, 3)), poses((-2, 5), (2, 5), (0, 4), ids=[0, 0, 0]), max_people=3)
    assert scene.sources.tolist() == [TOP_DOWN, TOP_DOWN, BOTTOM_UP]


def test_a_person_keeps_the_identity_from_branch_to_branch():
    fusion = Fusion(mean, 20)
    ids = []
    for number, branches in enumerate(("both", "bottom", "bottom", "top", "both")):
        person, of = (0.02 * number, 3), frame(number)
        top = poses(person, of=of) if branches in ("both", "top") else poses(of=of)
        bottom = poses(person, of=of, ids=[0]) if branches in ("both", "bottom") else poses(of=of)
        ids.append(fusion.step(top, bottom).ids.tolist())
    assert ids == [[1]] * 5


def test_stills_know_nothing_of_each_other():
    fusion = Fusion(mean, 20)
    for number in range(3):
        of = frame(number, still=True)
        assert fusion.step(poses((0.1 * number, 3), of=of), poses(of=of)).ids.tolist() == [1]


def test_a_node_that_starts_in_mid_run_gives_out_no_identity_of_its_predecessor():
    of = frame(500)
    assert fuse(poses((0, 3), of=of), poses(of=of)).ids.tolist() == [501]
