import json

import msgspec
import numpy as np
import pytest
import torch

from duopose.evaluation import ablation
from duopose.evaluation.ablations import switched
from duopose.evaluation.ablations.trained import Trained, trained_rows
from duopose.networks.normalisation import FEATURES, POSE
from duopose.nodes.extents import extents
from duopose.nodes.fusion.integration import unsure
from duopose.nodes.profile import find
from duopose.nodes.top_down.top_down import TopDown
from duopose.stream import wire
from duopose.stream.errors import UsageError
from duopose.stream.messages import Camera, Frame, People, Poses, empty
from duopose.stream.skeleton import COCO17, PELVIS
from duopose.training.mocap import bodies
from tests.painted import TopDownNetwork, boxes, frame, paint, pictured, standing

LENS = {"fx": 600.0, "fy": 600.0, "cx": 319.5, "cy": 239.5, "width": 640, "height": 480}
PLACES = [(-0.8, 3.0), (0.8, 4.0)]


def pair(*depths):
    """The same person as two branches see it: so many metres away, sure by 0.6 and 0.2: arguments of an integration."""
    poses = [pictured(0.3 * z, z)[0][None] for z in depths]
    return poses[0], np.full((1, 17), 0.6, np.float32), poses[1], np.full((1, 17), 0.2, np.float32)


def test_hard_is_the_top_down_pose_at_the_depth_of_the_bottom_up_root():
    top, *_, bottom, sure = pair(3, 4)
    fused = switched.hard(top, sure, bottom + np.float32([0.5, 0.5, 0]), sure).joints
    np.testing.assert_allclose(fused - fused[:, :1], top - top[:, :1], atol=1e-6)
    np.testing.assert_allclose(fused[0, PELVIS], [1.2, 0, 4], atol=1e-5)


def test_surer_takes_each_joint_from_the_branch_that_is_surer_of_it():
    top, top_sure, bottom, bottom_sure = pair(3, 4)
    bottom_sure[0, 5] = 0.9
    fused = switched.surer(top, top_sure, bottom, bottom_sure).joints
    np.testing.assert_array_equal(fused[0, 5], bottom[0, 5])
    np.testing.assert_array_equal(np.delete(fused, 5, 1), np.delete(top, 5, 1))


def test_linear_weighs_poses_and_roots_by_confidence():
    top, top_sure, bottom, bottom_sure = pair(3, 4)
    bottom[0, 7] += [0, 0, 0.4]
    fused = switched.linear(top, top_sure, bottom, bottom_sure).joints
    assert fused[0, PELVIS, 2] == pytest.approx(3.25, abs=2e-3)
    assert fused[0, 7, 2] - fused[0, PELVIS, 2] == pytest.approx(top[0, 7, 2] - 3 + 0.1, abs=2e-3)


@pytest.mark.parametrize("integrate", [switched.hard, switched.surer, switched.linear])
def test_who_was_seen_by_one_branch_only_keeps_that_pose(integrate):
    top, sure, bottom, _ = pair(3, 4)
    none = np.full_like(top, np.nan)
    np.testing.assert_array_equal(integrate(top, sure, none, 0 * sure).joints, top)
    np.testing.assert_array_equal(integrate(none, 0 * sure, bottom, sure).joints, bottom)


def poses(of, places, order=None):
    """Poses of people who stand at (x, z) metres, the surest first."""
    joints, coco = (np.stack(arrays) for arrays in zip(*(pictured(x, z) for x, z in places), strict=True))
    order = list(range(len(places))) if order is None else order
    scores = np.linspace(0.9, 0.8, len(places)).astype(np.float32)
    sure = np.full((len(places), 17), 0.9, np.float32)
    ids = np.arange(1, len(places) + 1, dtype=np.int32)
    return Poses(of, ids, scores, extents(coco)[order], coco[order], bodies.annotated(joints[order]), sure)


def test_without_matching_people_meet_in_their_order_or_by_their_boxes():
    top, bottom = poses(frame(), PLACES), poses(frame(), PLACES, order=[1, 0])
    assert switched.in_order(top, bottom) == [(0, 0), (1, 1)]
    assert switched.nearest(top, bottom) == [(0, 1), (1, 0)]
    assert switched.nearest(top, poses(frame(), PLACES[:1])) == [(0, 0)]
    assert switched.in_order(top, poses(frame(), PLACES[:1])) == [(0, 0)]


