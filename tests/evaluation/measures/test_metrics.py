"""Every published metric against the numbers that its reference code gave on made-up poses."""

import json

import numpy as np
import pytest

from duopose.evaluation import jta
from duopose.evaluation.measures import metrics, mupots, panoptic, root
from duopose.evaluation.measures.nearest import nearest_people
from tests.places import GOLDEN


def rescale(predicted, truth):
    """The predicted poses, each times the factor that brings it nearest to its true one (N-MPJPE; rooted)."""
    factor = (predicted * truth).sum((-1, -2)) / np.maximum((predicted**2).sum((-1, -2)), 1e-12)
    return predicted * factor[..., None, None]


def over_sequences(sequences):
    """Errors [people, 14] of each sequence -> PCK and AUC in percent: plain means over the sequences."""
    pcks, aucs = (
        [metrics.pck(e, mupots.NEAR) for e in sequences],
        [metrics.auc(e, mupots.THRESHOLDS) for e in sequences],
    )
    return np.mean(pcks), np.mean(aucs)


ALIGNMENTS = {"none": None, "scale": rescale, "procrustes": metrics.procrustes}


@pytest.fixture(scope="module")
def single():
    with np.load(GOLDEN / "metrics_single.npz") as arrays:
        arrays = {name: arrays[name] for name in arrays}
    meta = json.loads((GOLDEN / "metrics_single.json").read_text())
    return (
        arrays["pred"].astype(float),
        arrays["gt"].astype(float),
        arrays["mask"].astype(bool),
        meta["root_index"],
        meta["expected"],
    )


@pytest.fixture(scope="module")
def multi():
    """Sequences of frames: (truth of the valid people, predicted, scores), mm."""
    meta = json.loads((GOLDEN / "metrics_multi.json").read_text())
    with np.load(GOLDEN / "metrics_multi.npz") as arrays:
        sequences = []
        for s in range(meta["sequences"]):
            frames = []
            for f in range(meta["frames"]):
                get = {name: arrays[f"s{s + 1}_f{f}_{name}"] for name in ("gt", "valid", "pred", "score")}
                frames.append(
                    (get["gt"][get["valid"].astype(bool)].astype(float), get["pred"].astype(float), get["score"])
                )
            sequences.append(frames)
    return sequences, meta


@pytest.mark.parametrize("align", ALIGNMENTS)
@pytest.mark.parametrize("space", ["root_aligned", "absolute"])
def test_errors_of_single_poses_equal_the_reference(single, space, align):
    predicted, truth, mask, pelvis, expected = single
    if space == "root_aligned":
        predicted, truth = metrics.rooted(predicted, pelvis), metrics.rooted(truth, pelvis)
    errors = metrics.joint_errors(predicted, truth, ALIGNMENTS[align])[mask]
    assert 1000 * errors.mean() == pytest.approx(expected[f"{space}_mpjpe_{align}_mm"], rel=1e-6)
    assert metrics.pck(errors, 0.15) == pytest.approx(expected[f"{space}_pck150_{align}"], rel=1e-6)
    assert metrics.auc(errors, np.linspace(0, 0.15, 31)) == pytest.approx(expected[f"{space}_auc_{align}"], rel=1e-6)


def test_rigid_alignment_and_root_errors_equal_the_reference(single):
    predicted, truth, _, pelvis, expected = single
    rigid = metrics.joint_errors(predicted, truth, metrics.rigid).mean()
    assert 1000 * rigid == pytest.approx(expected["pa_mpjpe_rigid_no_scale_mm"], rel=1e-6)
    got = [1000 * value for value in metrics.mrpe(predicted[:, pelvis], truth[:, pelvis])]
    assert got == pytest.approx(list(expected["mrpe_mm"].values()), rel=1e-6)


def test_procrustes_never_reflects():
    pose = np.random.default_rng(0).normal(size=(1, 17, 3))
    assert metrics.joint_errors(pose * [-1, 1, 1], pose, metrics.procrustes).mean() > 0.1


@pytest.mark.parametrize("space", ["rel", "abs"])
@pytest.mark.parametrize("people", ["all", "matched"])
def test_mupots_equals_the_reference(multi, space, people):
    sequences, meta = multi

    def pixels(poses):
        return poses[..., :2] / poses[..., 2:] * meta["focal"] + meta["centre"]

    per_sequence = []
    for sequence in sequences:
        frames = [mupots.Frame(truth, predicted) for truth, predicted, _ in sequence]
        matches = [mupots.match_on_image(pixels(frame.truth), pixels(frame.predicted)) for frame in frames]
        per_sequence.append(mupots.errors(frames, matches, space == "abs", people == "all"))
    expected = meta["expected"][f"mupots_{space}_{people}"]
    assert over_sequences(per_sequence) == pytest.approx((expected["pck"], expected["auc"]), rel=1e-6)
    assert [metrics.pck(e, 150) for e in per_sequence] == pytest.approx(expected["pck_per_sequence"], rel=1e-6)
    aucs = [metrics.auc(e, mupots.THRESHOLDS) for e in per_sequence]
    assert aucs == pytest.approx(expected["auc_per_sequence"], rel=1e-6)


