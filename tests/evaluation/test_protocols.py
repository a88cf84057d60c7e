"""The programs `jta`, `human36m`, `threedpw` and `panoptic3d` on made-up copies of their sets: poses that are right, shifted or missing."""

import importlib
import json
import pickle
import re

import numpy as np
import pytest

from duopose.evaluation import human36m, jta, panoptic3d, threedpw
from duopose.evaluation.runs import sequences
from duopose.stream.errors import UsageError
from duopose.training.datasets.human36m import Human36m
from duopose.training.datasets.jta import Jta
from duopose.training.datasets.panoptic import Panoptic
from duopose.training.datasets.reading.arrays import unpickle
from duopose.training.datasets.threedpw import ThreeDpw
from tests.evaluation.copies import (  # fmt: skip
    numbered,
    record,
    standing,
    write_human36m,
    write_jta,
    write_panoptic,
    write_threedpw,
)


def last_line(capsys):
    return json.loads(capsys.readouterr().out.splitlines()[-1])


# JTA


def crowd(frames=20):
    """Two people, one of them walking, and one whose legs are below the picture."""
    return np.array([[standing(-2 + 0.1 * t, 8), standing(3, 12), standing(0, 4, 1.9)] for t in range(frames)])


def run_jta(tmp_path, capsys, found, **how):
    write_jta(tmp_path / "set", "seq_256", crowd(len(found)), **how)
    record(tmp_path / "records" / "seq_256.jsonl", found, numbered(len(found)))
    jta.main([str(tmp_path / "set"), "--records", str(tmp_path / "records")])
    return last_line(capsys)["fused"]


def test_jta_is_right_for_the_truth_of_every_tenth_frame(tmp_path, capsys):
    found = crowd()
    found[[0, 5, 18]] += 100  # these are not judged
    row = run_jta(tmp_path, capsys, found)
    assert row["pictures"] == 2
    assert all(row[f"{name}_{t}"] == 100 for name in ("precision", "recall", "f1") for t in (0.4, 0.8, 1.2))


def test_jta_counts_joints_within_each_threshold(tmp_path, capsys):
    row = run_jta(tmp_path, capsys, crowd() + [0.6, 0, 0])
    assert [row[f"f1_{t}"] for t in (0.4, 0.8, 1.2)] == [0, 100, 100]


def test_jta_counts_missed_people_by_their_joints_in_the_picture(tmp_path, capsys):
    found = [people[:2] for people in crowd()]
    write_jta(tmp_path / "set", "seq_256", crowd())
    loader = Jta(tmp_path / "set", "test")
    pixels = loader.people(9).pixels[2, jta.THEIRS]
    inside = sequences.within(pixels, (1920, 1080)).sum()
    assert 0 < inside < 14
    row = run_jta(tmp_path, capsys, found)
    assert row["precision_0.4"] == 100
    assert row["recall_0.4"] == pytest.approx(100 * 28 / (28 + inside), abs=1e-3)
    assert row["f1_0.4"] == pytest.approx(200 * 28 / (56 + inside), abs=1e-3)


def test_jta_loads_who_is_seen_and_ignores_who_is_hidden(tmp_path):
    write_jta(tmp_path, "seq_256", crowd(2), hidden=[1])
    loader = Jta(tmp_path, "test")
    sample = loader[1]
    assert (sample.sequence, sample.number, sample.file.name, len(loader)) == ("test/seq_256", 1, "2.jpg", 2)
    assert sample.ids.tolist() == [0, 2]
    assert len(sample.ignore) == 1
    np.testing.assert_allclose(sample.body3d[0, 1:7], crowd(2)[1, 0, 1:7], atol=1e-5)
    np.testing.assert_allclose(sample.body3d[0, 0], crowd(2)[1, 0, 0], atol=1e-5)
    assert loader.people(1).ids.tolist() == [0, 1, 2]


# Human3.6M


def studio():
    return {frame: standing(0.2, 4 + frame / 640) for frame in (0, 5, 64, 70)}


def run_human36m(tmp_path, capsys, change=lambda pose: pose):
    for subject in (9, 11):
        name = write_human36m(tmp_path / "set", subject, studio())
        found = [[change(pose)] if subject == 9 else [pose] for pose in studio().values()]
        record(tmp_path / "records" / f"{name}.jsonl", found, [f"{frame:08d}.jpg" for frame in studio()])
    human36m.main([str(tmp_path / "set"), "--records", str(tmp_path / "records")])
    return last_line(capsys)