def test_one_person_a_box_mixes_two_whom_the_tags_keep_apart():
    people = np.stack([standing(300, 240), standing(345, 240)])
    image, found = paint(people), boxes(people[:1], frame())
    network = TopDownNetwork({0: 0.6})
    assert len(TopDown(network, 20).step(image, found).ids) == 2
    (mixed,) = switched.OnePerson(network, 20).step(image, found).coco
    shoulder, other = (people[:, COCO17.index(f"{side}_shoulder"), 0] for side in ("left", "right"))
    assert mixed[COCO17.index("left_shoulder"), 0] == pytest.approx(shoulder[1], abs=3)
    assert mixed[COCO17.index("right_shoulder"), 0] == pytest.approx(other[1], abs=3)


def test_a_map_without_a_peak_has_no_joint():
    heatmaps = np.zeros((17, 64, 48), np.float32)
    heatmaps[3, 20, 10] = 0.5
    (person,) = switched.maxima(heatmaps, heatmaps, None)
    assert person[3].tolist() == pytest.approx([4 * 10 + 1.5, 4 * 20 + 1.5, 0.5])
    assert not np.delete(person, 3, 0).any()


def test_the_gcn_alone_answers_with_its_newest_pose():
    class JointTCN:
        arguments = {"frames": 5, "lookaheads": [0, 4]}  # noqa: RUF012

    windows = np.random.default_rng(0).normal(size=(2, 5, FEATURES)).astype(np.float32)
    (answer,) = switched.GcnPose(JointTCN())(windows)
    assert answer.shape == (2, 2, 17, 3)
    np.testing.assert_array_equal(answer[1, 1], windows[1, -1, POSE].reshape(17, 3))


def known(frames, share=1.0):
    """The JSON beside a clip in which both people stand still."""
    people = [
        {"share": part, "body3d": pictured(x, z)[0].tolist()} for (x, z), part in zip(PLACES, (1.0, share), strict=True)
    ]
    return {"camera": LENS, "frames": [people] * frames}


def test_the_truth_of_a_clip_leaves_out_whom_nobody_could_see():
    assert [len(f["persons"]) for f in ablation.truth(known(2))["frames"]] == [2, 2]
    (first,) = ablation.truth(known(1, share=0.05))["frames"]
    (person,) = first["persons"]
    expected = [319.5 - 600 * 0.8 / 3, 239.5 + 600 * bodies.HIP_DROP / 3]
    np.testing.assert_allclose(person["joints_img"][PELVIS], expected, atol=1e-3)


def answers(frames, farther=1.1):
    """What the nodes say: the top-down branch is right, and the bottom-up branch sees everyone so much farther away."""
    camera, out = Camera(600.0, 600.0, 319.5, 239.5, "file"), []
    for number in range(frames):
        of = Frame(number, None, number / 30, 0.0, 640, 480, camera, "", 0, 0, False)
        top = poses(of, PLACES)
        bottom = msgspec.structs.replace(top, joints=top.joints + (farther - 1) * top.joints[:, :1])
        out.append(dict.fromkeys(("one_person", "gcn", "one_frame", "top_down"), top))
        out[-1] |= dict.fromkeys(("bottom_up", "blanked"), bottom)
    return out


def test_rows_say_what_their_branch_and_their_fusion_said():
    clips = {"still": (ablation.truth(known(3)), answers(3))}
    rows = ablation.table1(network=None)
    chosen = {name: rows[name] for name in ("TD (w MP)", "BU (w CH)", "TD + BU (hard)", "TD + BU (linear)")}
    found = ablation.measure(chosen, clips)
    top, bottom, hard, linear = found.values()
    assert (top["PCK"], top["PCK_abs"], top["recall"], top["false"]) == (100, 100, 100, 0)
    assert top["MPJPE"] == pytest.approx(0, abs=1e-3)
    assert top["AUC"] == pytest.approx(100 * 30 / 31)  # an error of 0 is not below 0
    assert (bottom["depth %"], bottom["PCK"], bottom["PCK_abs"]) == (pytest.approx(10, abs=1e-3), 100, 0)
    # A distance that contradicts a person's size gives way to it: the joints in the picture are exact here.
    for given_back in (hard, linear):
        assert given_back["depth %"] < 1
        assert given_back["MPJPE"] > 1
    assert [found[name]["off"] for name in chosen][:2] == ["", ""]


