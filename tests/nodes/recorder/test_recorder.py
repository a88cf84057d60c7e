import datetime
import json
import math
import resource
import shutil
import time
from collections import Counter

import av
import msgspec
import numpy as np
import pytest

from duopose.nodes.recorder.measures import WARM, Measures, Percentiles, measured
from duopose.nodes.recorder.record_format import header_line, record_line, without_broken
from duopose.nodes.recorder.recorder import Recorder
from duopose.stream.errors import UsageError
from duopose.stream.record.reading import frames, last_run
from duopose.stream.settings import Settings
from tests.toy import frame
from tests.toy.scenes import scene


def nobody(number=0):
    one = scene(frame(number))
    arrays = {name: getattr(one, name)[:0] for name in one.__struct_fields__ if name not in ("frame", "fused_at")}
    return msgspec.structs.replace(one, **arrays)


def strict(line):
    """JSON without NaN and infinity."""
    return json.loads(line, parse_constant=lambda name: pytest.fail(f"{name} in the record"))


def test_a_line_holds_what_the_format_says():
    line = strict(record_line(scene(frame(17))))
    assert (line["frame"], line["file"], line["stamp"], line["width"], line["height"]) == (17, None, 0.5667, 64, 48)
    assert line["camera"]["fx"] == 500
    assert line["camera"]["from"] == "default"
    (person,) = line["people"]
    assert (person["id"], person["score"], person["source"]) == (1, 0.87, "top_down")
    assert person["box"] == [16, 12, 32, 24]
    for name in ("coco2d", "joints2d", "joints3d"):
        assert np.array(person[name]).shape == (17, 3)
    assert list(person["branches"]) == ["top_down"]  # the other branch says nothing, and nothing is written


def test_a_line_without_people_has_an_empty_list():
    assert without_broken(nobody())[1] == 0
    assert strict(record_line(nobody()))["people"] == []


@pytest.mark.parametrize("name", ["joints", "coco", "boxes", "scores"])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_person_with_numbers_that_are_none_is_left_out(name, value):
    one = scene(frame(0))
    assert without_broken(one) == (one, 0)
    getattr(one, name).reshape(-1)[0] = value
    rest, broken = without_broken(one)
    assert broken == 1
    assert strict(record_line(rest))["people"] == []


def test_numbers_are_short():
    one = scene(frame(1))
    one.joints[:] = np.float32(1 / 3)
    assert b"0.3333," in record_line(one)
    assert b"0.33333" not in record_line(one)


def test_a_joint_that_was_not_found_is_zero_in_both_skeletons():
    one = scene(frame(0))
    one.coco[0, 11] = 0  # left hip: pelvis and spine hang on it
    (person,) = strict(record_line(one))["people"]
    assert person["coco2d"][11] == [0, 0, 0]
    assert person["joints2d"][0] == person["joints2d"][4] == [0, 0, 0]
    assert person["joints2d"][1] != [0, 0, 0]


def test_a_header_says_when_with_what_and_of_what_but_no_password():
    header = strict(
        header_line(Settings(source="rtsp://me:secret@camera/live", fov=70, version="1.2"), scene(frame(0)))
    )
    assert "frame" not in header
    assert next(iter(header)) == "duopose"
    assert (header["source"], header["version"], header["continued"]) == ("rtsp://***@camera/live", "1.2", False)
    assert (header["settings"]["fov"], header["camera"]["fx"]) == (70, 500)
    written = datetime.datetime.fromisoformat(header["written"])
    assert abs(written.timestamp() - time.time()) < 60
    assert header["started"] <= header["written"]


def test_each_line_is_in_the_file_at_once_below_one_header(tmp_path):
    path = tmp_path / "record.jsonl"
    recorder = Recorder(Settings(record=str(path)))
    assert path.read_bytes() == b""  # nothing before the first frame
    for number in range(3):
        recorder.add(scene(frame(number)))
        header, *lines = path.read_text().splitlines()  # the file is still open
        assert strict(header)["duopose"] == 1
        assert [strict(line)["frame"] for line in lines] == list(range(number + 1))
    recorder.close()


@pytest.mark.parametrize("option", ["record", "save_video"])
def test_a_file_that_cannot_be_written_is_the_users_to_mend(tmp_path, option):
    with pytest.raises(UsageError, match="can't write"):
        Recorder(Settings(**{option: str(tmp_path / "nowhere" / "file.mp4")}))