@pytest.mark.parametrize("space", ["", "_abs"])
def test_the_authors_own_figures_are_reproduced_quirks_and_all(multi, space):
    sequences, meta = multi
    per_sequence = [
        mupots.authors_errors([mupots.Frame(truth, predicted) for truth, predicted, _ in sequence], space == "_abs")
        for sequence in sequences
    ]
    assert over_sequences(per_sequence)[0] == pytest.approx(meta["expected"][f"authors_pck{space}"], rel=1e-6)


def test_the_authors_auc_of_each_group_of_joints_is_reproduced(multi):
    sequences, meta = multi
    per_sequence = [
        mupots.authors_errors([mupots.Frame(truth, predicted) for truth, predicted, _ in sequence])
        for sequence in sequences
    ]
    groups = ([0], [1], [2, 5], [3, 6], [4, 7], [8, 11], [9, 12], [10, 13])  # head, neck, shoulders, ... ankles
    aucs = [np.mean([metrics.auc(e[:, joints], np.arange(0, 200, 5)) for e in per_sequence]) for joints in groups]
    assert aucs == pytest.approx(meta["expected"]["authors_auc_per_group"], rel=1e-6)


@pytest.mark.parametrize("threshold", [250, 100])
def test_ap_of_the_root_equals_the_reference(multi, threshold):
    sequences, meta = multi
    frames = [(t[:, mupots.PELVIS], p[:, mupots.PELVIS], s) for sequence in sequences for t, p, s in sequence]
    assert root.ap_root(frames, threshold) == pytest.approx(meta["expected"][f"ap_root_{threshold // 10}"], rel=1e-6)


@pytest.mark.parametrize("threshold", [0.4, 0.8, 1.2])
def test_jta_equals_the_reference(multi, threshold):
    sequences, meta = multi
    results = []
    for truth, predicted, _ in (frame for sequence in sequences for frame in sequence):
        types = [np.tile(np.arange(14), len(poses)) for poses in (truth, predicted)]
        joints = [poses[:, :14].reshape(-1, 3) / 1000 for poses in (truth, predicted)]
        results.append(jta.joint_f1(joints[0], types[0], joints[1], types[1], threshold))
    expected = meta["expected"][f"jta_{threshold}"]
    assert 100 * np.mean(results, 0) == pytest.approx(list(expected.values()), rel=1e-6)


def test_jta_of_nothing():
    none, one = np.zeros((0, 3)), np.zeros((1, 3))
    assert jta.joint_f1(none, np.zeros(0), none, np.zeros(0), 0.4) == (1, 1, 1)
    assert jta.joint_f1(one, np.zeros(1), none, np.zeros(0), 0.4) == (0, 0, 0)
    assert jta.joint_f1(none, np.zeros(0), one, np.zeros(1), 0.4) == (0, 0, 0)


def test_panoptic_equals_the_reference(multi):
    sequences, meta = multi
    found, total = nearest_people([(*frame, None) for sequence in sequences for frame in sequence])
    expected = meta["expected"]["panoptic_style"]
    assert total == expected["gt_people"]
    curves = [panoptic.ap_ar(found, total, threshold) for threshold in expected["thresholds_mm"]]
    assert [ap for ap, _ in curves] == pytest.approx(expected["ap"], rel=1e-6)
    assert [ar for _, ar in curves] == pytest.approx(expected["ar"], rel=1e-6)
    assert panoptic.recall(found, total) == pytest.approx(expected["recall_500"])
    assert panoptic.mpjpe(found) == pytest.approx(expected["mpjpe_500"], rel=1e-6)


def test_figures_of_no_predictions_are_zero():
    truth = np.zeros((2, 17, 3))
    nobody = np.zeros((0, 17, 3))
    assert root.ap_root([(truth[:, 14], nobody[:, 14], np.zeros(0))]) == 0
    assert panoptic.ap_ar(*nearest_people([(truth, nobody, np.zeros(0), None)]), 150) == (0, 0)
    match = mupots.match_on_image(truth[..., :2], nobody[..., :2])
    assert match.tolist() == mupots.match_by_pose(truth, nobody).tolist() == [-1, -1]
    assert over_sequences([mupots.errors([mupots.Frame(truth, nobody)], [match])]) == (0, 0)