def test_human36m_is_right_for_the_truth_of_every_64th_frame(tmp_path, capsys):
    table = run_human36m(tmp_path, capsys)
    assert (table["protocol 1: fused"]["people"], table["protocol 2: fused"]["people"]) == (2, 4)
    for row in (table["protocol 2: fused"], table["Directions: fused"], table["protocol 1: bottom_up"]):
        assert row["found"] == row["pck"] == row["pck_abs"] == 100
        assert [row[name] for name in ("mpjpe", "pa_mpjpe", "pa_mpjpe_rigid", "mrpe")] == [0] * 4
    assert table["Walking: fused"]["people"] == 0


def test_human36m_tells_place_size_and_pose_apart(tmp_path, capsys):
    table = run_human36m(tmp_path, capsys, lambda pose: 1.1 * (pose - pose[0]) + pose[0] + [0.03, 0, 0.04])
    half, untouched = table["protocol 2: fused"], table["protocol 1: fused"]
    size = 1000 * np.linalg.norm(standing(0, 4) - standing(0, 4)[0], axis=-1).mean()
    assert [half[name] for name in ("mrpe", "mrpe_x", "mrpe_y", "mrpe_z")] == pytest.approx([25, 15, 0, 20], abs=1e-3)
    assert half["mpjpe"] == pytest.approx(0.1 * size / 2, abs=1e-3)
    assert half["pa_mpjpe"] == 0 < half["pa_mpjpe_rigid"] < half["mpjpe"]
    assert untouched["mrpe"] == untouched["pa_mpjpe_rigid"] == 0


def test_human36m_leaves_a_missed_person_out_of_means_and_says_so(tmp_path, capsys):
    table = run_human36m(tmp_path, capsys, lambda pose: pose + [9, 0, 0])
    row = table["protocol 2: fused"]
    assert (row["found"], row["mpjpe"], row["pck"]) == (50, 0, 50)


def test_human36m_loads_the_joints_in_the_cameras_frame(tmp_path):
    write_human36m(tmp_path, 1, studio(), action=14)
    loader = Human36m(tmp_path, (1,), step=64)
    assert [sample.number for sample in map(loader.__getitem__, range(len(loader)))] == [0, 64]
    assert loader.action(0) == "Walking"
    np.testing.assert_allclose(loader[1].body3d[0], studio()[64], atol=1e-5)
    assert (loader[1].size, loader[1].stamp) == ((1000, 1002), 64 / 50)


# 3DPW


def street(apart):
    """Two frames of two people who stand that far apart."""
    return np.array([[standing(-apart / 2, 4), standing(apart / 2, 5)]] * 2)


def run_threedpw(tmp_path, capsys, found, *more, **how):
    """Clip `near`: one person partly behind the other; clip `far`: both free. found: {clip: poses}"""
    truth = {"near": street(0.25), "far": street(2)}
    for name, frames in truth.items():
        write_threedpw(tmp_path / "set", name, frames, **how)
        record(tmp_path / "records" / f"{name}.jsonl", found.get(name, frames), numbered(2))
    threedpw.main([str(tmp_path / "set"), "--records", str(tmp_path / "records"), *more])
    return last_line(capsys)


def test_threedpw_is_right_for_the_truth(tmp_path, capsys):
    table = run_threedpw(tmp_path, capsys, {})
    row = table["test: fused"]
    assert (row["people"], row["recall"], row["pck"], row["pck_abs"]) == (8, 100, 100, 100)
    assert row["mpjpe"] == row["pa_mpjpe"] == row["depth"] == 0
    assert table["occluded: fused"]["people"] == 8  # fewer than 3,000
    assert table["drop: fused"]["pa_mpjpe"] == 0


def test_threedpw_measures_the_drop_on_whom_others_overlap_most(tmp_path, capsys):
    knee = street(0.25)
    knee[:, :, 2] += [0, 0, 0.12]  # one of 12 joints
    table = run_threedpw(tmp_path, capsys, {"near": knee}, "--occluded", "4")
    assert table["occluded: fused"]["people"] == 4
    assert table["occluded: fused"]["mpjpe"] == pytest.approx(10, abs=1e-3)
    assert table["test: fused"]["mpjpe"] == pytest.approx(5, abs=1e-3)
    assert table["drop: fused"]["mpjpe"] == pytest.approx(5, abs=1e-3)
    assert table["occluded: fused"]["iou"] > 0.2
    assert 0 < table["occluded: fused"]["pa_mpjpe"] == pytest.approx(2 * table["drop: fused"]["pa_mpjpe"], abs=1e-3)