def test_rows_of_networks_that_never_had_the_idea_have_answers():
    """The usual networks stand for those of the recipe table1, which are trained otherwise."""
    usual = find("lite")
    nodes = Trained(usual.folder, usual.lifting_networks())
    image, of = paint(standing(300, 240)[None]), frame()
    still = empty(People, msgspec.structs.replace(of, still=True))
    said = nodes.step(image, of, boxes(standing(300, 240)[None], of), still)
    rows = trained_rows(ablation.Row, None)
    assert {name for row in rows.values() for name in (row.top, row.bottom) if name} == set(said)
    assert all(len(answer) == 1 for answer in said.values())


def test_without_the_bottom_up_branch_fusion_is_given_the_top_down_pose_alone():
    asked = []

    def listening(top, top_confidence, bottom, bottom_confidence):
        asked.append((top, bottom, bottom_confidence))
        return unsure(top)

    row = ablation.table1(None)["TD + BU (w/o BU)"]._replace(integrate=listening)
    said = answers(2)
    scenes = ablation.fused(said, row)
    for (top, bottom, sure), answer, scene in zip(asked, said, scenes, strict=True):
        np.testing.assert_array_equal(top, answer["top_down"].joints)
        assert np.isnan(bottom).all()
        assert not sure.any()
        assert len(scene.ids) == 2


def test_people_who_are_missed_and_false_ones_count():
    said = answers(2)
    alone = [{"top_down": poses(s["top_down"].frame, [PLACES[0], (0.1, 9.0)])} for s in said]
    found = ablation.figures(ablation.truth(known(2)), [s["top_down"] for s in alone])
    assert (found["recall"], found["false"], found["PCK"]) == (50, 1, 50)


def test_the_program_takes_what_the_nodes_said_and_prints_every_row(tmp_path, capsys):
    (tmp_path / "still.mp4").touch()
    (tmp_path / "still.json").write_text(json.dumps(known(3)))
    packed = [{name: wire.encode(said) for name, said in frame.items()} for frame in answers(3)]
    (tmp_path / "still.msgpack").write_bytes(msgspec.msgpack.encode(packed))
    ablation.main([str(tmp_path), "--records", str(tmp_path)])
    rows = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert list(rows) == list(ablation.table1(None))
    assert rows["TD (w MP)"]["PCK_abs"] == 100
    assert rows["TD + BU (IN)"]["recall"] == 100


@pytest.mark.parametrize("arguments", [[], ["--clips", "waltz"]])
def test_clips_that_are_not_there_are_named(tmp_path, arguments):
    with pytest.raises(UsageError, match="no clip with its truth"):
        ablation.main([str(tmp_path), *arguments])


def test_table_2_trains_a_row_for_each_choice_of_terms():
    from duopose.evaluation.ablations import fine_tuned
    from duopose.networks.integration import Integration
    from duopose.networks.pairs import describe
    from duopose.training.loop.trainer import as_called
    from duopose.training.pairs.batches import as_batch
    from duopose.training.unlabelled.people import Unlabelled

    rng = np.random.default_rng(0)
    truth = np.stack([pictured(x, 4)[0] for x in np.linspace(-1, 1, 8)]) + rng.normal(0, 0.1, (8, 17, 3)).astype("f4")
    sure = np.full((8, 17), 0.8, np.float32)
    rays = truth[..., :2] / truth[..., 2:]
    people = Unlabelled(truth, sure, 1.05 * truth, sure, rays, sure, np.full(8, -1))
    features, _ = describe(*people[:4])
    batch = as_batch(people[:4], truth)
    start = Integration(channels=8, layers=2)
    rows = {}
    for name, network in fine_tuned.networks(start, lambda rng: batch, people, None, steps=3):
        rows[name] = network(features)
        if name == "IN + Rep":
            break
    more, reprojected = rows.values()
    assert list(rows) == ["IN + more of eq. 7", "IN + Rep"]
    assert not np.array_equal(more[0], reprojected[0])
    assert not np.array_equal(more[0], start(torch.from_numpy(features))[0].detach().numpy())
    (row,) = ablation.table2([("IN + Rep", as_called(start.requires_grad_(False), exact=True))]).values()
    fused = ablation.fused(answers(2), row)
    assert [len(scene.ids) for scene in fused] == [2, 2]


def test_table_2_wants_people_and_motion(tmp_path):
    with pytest.raises(UsageError, match="--unlabelled"):
        ablation.main([str(tmp_path), "--mocap", str(tmp_path)])