@pytest.mark.parametrize("option", ["record", "save_video"])
def test_a_recorder_that_is_back_waits_for_a_file_that_it_cannot_open(tmp_path, option):
    folder = tmp_path / "out"
    folder.mkdir()
    settings = Settings(**{option: str(folder / "file.mp4")})
    first = Recorder(settings, tmp_path)
    first.add(scene(frame(0)), picture())
    first.close()
    shutil.rmtree(folder)
    said = []
    second = Recorder(settings, tmp_path, said.append)
    second.add(scene(frame(1)), picture())
    second.close()
    assert said == [f"can't write {folder / 'file.mp4'}: No such file or directory; trying again, the run goes on"]


def test_what_was_measured_outlives_the_recorder(tmp_path):
    for life in range(2):
        recorder = Recorder(Settings(started_at=-1.0), tmp_path)
        for number in range(WARM):
            recorder.add(scene(frame(life * WARM + number)))
    found = measured(tmp_path)  # neither was closed
    assert found["frames_processed"] == 2 * WARM
    assert found["fps"] > 0
    assert found["startup_s"] > 0
    assert (found["identities"], found["most_people"], len(found["last_people"])) == (1, 1, 1)


def test_a_recorder_that_is_back_adds_to_the_record_and_overwrites_nothing(tmp_path):
    record, video = tmp_path / "record.jsonl", tmp_path / "seen.mp4"
    record.write_text("old")
    video.write_text("old")
    settings = Settings(record=str(record), save_video=str(video), overwrite=True)
    for number in range(2):
        recorder = Recorder(settings, tmp_path, lambda line: None)
        recorder.add(scene(frame(number)), picture())
        if number == 0:
            with open(record, "ab") as file:
                file.write(b'{"frame": 1, "pe')  # as a kill leaves it
        recorder.close()
    headers = [strict(line)["continued"] for line in record.read_text().splitlines() if line.startswith('{"duopose"')]
    assert headers == [False, True]
    assert [line["frame"] for _, line in frames(record)] == [0, 1]
    assert last_run(record) == 1
    assert [times(tmp_path / name) for name in ("seen.mp4", "seen-2.mp4")] == [[0.0]] * 2


def test_one_file_that_fails_does_not_stop_the_other(tmp_path):
    """A disk that is full, as the limit on the size of a file makes one."""
    record, video = tmp_path / "record.jsonl", tmp_path / "seen.mp4"
    record.write_bytes(b"x" * 200_000 + b"\n")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    said, lost = [], Counter()
    recorder = Recorder(
        Settings(record=str(record), save_video=str(video)), None, said.append, lambda *more: lost.update(dict([more]))
    )
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_100, limits[1]))
    try:
        for number in range(30):
            recorder.add(scene(frame(number)), picture())
        recorder.close()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert said == [f"can't write {record}: File too large; trying again, the run goes on"]
    assert lost == {"not_recorded": 30}
    assert record.stat().st_size == 200_001  # no piece of a line
    assert len(times(video)) == 30


def picture():
    return np.full((48, 64, 3), 100, np.uint8)


def times(path):
    with av.open(str(path)) as container:
        return [shown.time for shown in container.decode(video=0)]


def test_percentiles_are_right_to_a_quarter_percent():
    percentiles, values = Percentiles(), np.random.default_rng(0).gamma(2, 20, 5000)
    for value in values:
        percentiles.add(value)
    for percent in (50, 95, 99):
        assert percentiles.at(percent) == pytest.approx(
            np.percentile(values, percent, method="inverted_cdf"), rel=0.0026, abs=0.006
        )


def test_without_a_frame_nothing_is_measured():
    summary = Measures(0.0).summary()
    assert summary["frames_processed"] == 0
    assert summary["fps"] is summary["startup_s"] is summary["latency_ms"]["p95"] is None


def test_the_rate_counts_from_the_twentieth_frame():
    measures = Measures(0.0)
    for number in range(WARM):
        measures.add(scene(frame(number)), now=100.0 * number)  # a slow start
    assert measures.summary()["fps"] is None
    for number in range(10):
        measures.add(scene(frame(WARM + number)), now=100.0 * (WARM - 1) + 0.1 * (number + 1))
    assert measures.summary()["fps"] == pytest.approx(10)


def test_the_start_ends_with_the_first_pose():
    measures = Measures(5.0)
    measures.add(msgspec.structs.replace(nobody(), fused_at=6.0), now=6.0)
    measures.add(msgspec.structs.replace(scene(frame(1)), fused_at=7.5), now=8.0)
    measures.add(msgspec.structs.replace(scene(frame(2)), fused_at=9.0), now=9.0)
    assert measures.summary()["startup_s"] == 2.5
    assert math.isclose(measures.summary()["last_people"][0][1], 3.0)