def test_found_strangers_overlap_as_well_as_labelled_people():
    box = np.array([[0, 0, 10, 20.0]])
    assert threedpw.overlaps(box, [[0, 0, 10, 20], [0, 10, 10, 20]], np.array([0])) == pytest.approx([1 / 3])
    assert threedpw.overlaps(box, np.zeros((0, 4)), np.array([-1])) == [0]
    assert threedpw.overlaps(np.zeros((0, 4)), box, np.zeros(0, int)).tolist() == []


def test_threedpw_scores_the_joints_that_both_skeletons_have(tmp_path, capsys):
    other = {name: frames.copy() for name, frames in (("near", street(0.25)), ("far", street(2)))}
    for frames in other.values():
        frames[:, :, [0, 7, 8, 9, 10]] += 5  # pelvis, spine, thorax, nose, head top
    assert run_threedpw(tmp_path, capsys, other)["test: fused"]["mpjpe"] == 0


def test_threedpw_leaves_frames_without_valid_camera_out(tmp_path, capsys):
    table = run_threedpw(tmp_path, capsys, {}, valid=[[1, 0], [1, 1]])
    assert table["test: fused"]["people"] == 6
    sample = ThreeDpw(tmp_path / "set", "test")[1]
    assert (sample.ids.tolist(), sample.number, sample.size) == ([1], 1, (640, 480))
    np.testing.assert_allclose(sample.body3d[0, 1:7], street(2)[1, 1, 1:7], atol=1e-5)


class Harm:
    def __reduce__(self):
        return (eval, ("1 + 1",))


@pytest.mark.parametrize("content", [Harm(), np.array([Harm()]), {"jointPositions": [Harm()]}])
def test_a_pickle_that_would_run_something_is_not_read(tmp_path, content):
    path = tmp_path / "a.pkl"
    path.write_bytes(pickle.dumps(content))
    with pytest.raises(UsageError, match=r"a\.pkl is not read: it wants to call builtins\.eval") as error:
        unpickle(path)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("protocol", [0, 2, 4])
def test_arrays_are_unpickled(tmp_path, protocol):
    path = tmp_path / "a.pkl"
    arrays = {"a": np.arange(6.0).reshape(2, 3), "b": [np.float64(2), np.ones(2, bool)], "c": ["text", b"bytes", None]}
    path.write_bytes(pickle.dumps(arrays, protocol))
    back = unpickle(path)
    np.testing.assert_array_equal(back["a"], arrays["a"])
    assert back["b"][0] == 2
    assert back["b"][1].tolist() == [True, True]
    assert back["c"] == arrays["c"]


def test_a_file_that_is_no_pickle_is_one_line(tmp_path):
    for content in (b"", b"hello", pickle.dumps(np.ones(9))[:-9]):
        (tmp_path / "a.pkl").write_bytes(content)
        with pytest.raises(UsageError, match="is not read"):
            unpickle(tmp_path / "a.pkl")


# CMU Panoptic


def dome(*numbers):
    """Two people and one outside every picture."""
    return {number: np.array([standing(-0.7, 3), standing(0.7, 4), standing(9, 3)]) for number in numbers}


def run_panoptic(tmp_path, capsys, found, *more):
    """Two activities; `found` [N, 17, 3] in every picture."""
    write_panoptic(tmp_path / "set", "160906_pizza1", dome(100, 101, 103), cameras=(16, 30))
    write_panoptic(tmp_path / "set", "160226_mafia2", dome(7), count=15)
    numbers = {
        "160906_pizza1_00_16": (100, 101, 103),
        "160906_pizza1_00_30": (100, 101, 103),
        "160226_mafia2_00_16": (7,),
    }
    for name, frames in numbers.items():
        names = [f"{frame:08d}.jpg" for frame in frames]
        record(tmp_path / "records" / f"{name}.jsonl", [found] * len(frames), names, scores=[0.9, 0.5])
    panoptic3d.main([str(tmp_path / "set"), "--records", str(tmp_path / "records"), *more])
    return last_line(capsys)


def test_panoptic_is_right_for_the_truth(tmp_path, capsys):
    table = run_panoptic(tmp_path, capsys, dome(0)[0][:2], "--step", "2")
    assert set(table) == {
        f"{name}: {row}" for name in ("pizza", "mafia", "mean") for row in ("fused", "top_down", "bottom_up")
    }
    assert [table[f"{name}: fused"]["people"] for name in ("pizza", "mafia", "mean")] == [8, 2, 10]
    for row in table.values():
        assert all(row[f"{name}_{t}"] == pytest.approx(100, abs=0.01) for name in ("ap", "ar") for t in (25, 75, 150))
        assert (row["found"], row["recall_500"], row["pck"], row["pck_abs"]) == (100, 100, 100, 100)
        assert row["mpjpe"] == row["pa_mpjpe"] == row["mpjpe_500"] == pytest.approx(0, abs=1e-3)


