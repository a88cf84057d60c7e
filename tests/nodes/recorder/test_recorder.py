import json
import math

import av
import msgspec
import numpy as np
import pytest

from duopose.nodes.recorder.measures import WARM, Measures, Percentiles
from duopose.nodes.recorder.record_format import record_line, without_broken
from duopose.nodes.recorder.recorder import Recorder
from duopose.nodes.recorder.video_writer import VideoWriter
from duopose.stream.errors import UsageError
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


def test_each_line_is_on_the_disk_at_once(tmp_path):
    recorder = Recorder(Settings(record=str(tmp_path / "record.jsonl")))
    for number in range(3):
        recorder.add(scene(frame(number)))
        lines = (tmp_path / "record.jsonl").read_text().splitlines()  # the file is still open
        assert [strict(line)["frame"] for line in lines] == list(range(number + 1))
    recorder.close()


@pytest.mark.parametrize("option", ["record", "save_video"])
def test_a_file_that_cannot_be_written_is_the_users_to_mend(tmp_path, option):
    with pytest.raises(UsageError, match="can't write"):
        Recorder(Settings(**{option: str(tmp_path / "nowhere" / "file.mp4")}))


def test_a_video_of_no_known_kind_is_the_users_to_mend(tmp_path):
    with pytest.raises(UsageError, match=r"\.mp4"):
        VideoWriter(str(tmp_path / "video.poses"))


def test_a_saved_video_keeps_time_and_shows_every_frame(tmp_path):
    path = str(tmp_path / "video.mp4")
    recorder = Recorder(Settings(save_video=path))
    stamps = [0.0, 0.04, 0.5, 0.5, 2.0]  # two that are the same, as only a broken clock gives them
    for number, stamp in enumerate(stamps):
        one = scene(msgspec.structs.replace(frame(number), stamp=stamp))
        recorder.add(one, np.full((48, 64, 3), 100, np.uint8))
    recorder.close()
    with av.open(path) as container:
        frames = list(container.decode(video=0))
    np.testing.assert_allclose([frame.time for frame in frames], stamps, atol=0.001)
    image = frames[-1].to_ndarray(format="rgb24").astype(int)
    assert (image.max(-1) - image.min(-1)).max() > 50  # grey went in, something coloured was drawn


def test_pictures_of_other_sizes_go_into_the_same_video(tmp_path):
    path = str(tmp_path / "video.mp4")
    writer = VideoWriter(path)
    for number, shape in enumerate([(49, 65, 3), (100, 20, 3), (2, 300, 3)]):
        writer.add(np.full(shape, 200, np.uint8), number)
    writer.close()
    with av.open(path) as container:
        sizes = [(frame.width, frame.height) for frame in container.decode(video=0)]
    assert sizes == [(64, 48)] * 3


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
