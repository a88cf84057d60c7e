import json

import numpy as np
import pytest

from duopose.evaluation import video
from duopose.evaluation.measures import identity
from duopose.stream.errors import UsageError


def frame(people, ids, jitter=0.0, seed=0):
    """People and identities side by side, 100 px apart; {name: column}."""
    rng = np.random.default_rng(seed)

    def boxes(places):
        return np.array([[100 * place, 0, 50, 80] for place in places], float).reshape(-1, 4)

    found = boxes(ids.values())
    return identity.Frame(
        np.array(list(people), int),
        boxes(people.values()),
        np.array(list(ids), int),
        found + rng.normal(0, jitter, found.shape),
    )


def test_no_frames_and_empty_frames_give_no_figures():
    for frames in ([], [frame({}, {})]):
        figures = identity.figures(frames)
        assert figures["people"] == 0
        assert np.isnan([figures["found"], figures["idf1"]]).all()


def test_one_identity_a_person_is_perfect():
    figures = identity.figures([frame({1: 0, 2: 1}, {7: 0, 8: 1}, jitter=2, seed=n) for n in range(5)])
    assert figures == {
        "people": 2, "found": 1, "ids": 1, "ids_most": 1, "main": 1, "swapped": 0, "switches": 0, "false": 0, "idf1": 1
    }  # fmt: skip


def test_a_person_missed_and_a_false_one_are_counted():
    figures = identity.figures([frame({1: 0, 2: 1}, {7: 0, 9: 5})] * 2)
    assert (figures["found"], figures["false"]) == (0.5, 1)


def test_a_new_identity_on_the_way_is_counted():
    figures = identity.figures([frame({1: 0}, {7: 0})] * 3 + [frame({1: 0}, {8: 0})])
    assert (figures["ids"], figures["ids_most"], figures["main"]) == (2, 2, 0.75)


def test_one_identity_for_two_people_after_each_other_is_a_swap():
    figures = identity.figures([frame({1: 0}, {7: 0}), frame({2: 3}, {7: 3})])
    assert (figures["ids"], figures["swapped"], figures["idf1"]) == (1, 1, 0.5)


def test_idf1_and_switches_equal_motmetrics():
    import motmetrics  # and with it pandas, which no other test needs

    rng = np.random.default_rng(2)
    frames = []
    for number in range(30):
        people = {person: person for person in range(4) if rng.random() < 0.8}
        ids = {10 + (column if number < 15 else column ^ 1): column for column in range(5) if rng.random() < 0.8}
        frames.append(frame(people, ids, jitter=6, seed=number))
    accumulator = motmetrics.MOTAccumulator(auto_id=True)
    for f in frames:
        overlap = identity._overlaps(f, 0.3)
        accumulator.update(f.people, f.ids, np.where(overlap > 0, 1 - overlap, np.nan))
    expected = motmetrics.metrics.create().compute(accumulator, metrics=["idf1", "num_switches"])
    assert 0.3 < expected["idf1"].item() < 0.9
    assert identity.idf1(frames) == pytest.approx(expected["idf1"].item())
    assert identity.switches(frames) == expected["num_switches"].item() > 0


def test_an_identity_is_kept_while_it_overlaps_even_if_another_lies_better():
    near, far = np.array([[0.0, 0, 50, 80]]), np.array([[15.0, 0, 50, 80]])
    frames = [identity.Frame(np.array([1]), near, np.array([7]), near)]
    frames.append(identity.Frame(np.array([1]), near, np.array([7, 8]), np.concatenate([far, near])))
    assert identity.switches(frames) == 0
    frames.append(identity.Frame(np.array([1]), near, np.array([8]), near))
    assert identity.switches(frames) == 1


def test_the_noted_clips_hold_boxes_in_the_order_of_time():
    clips = json.loads(video.TRUTH.read_text())
    assert {
        "corridor_three_people",
        "park_two_people",
        "football_juggle",
        "two_people_hug",
        "lab_three_people_portrait",
    } <= set(clips)
    rendered = [json.loads(file.read_text()) for file in video.RENDERED.glob("*.json") if file != video.TRUTH]
    assert len(rendered) >= 2
    for clip in [*clips.values(), *rendered]:
        for views in clip["people"].values():
            for view in views:
                assert list(map(int, view)) == sorted(map(int, view))
                assert all(len(box) == 4 and min(box[2:]) > 0 for box in view.values())


def test_the_program_reads_truth_beside_a_clip_and_takes_a_record_that_is_there(tmp_path, capsys):
    (tmp_path / "walk.mp4").touch()
    (tmp_path / "walk.json").write_text(json.dumps({"people": {"a": [{"0": [0, 0, 50, 80], "4": [40, 0, 50, 80]}]}}))
    lines = [
        {"frame": n, "file": None, "stamp": n / 30, "people": [{"id": 3, "score": 1, "box": [10 * n, 0, 50, 80],
                                                                "coco2d": np.zeros((17, 3)).tolist(),
                                                                "joints2d": np.zeros((17, 3)).tolist(),
                                                                "joints3d": np.zeros((17, 3)).tolist()}]}
        for n in range(6)
    ]  # fmt: skip
    (tmp_path / "walk.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    video.main([str(tmp_path), "--clips", "walk", "--records", str(tmp_path)])
    row = json.loads(capsys.readouterr().out.splitlines()[-1])["walk"]
    assert (row["frames"], row["found"], row["ids_most"], row["false"]) == (6, 1, 1, pytest.approx(1 / 6, abs=1e-4))


def test_an_unknown_clip_is_named(tmp_path):
    with pytest.raises(UsageError, match="waltz"):
        video.main([str(tmp_path), "--clips", "waltz"])
