"""Where people come from whom nobody measured: records of the live program, files of both branches, motion capture."""

import json

import numpy as np
import pytest

from duopose.stream.errors import UsageError
from duopose.training.mocap import cameras
from duopose.training.mocap.clips import Clips
from duopose.training.unlabelled import people
from tests.training.unlabelled import made_up


def person(rng, branches=("top_down", "bottom_up"), missing=0):
    seen = rng.uniform(100, 300, (17, 2))
    score = np.full(17, 0.9)
    score[:missing] = 0
    return {
        "joints2d": np.column_stack([seen, score]).tolist(),
        "branches": {name: made_up.poses(1, rng)[0].tolist() for name in branches},
    }


def record(tmp_path, *frames):
    camera = {"fx": 500.0, "fy": 500.0, "cx": 200.0, "cy": 200.0, "distortion": [0.0] * 5, "from": "fov"}
    path = tmp_path / "a.jsonl"
    lines = [{"frame": number, "camera": camera, "people": people} for number, people in enumerate(frames)]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def test_a_record_becomes_unlabelled_people(tmp_path):
    rng = np.random.default_rng(0)
    first, second = person(rng), person(rng, ["top_down"])
    path = record(tmp_path, [first, person(rng, missing=14), second], [], [person(rng, ["bottom_up"])])
    found = people.from_record(path)
    assert [array.shape for array in found] == [(3, 17, 3), (3, 17)] * 2 + [(3, 17, 2), (3, 17), (3,)]
    np.testing.assert_allclose(found.top[0], first["branches"]["top_down"], rtol=1e-5)
    np.testing.assert_allclose(500 * found.rays[1, 4] + 200, second["joints2d"][4][:2], rtol=1e-4)
    assert np.isnan(found.bottom[1]).all()
    assert np.isnan(found.top[2]).all()
    np.testing.assert_allclose(found.bottom_confidence[[0, 1, 2], 0], [0.9, 0, 0.9], rtol=1e-5)
    assert found.partner.tolist() == [1, 0, -1]


def test_a_file_that_is_no_record_is_named_with_its_line(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"frame": 3}\n')
    with pytest.raises(UsageError, match=r"a\.jsonl:1: not a line of a record"):
        people.from_record(tmp_path / "a.jsonl")


def test_a_record_of_nobody_is_refused(tmp_path):
    with pytest.raises(UsageError, match="nobody"):
        people.from_record(record(tmp_path, []))


def test_pairs_of_the_branches_become_unlabelled_people(tmp_path):
    found, truth = made_up.people()
    confidence = found.confidence.copy()
    confidence[0] = 0  # hardly seen: left out, and so is 1's partner
    np.savez(tmp_path / "a.npz", **(found._asdict() | {"confidence": confidence}), truth=truth)
    again, told = people.from_pairs(tmp_path / "a.npz")
    np.testing.assert_array_equal(told, truth[1:])
    assert again.partner.tolist() == [-1, -1, -1, 4, 3, 6, 5, 8, 7, 10, 9]
    np.testing.assert_allclose(again.bottom_confidence[0], found.bottom_confidence[1])
    np.savez(tmp_path / "c.npz", **found._asdict(), truth=truth, run=np.arange(12))
    learns, told = people.from_pairs(tmp_path / "c.npz", held_out=False)
    np.testing.assert_array_equal(told, truth[[1, 2, 3, 4, 5, 6, 7, 8, 9, 11]])  # runs 0 and 10 judge
    assert (learns.partner < len(told)).all()
    np.savez(tmp_path / "b.npz", top=found.top)
    with pytest.raises(UsageError, match="lacks top_confidence"):
        people.from_pairs(tmp_path / "b.npz")


def test_joined_people_keep_their_partners():
    found, _ = made_up.people()
    both = people.join([found, found])
    assert both.partner.tolist() == [*found.partner, *np.where(found.partner < 0, -1, found.partner + 12)]


def test_simulated_people_come_in_pairs_whose_truth_is_seen_along_their_rays():
    rng = np.random.default_rng(0)
    joints = made_up.poses(60, rng, 0) + np.float32([0, 1.2, 0])
    clips = Clips(joints, np.array([0]), np.array([60]))
    found, truth = people.simulated(made_up.networks(), clips, None, 30, rng)
    assert len(found.top) == len(truth) > 10
    assert len(found.top) % 2 == 0
    np.testing.assert_array_equal(found.partner[found.partner], np.arange(len(truth)))
    apart = np.abs(cameras.rays_of(truth) - found.rays).max(-1)[found.confidence > 0.5]
    assert np.median(apart) < 0.05
    assert np.isfinite(found.top).all()
    lone = np.isnan(found.bottom).all((1, 2))
    assert (found.bottom_confidence[lone] == 0).all()