def test_panoptic_counts_people_within_each_distance(tmp_path, capsys):
    row = run_panoptic(tmp_path, capsys, dome(0)[0][:2] + [0.06, 0, 0])["mean: fused"]
    assert [round(row[f"ap_{t}"]) for t in (25, 50, 75, 100, 125, 150)] == [0, 0, 100, 100, 100, 100]
    assert row["mpjpe_500"] == pytest.approx(60, abs=1e-3)
    assert row["mpjpe"] == pytest.approx(0, abs=1e-3)


def test_panoptic_counts_missed_and_invented_people(tmp_path, capsys):
    people = dome(0)[0]
    row = run_panoptic(tmp_path, capsys, [people[0], people[1] + [-3, 0, 0]])["mean: fused"]
    assert (row["found"], row["recall_500"], row["pck"], row["pck_abs"]) == (50, 50, 50, 50)
    assert [row["ap_150"], row["ar_150"]] == pytest.approx([50, 50], abs=0.01)


def test_panoptic_a_person_too_far_along_the_ray_is_found_but_not_there(tmp_path, capsys):
    people = dome(0)[0]
    row = run_panoptic(tmp_path, capsys, [people[0], 1.3 * people[1]])["mean: fused"]
    assert (row["found"], row["recall_500"], row["pck_abs"], row["pa_mpjpe"]) == (100, 50, 50, 0)


def test_panoptic_finding_nobody_is_no_error(tmp_path, capsys):
    row = run_panoptic(tmp_path, capsys, np.zeros((0, 17, 3)))["mean: fused"]
    assert (row["ap_150"], row["recall_500"], row["mpjpe"], row["pck_abs"]) == (0, 0, None, 0)


def test_panoptic_loads_people_in_each_cameras_frame(tmp_path):
    write_panoptic(tmp_path, "160906_pizza1", dome(100, 103))
    write_panoptic(tmp_path, "160226_mafia2", dome(7), count=15)
    loader = Panoptic(tmp_path)
    assert list(loader.sequences) == ["160226_mafia2/00_16", "160906_pizza1/00_16"]
    old, new = loader[0], loader[2]
    assert (new.number, new.file.name, new.ids.tolist()) == (103, "00_16_00000103.jpg", [0, 1])
    np.testing.assert_allclose(new.body3d[:, [0, 1, 8, 9]], dome(0)[0][:2][:, [0, 1, 8, 9]], atol=1e-5)
    assert np.isnan(old.body3d[0, 9]).all()  # no nose there, but a head top
    assert np.isfinite(old.body3d[0, 10]).all()
    assert np.isnan(new.body3d[0, 10]).all()


# All of them


PROGRAMS = ("mupots3d", "jta", "human36m", "threedpw", "panoptic3d")


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_folder_that_is_not_the_set_is_named(name, tmp_path):
    with pytest.raises(UsageError, match=re.escape(str(tmp_path))):
        importlib.import_module(f"duopose.evaluation.{name}").main([str(tmp_path)])


def test_a_record_without_a_judged_picture_is_named(tmp_path):
    write_jta(tmp_path, "seq_256", crowd())
    record(tmp_path / "seq_256.jsonl", crowd(10), numbered(10))
    with pytest.raises(UsageError, match=r"seq_256\.jsonl lacks 1 of 2 pictures of seq_256, e\.g\. 00000019"):
        jta.main([str(tmp_path), "--records", str(tmp_path)])


def test_an_unknown_clip_is_named(tmp_path):
    write_jta(tmp_path, "seq_256", crowd(1))
    with pytest.raises(UsageError, match=r"no clip seq_1; it has seq_256"):
        jta.main([str(tmp_path), "--clips", "seq_1"])


def test_only_chosen_clips_are_judged(tmp_path, capsys):
    for name in ("seq_256", "seq_258"):
        write_jta(tmp_path, name, crowd(10))
        record(tmp_path / f"{name}.jsonl", crowd(10), numbered(10))
    jta.main([str(tmp_path), "--records", str(tmp_path), "--clips", "seq_258"])
    assert last_line(capsys)["fused"]["pictures"] == 1


def test_pictures_of_a_clip_lie_in_the_order_of_time(tmp_path):
    write_jta(tmp_path, "seq_256", crowd(11))
    loader = Jta(tmp_path, "test")
    sequences.link(loader, range(11), tmp_path / "links")
    links = sorted((tmp_path / "links").iterdir())
    assert [link.resolve().name for link in links] == [f"{number}.jpg" for number in range(1, 12)]
